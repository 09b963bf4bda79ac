"""How a trainer pod is made: image, GPU, resources, secrets by reference. Part of the one settings object."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from trainer.contract import Verb

MODEL_CONFIG: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
"""Of every group of settings. Airflow shows everybody why a DAG file does not load, and what was set may be
a credential."""

_QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?")


def _quantity(value: str) -> str:
    if not _QUANTITY.fullmatch(value):
        raise ValueError(f"{value!r} is no Kubernetes quantity such as 500m, 4 or 8Gi")
    return value


Quantity = Annotated[str, AfterValidator(_quantity)]


def _pinned(image: str) -> str:
    """An image that names what it is: by digest, or by a tag other than `latest`."""
    if not image or "@sha256:" in image:
        return image
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    if not tag or tag == "latest":
        raise ValueError(f"image {image!r}: name a version (:1.2.3) or a digest (@sha256:...), not `latest`")
    return image


class Resources(BaseModel):
    """What one class of verbs asks for and is held to. Memory and storage limits equal the requests."""

    model_config = MODEL_CONFIG

    cpu: Quantity = Field(description="CPU cores requested")
    cpu_limit: Quantity | None = Field(default=None, description="CPU limit; none lets a pod use idle cores")
    memory: Quantity = Field(description="Memory, request and limit; /dev/shm counts against it")
    ephemeral_storage: Quantity = Field(description="Ephemeral storage, request and limit")


class TrainingResources(Resources):
    """Search and train, and what else is a GPU pod."""

    cpu: Quantity = Field(default="4", description="CPU cores requested")
    memory: Quantity = Field(
        default="16Gi", description="Memory, request and limit; /dev/shm counts against it"
    )
    ephemeral_storage: Quantity = Field(default="10Gi", description="Ephemeral storage, request and limit")


class LightResources(Resources):
    """All other verbs."""

    cpu: Quantity = Field(default="500m", description="CPU cores requested")
    memory: Quantity = Field(default="3Gi", description="Memory, request and limit")
    ephemeral_storage: Quantity = Field(default="2Gi", description="Ephemeral storage, request and limit")


class PodSettings(BaseModel):
    """Everything of a pod that a site decides. Kubernetes' own field names in snake case."""

    model_config = MODEL_CONFIG

    image: Annotated[str, AfterValidator(_pinned)] = Field(
        default="", description="Trainer image, by version or digest; needed by the kubernetes runtime"
    )
    image_pull_policy: Literal["IfNotPresent", "Always", "Never"] = Field(
        default="IfNotPresent", description="When the kubelet pulls the image"
    )
    image_pull_secrets: tuple[str, ...] = Field(
        default=(), description="Names of Secrets with registry credentials, as a JSON list"
    )
    kubernetes_conn_id: str = Field(
        default="kubernetes_default", description="Airflow connection to the cluster"
    )
    namespace: str = Field(default="demand-forecast", description="Namespace the pods run in")
    service_account: str = Field(
        default="demand-forecast-trainer",
        description="ServiceAccount of the pods; it needs no rights and its token is not mounted",
    )
    labels: dict[str, str] = Field(default_factory=dict, description="Labels for every pod, JSON")
    annotations: dict[str, str] = Field(default_factory=dict, description="Annotations for every pod, JSON")
    env: dict[str, str] = Field(default_factory=dict, description="Further environment of every pod, JSON")
    env_from_secrets: tuple[str, ...] = Field(
        default=(),
        description="Names of Secrets whose keys every pod sees as environment, such as object store keys",
    )
    volumes: tuple[dict[str, Any], ...] = Field(
        default=(), description="Further volumes as Kubernetes writes them, a JSON list"
    )
    volume_mounts: tuple[dict[str, Any], ...] = Field(
        default=(), description="Further volume mounts as Kubernetes writes them, a JSON list"
    )
    store_claim: str | None = Field(
        default=None, description="PersistentVolumeClaim that holds a file:// model store"
    )
    store_mount_path: str = Field(
        default="/var/lib/demand-forecast", description="Where the model store claim is mounted"
    )
    user: int = Field(default=10001, ge=1, description="User id that the containers run as")
    group: int = Field(
        default=10001, ge=1, description="Group id of the containers and of their volumes' files"
    )

    gpu_count: int = Field(default=1, ge=0, description="GPUs of each GPU pod; 0 trains on the CPU")
    gpu_verbs: tuple[Verb, ...] = Field(
        default=(Verb.SEARCH, Verb.TRAIN),
        description="Verbs whose pods are GPU pods, as a JSON list; those added get the training resources",
    )
    gpu_resource: str = Field(default="nvidia.com/gpu", description="Extended resource that counts GPUs")
    gpu_node_selector: dict[str, str] = Field(
        default_factory=lambda: {"nvidia.com/gpu.present": "true"},
        description="Labels a GPU node must have, JSON; a toleration alone only permits",
    )
    gpu_tolerations: tuple[dict[str, Any], ...] = Field(
        default=({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},),
        description="Taints that GPU pods tolerate, a JSON list",
    )
    gpu_runtime_class: str | None = Field(
        default=None, description="runtimeClassName of GPU pods, such as nvidia"
    )
    node_selector: dict[str, str] = Field(
        default_factory=dict, description="Node labels for pods without a GPU, JSON"
    )
    tolerations: tuple[dict[str, Any], ...] = Field(
        default=(), description="Taints that pods without a GPU tolerate, a JSON list"
    )
    priority_class: str | None = Field(default=None, description="priorityClassName of GPU pods")
    kueue_queue: str | None = Field(default=None, description="Kueue LocalQueue of GPU pods")
    shm_size: Quantity = Field(default="2Gi", description="Size of /dev/shm in GPU pods; it is memory")

    training: TrainingResources = Field(
        default=TrainingResources(), description="Resources of search and train pods"
    )
    light: LightResources = Field(default=LightResources(), description="Resources of all other pods")

    postgres_secret: str = Field(
        default="demand-forecast-postgres",
        description="Secret whose key `url` is the PostgreSQL URL; only database verbs see it",
    )
    study_secret: str | None = Field(
        default=None,
        description="Secret whose key `url` is the PostgreSQL URL that search sees instead: of a role that "
        "owns the schema `optuna` and nothing else",
    )
    influxdb_secret: str = Field(
        default="demand-forecast-influxdb",
        description="Secret whose key `token` is the InfluxDB token; only ingest, publish, intraday and "
        "score see it, and only where INFLUXDB_URL is set",
    )
    mlflow_secret: str | None = Field(
        default=None,
        description="Secret whose keys (MLFLOW_TRACKING_USERNAME, ...) the MLflow verbs see as environment",
    )

    startup_timeout_seconds: int = Field(
        default=1800, ge=1, description="How long a scheduled pod may take to start; large images are slow"
    )
    schedule_timeout_seconds: int = Field(
        default=1800, ge=1, description="How long a pod may wait for a node; GPU nodes scale up slowly"
    )
    termination_grace_period_seconds: int = Field(
        default=60, ge=0, description="Seconds between SIGTERM, on which a verb ends at once, and SIGKILL"
    )
    on_finish_action: Literal["delete_pod", "delete_succeeded_pod"] = Field(
        default="delete_pod", description="Whether a failed pod is left for inspection"
    )
    deferrable: bool = Field(
        default=True, description="Wait for pods in the triggerer instead of holding a worker slot"
    )
    poll_interval_seconds: float = Field(default=30, gt=0, description="How often the triggerer looks")

    @model_validator(mode="after")
    def _gpu_pods_find_their_node(self) -> Self:
        if self.gpu_count and not self.gpu_node_selector:
            raise ValueError(
                "gpu_node_selector is empty: GPU pods need a node selector beside their toleration, "
                'such as {"nvidia.com/gpu.present": "true"}'
            )
        return self
