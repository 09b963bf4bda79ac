"""What a verb's pod looks like. The one place that knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
from kubernetes.client import models as k8s  # type: ignore[import-untyped]

from demand_forecast.settings import Settings
from demand_forecast.settings.pod_settings import PodSettings, Resources
from demand_forecast.tasks.verb_task import plain_environment
from trainer.contract import INFLUXDB_VERBS, MLFLOW_VERBS, TRAINING_VERBS, Env, Region, Verb

RESULT_FILE: Final = "/airflow/xcom/return.json"
"""Where KubernetesPodOperator's sidecar looks for the result."""
_BACKSTOP: Final = timedelta(minutes=10)
"""By how much Kubernetes' own deadline is later than Airflow's, which has the better message."""


def pod_options(verb: Verb, region: Region, settings: Settings) -> dict[str, Any]:
    """Keyword arguments that make TrainerPodOperator's pod, beside the command line."""
    pod = settings.pod
    gpu = verb in pod.gpu_verbs and pod.gpu_count > 0
    waiting = timedelta(seconds=pod.schedule_timeout_seconds + pod.startup_timeout_seconds)
    execution_timeout = settings.timeout_of(verb) + waiting
    return {
        "kubernetes_conn_id": pod.kubernetes_conn_id,
        "namespace": pod.namespace,
        "name": f"demand-forecast-{verb}-{region.name.lower().replace('_', '-').strip('-')}",
        "labels": _labels(verb, pod, gpu),
        "annotations": dict(pod.annotations),
        "image": pod.image,
        "image_pull_policy": pod.image_pull_policy,
        "image_pull_secrets": [k8s.V1LocalObjectReference(name=name) for name in pod.image_pull_secrets],
        "service_account_name": pod.service_account,
        "automount_service_account_token": False,
        "env_vars": _environment(verb, region, settings),
        "env_from": _secret_environments(verb, pod),
        "volumes": _volumes(pod, gpu),
        "volume_mounts": _mounts(pod, gpu),
        "container_resources": _resources(pod, verb, gpu),
        "node_selector": dict(pod.gpu_node_selector if gpu else pod.node_selector),
        "tolerations": _as_written(tolerations=pod.gpu_tolerations if gpu else pod.tolerations).tolerations,
        "runtime_class_name": pod.gpu_runtime_class if gpu else None,
        "priority_class_name": pod.priority_class if gpu else None,
        "security_context": k8s.V1PodSecurityContext(
            run_as_non_root=True,
            run_as_user=pod.user,
            run_as_group=pod.group,
            fs_group=pod.group,
            fs_group_change_policy="OnRootMismatch",
            seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault"),
        ),
        "container_security_context": _restricted(),
        "xcom_sidecar_container_security_context": _restricted(),
        "do_xcom_push": True,
        "get_logs": True,
        "log_events_on_failure": True,
        "log_pod_spec_on_failure": False,  # the message would drown the reason
        "termination_message_policy": "FallbackToLogsOnError",
        "durable": True,
        "deferrable": pod.deferrable,
        "poll_interval": pod.poll_interval_seconds,
        "startup_timeout_seconds": pod.startup_timeout_seconds,
        "schedule_timeout_seconds": pod.schedule_timeout_seconds,
        "termination_grace_period": pod.termination_grace_period_seconds,
        "on_finish_action": pod.on_finish_action,
        "on_kill_action": "delete_pod",  # "mark failed" frees the GPU
        "execution_timeout": execution_timeout,
        "active_deadline_seconds": int((execution_timeout + _BACKSTOP).total_seconds()),
    }


def _labels(verb: Verb, pod: PodSettings, gpu: bool) -> dict[str, str]:
    labels = {
        **pod.labels,
        "app.kubernetes.io/name": "demand-forecast",
        "app.kubernetes.io/component": verb.value,
    }
    if gpu and pod.kueue_queue:
        labels["kueue.x-k8s.io/queue-name"] = pod.kueue_queue
    return labels


def _environment(verb: Verb, region: Region, settings: Settings) -> list[k8s.V1EnvVar]:
    pod = settings.pod
    values = {
        "HOME": "/tmp",
        "XDG_CACHE_HOME": "/cache",
        "MPLCONFIGDIR": "/cache/matplotlib",
        **pod.env,
        **plain_environment(verb, region, settings),
        Env.RESULT_FILE: RESULT_FILE,
    }
    variables = [k8s.V1EnvVar(name=str(name), value=value) for name, value in values.items()]
    if settings.reads_database(verb):
        study = pod.study_secret if settings.searches(verb) else None
        variables.append(_from_secret(Env.POSTGRES_URL, study or pod.postgres_secret, "url"))
    if verb in INFLUXDB_VERBS and settings.influxdb_url:
        variables.append(_from_secret(Env.INFLUXDB_TOKEN, pod.influxdb_secret, "token"))
    return variables


def _from_secret(name: Env, secret: str, key: str) -> k8s.V1EnvVar:
    reference = k8s.V1SecretKeySelector(name=secret, key=key)
    return k8s.V1EnvVar(name=name.value, value_from=k8s.V1EnvVarSource(secret_key_ref=reference))


def _secret_environments(verb: Verb, pod: PodSettings) -> list[k8s.V1EnvFromSource]:
    names = list(pod.env_from_secrets)
    if verb in MLFLOW_VERBS and pod.mlflow_secret:
        names.append(pod.mlflow_secret)
    return [k8s.V1EnvFromSource(secret_ref=k8s.V1SecretEnvSource(name=name)) for name in names]


def _volumes(pod: PodSettings, gpu: bool) -> list[k8s.V1Volume]:
    volumes = [
        k8s.V1Volume(name="tmp", empty_dir=k8s.V1EmptyDirVolumeSource()),
        k8s.V1Volume(name="cache", empty_dir=k8s.V1EmptyDirVolumeSource()),
    ]
    if gpu:
        shm = k8s.V1EmptyDirVolumeSource(medium="Memory", size_limit=pod.shm_size)
        volumes.append(k8s.V1Volume(name="shm", empty_dir=shm))
    if pod.store_claim:
        claim = k8s.V1PersistentVolumeClaimVolumeSource(claim_name=pod.store_claim)
        volumes.append(k8s.V1Volume(name="store", persistent_volume_claim=claim))
    return [*volumes, *_as_written(volumes=pod.volumes).volumes]


def _mounts(pod: PodSettings, gpu: bool) -> list[k8s.V1VolumeMount]:
    places = {"tmp": "/tmp", "cache": "/cache"}
    if gpu:
        places["shm"] = "/dev/shm"
    if pod.store_claim:
        places["store"] = pod.store_mount_path
    ours = [k8s.V1VolumeMount(name=name, mount_path=path) for name, path in places.items()]
    return [*ours, *_as_written(mounts=pod.volume_mounts).containers[0].volume_mounts]


def _resources(pod: PodSettings, verb: Verb, gpu: bool) -> k8s.V1ResourceRequirements:
    wanted: Resources = pod.training if gpu or verb in TRAINING_VERBS else pod.light
    requests = {"cpu": wanted.cpu, "memory": wanted.memory, "ephemeral-storage": wanted.ephemeral_storage}
    limits = {name: value for name, value in requests.items() if name != "cpu"}
    if wanted.cpu_limit:
        limits["cpu"] = wanted.cpu_limit
    if gpu:
        requests[pod.gpu_resource] = limits[pod.gpu_resource] = str(pod.gpu_count)
    return k8s.V1ResourceRequirements(requests=requests, limits=limits)


def _as_written(
    *,
    tolerations: Sequence[Mapping[str, Any]] = (),
    volumes: Sequence[Mapping[str, Any]] = (),
    mounts: Sequence[Mapping[str, Any]] = (),
) -> k8s.V1PodSpec:
    """Parts of a pod that a site wrote down as Kubernetes writes them, as the client's own objects."""
    spec = {
        "containers": [{"name": "base", "volumeMounts": list(mounts)}],
        "tolerations": list(tolerations),
        "volumes": list(volumes),
    }
    return PodGenerator.deserialize_model_dict({"spec": spec}).spec


def _restricted() -> k8s.V1SecurityContext:
    """What PodSecurity `restricted` asks of every container, and a read-only root besides."""
    return k8s.V1SecurityContext(
        run_as_non_root=True,
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        capabilities=k8s.V1Capabilities(drop=["ALL"]),
        seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault"),
    )
