"""The pod of every verb, as Kubernetes would get it. No cluster: the object is built, not sent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG
from kubernetes.client import ApiClient

from demand_forecast.promotion.retrain import SHARD
from demand_forecast.tasks.pod_operator import TrainerPodOperator
from demand_forecast.tasks.runtime import mapped_trainer_task, trainer_task
from tests.names import TRAINER_IMAGE
from trainer.contract import (
    DATABASE_VERBS,
    GPU_VERBS,
    INFLUXDB_VERBS,
    MLFLOW_VERBS,
    Verb,
    load_regions,
    search_step,
)

KR = load_regions({})["KR"]
pytestmark = pytest.mark.usefixtures("on_kubernetes")


def operator(verb: Verb, options: dict[str, str] | None = None) -> TrainerPodOperator:
    with DAG("weekly_retrain_KR"):
        task = trainer_task(verb, KR, options)
    assert isinstance(task, TrainerPodOperator)
    return task


def pod(verb: Verb, options: dict[str, str] | None = None) -> dict[str, Any]:
    """As JSON, the way it travels to the API server."""
    built: dict[str, Any] = ApiClient().sanitize_for_serialization(
        operator(verb, options).build_pod_request_obj(dry_run=True)
    )
    return built


def base(spec: dict[str, Any]) -> dict[str, Any]:
    return next(c for c in spec["spec"]["containers"] if c["name"] == "base")


def variables(spec: dict[str, Any]) -> dict[str, Any]:
    return {v["name"]: v.get("value", v.get("valueFrom")) for v in base(spec)["env"]}


RUN = SimpleNamespace(dag_id="weekly_retrain_KR", run_id="manual__1")

every_verb = pytest.mark.parametrize("verb", list(Verb))


@every_verb
def test_every_container_passes_pod_security_restricted(verb: Verb) -> None:
    spec = pod(verb)["spec"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert [c["name"] for c in spec["containers"]] == ["base", "airflow-xcom-sidecar"]
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "runAsNonRoot": True,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        }


@every_verb
def test_no_pod_gets_a_service_account_token(verb: Verb) -> None:
    spec = pod(verb)["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["serviceAccountName"] == "demand-forecast-trainer"
    assert spec["hostNetwork"] is False


@every_verb
def test_what_is_written_goes_to_volumes(verb: Verb) -> None:
    built = pod(verb)
    mounts = {m["mountPath"]: m["name"] for m in base(built)["volumeMounts"]}
    volumes = {v["name"]: v for v in built["spec"]["volumes"]}
    assert volumes[mounts["/tmp"]]["emptyDir"] == {}
    assert volumes[mounts["/cache"]]["emptyDir"] == {}
    assert all(variables(built)[name].startswith(("/tmp", "/cache")) for name in ("HOME", "XDG_CACHE_HOME"))


@every_verb
def test_only_training_verbs_hold_a_gpu(verb: Verb) -> None:
    built = pod(verb)
    spec, limits = built["spec"], base(built)["resources"]["limits"]
    gpu = verb in GPU_VERBS
    assert limits.get("nvidia.com/gpu") == ("1" if gpu else None)
    assert spec["nodeSelector"] == ({"nvidia.com/gpu.present": "true"} if gpu else {})
    assert [t["key"] for t in spec["tolerations"]] == (["nvidia.com/gpu"] if gpu else [])
    shm = [v["emptyDir"] for v in spec["volumes"] if v["name"] == "shm"]
    assert shm == ([{"medium": "Memory", "sizeLimit": "2Gi"}] if gpu else [])


@every_verb
def test_memory_and_storage_are_bounded_so_that_quotas_admit_the_pod(verb: Verb) -> None:
    resources = base(pod(verb))["resources"]
    for name in ("memory", "ephemeral-storage"):
        assert resources["limits"][name] == resources["requests"][name]
    assert resources["requests"]["cpu"]


@every_verb
def test_secrets_go_by_reference_to_the_verbs_that_need_them(
    configure, monkeypatch: pytest.MonkeyPatch, verb: Verb
) -> None:
    monkeypatch.setenv("INFLUXDB_URL", "http://influxdb:8086")
    configure()
    seen = variables(pod(verb))
    database = {"secretKeyRef": {"name": "demand-forecast-postgres", "key": "url"}}
    influxdb = {"secretKeyRef": {"name": "demand-forecast-influxdb", "key": "token"}}
    assert seen.get("DEMAND_FORECAST_POSTGRES_URL") == (database if verb in DATABASE_VERBS else None)
    assert seen.get("INFLUXDB_TOKEN") == (influxdb if verb in INFLUXDB_VERBS else None)


@every_verb
def test_a_role_for_studies_alone_takes_the_database_s_place_in_search(configure, verb: Verb) -> None:
    configure(POD__STUDY_SECRET="studies")
    seen = variables(pod(verb)).get("DEMAND_FORECAST_POSTGRES_URL")
    secrets = {source["secretKeyRef"]["name"] for source in [seen] if source}
    database = {"demand-forecast-postgres"} if verb in DATABASE_VERBS else set()
    assert secrets == ({"studies"} if verb is Verb.SEARCH else database)


def test_without_influxdb_no_pod_waits_for_its_secret() -> None:
    assert "INFLUXDB_TOKEN" not in variables(pod(Verb.PUBLISH))


@every_verb
def test_mlflow_s_credentials_go_to_the_verbs_that_speak_to_it(configure, verb: Verb) -> None:
    configure(POD__MLFLOW_SECRET="mlflow", POD__ENV_FROM_SECRETS='["object-store"]')
    names = [source["secretRef"]["name"] for source in base(pod(verb))["envFrom"]]
    assert names == ["object-store", *(["mlflow"] if verb in MLFLOW_VERBS else [])]


@every_verb
def test_the_operator_is_set_as_long_work_needs_it(verb: Verb) -> None:
    task = operator(verb)
    assert (task.deferrable, task.durable, task.random_name_suffix) == (True, True, True)
    assert task.retries >= 1  # durable pods are found again by a retry only
    assert task.do_xcom_push
    assert task.on_kill_action.value == "delete_pod"  # "mark failed" frees the GPU
    assert task.on_finish_action.value == "delete_pod"
    assert task.schedule_timeout_seconds >= 1200
    assert task.startup_timeout_seconds >= 1200
    assert task.execution_timeout is not None
    assert task.active_deadline_seconds > task.execution_timeout.total_seconds()
    waiting = task.schedule_timeout_seconds + task.startup_timeout_seconds
    assert task.execution_timeout.total_seconds() > waiting  # so that the clearer error comes first


def test_the_pod_runs_the_image_s_entry_point_with_the_verb_s_arguments() -> None:
    built = pod(Verb.SEARCH, {"trials": "3", "seed": "None"})
    container = base(built)
    assert container["image"] == TRAINER_IMAGE
    assert container["command"] == []
    assert container["args"][:2] == ["search", "--region=KR"]
    assert container["args"][-1] == "--trials=3"
    assert variables(built)["DEMAND_FORECAST_RESULT_FILE"] == "/airflow/xcom/return.json"
    assert load_regions(variables(built)) == {"KR": KR}


def instance(index: int, pods: int) -> tuple[TrainerPodOperator, dict[str, Any]]:
    """One of the mapped search's tasks as a worker makes it, and its pod."""
    with DAG("weekly_retrain_KR", user_defined_macros={"trainer_run_id": str, "as_of": lambda *_: "now"}):
        plan: Any = PythonOperator(task_id="plan_search", python_callable=list)
        mapped = mapped_trainer_task(Verb.SEARCH, KR, plan.output, SHARD)
    task: Any = mapped.unmap({"step": search_step(index, pods)})
    ti = SimpleNamespace(
        dag_id="weekly_retrain_KR", task_id="search", run_id="manual__1", try_number=1, map_index=index
    )
    dag_run = SimpleNamespace(**vars(RUN), logical_date=None)
    params = {"search_pods": pods}
    context: Any = {"ti": ti, "dag": task.dag, "dag_run": dag_run, "run_id": RUN.run_id, "params": params}
    task.render_template_fields({**context, "task": task})
    built = task.build_pod_request_obj(context, dry_run=True)
    return task, ApiClient().sanitize_for_serialization(built)


def test_each_pod_of_a_search_is_told_its_part_and_can_be_told_apart() -> None:
    for index in range(2):
        task, built = instance(index, 2)
        assert base(built)["args"][-1] == f"--shard={index}/2"
        assert built["metadata"]["labels"]["map_index"] == str(index)
        assert task.step == f"search-{index}of2"


def test_a_pod_of_a_search_is_made_as_any_other_that_trains() -> None:
    (mapped, built), alone = instance(0, 2), operator(Verb.TRAIN)
    assert base(built)["resources"] == base(pod(Verb.TRAIN))["resources"]
    for name in ("retries", "retry_delay", "durable", "deferrable", "pool", "do_xcom_push"):
        assert getattr(mapped, name) == getattr(alone, name), name
    assert mapped.on_kill_action.value == "delete_pod"
    assert mapped.execution_timeout is not None
    assert mapped.active_deadline_seconds > mapped.execution_timeout.total_seconds()


def test_a_file_store_is_a_claim_that_pods_mount(configure) -> None:
    configure(POD__STORE_CLAIM="models", POD__STORE_MOUNT_PATH="/store", POD_STORE_URL="file:///store")
    built = pod(Verb.TRAIN)
    assert {"name": "store", "persistentVolumeClaim": {"claimName": "models"}} in built["spec"]["volumes"]
    assert {"name": "store", "mountPath": "/store"} in base(built)["volumeMounts"]
    assert "--store=file:///store" in base(built)["args"]


def test_queue_priority_and_runtime_class_belong_to_gpu_pods(configure) -> None:
    configure(
        POD__KUEUE_QUEUE="gpu",
        POD__PRIORITY_CLASS="training",
        POD__GPU_RUNTIME_CLASS="nvidia",
    )
    training, light = pod(Verb.TRAIN), pod(Verb.SNAPSHOT)
    assert training["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "gpu"
    assert (training["spec"]["priorityClassName"], training["spec"]["runtimeClassName"]) == (
        "training",
        "nvidia",
    )
    assert "kueue.x-k8s.io/queue-name" not in light["metadata"]["labels"]
    assert {"priorityClassName", "runtimeClassName"}.isdisjoint(light["spec"])


def test_without_gpus_training_pods_go_anywhere(configure) -> None:
    configure(POD__GPU_COUNT="0", POD__NODE_SELECTOR='{"pool": "cpu"}')
    built = pod(Verb.TRAIN)
    assert "nvidia.com/gpu" not in base(built)["resources"]["limits"]
    assert built["spec"]["nodeSelector"] == {"pool": "cpu"}
    assert base(built)["resources"]["requests"]["memory"] == "16Gi"


def test_another_verb_holds_a_gpu_where_it_is_told_to(configure) -> None:
    configure(POD__GPU_VERBS='["search", "train", "evaluate"]', TRAINING_POOL="training")
    built = pod(Verb.EVALUATE)
    assert base(built)["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert base(built)["resources"]["requests"]["memory"] == "16Gi"
    assert built["spec"]["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert operator(Verb.EVALUATE).pool == "training"
    assert "nvidia.com/gpu" not in base(pod(Verb.FORECAST))["resources"]["limits"]


def test_sites_add_volumes_and_variables_of_their_own(configure) -> None:
    configure(
        POD__VOLUMES='[{"name": "ca", "configMap": {"name": "ca"}}]',
        POD__VOLUME_MOUNTS='[{"name": "ca", "mountPath": "/etc/ca", "readOnly": true}]',
        POD__ENV='{"SSL_CERT_FILE": "/etc/ca/ca.crt"}',
        POD__ANNOTATIONS='{"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}',
        POD__IMAGE_PULL_SECRETS='["registry"]',
    )
    built = pod(Verb.EVALUATE)
    assert {"name": "ca", "configMap": {"name": "ca"}} in built["spec"]["volumes"]
    assert {"name": "ca", "mountPath": "/etc/ca", "readOnly": True} in base(built)["volumeMounts"]
    assert variables(built)["SSL_CERT_FILE"] == "/etc/ca/ca.crt"
    assert built["metadata"]["annotations"] == {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}
    assert built["spec"]["imagePullSecrets"] == [{"name": "registry"}]
