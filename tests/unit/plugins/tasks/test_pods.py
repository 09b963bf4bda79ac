"""The pod of every verb, as Kubernetes would get it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.names import TRAINER_IMAGE
from tests.unit.plugins.tasks.built_pods import base, operator, pod, variables
from tests.unit.plugins.tasks.weekly_run import KR
from trainer.contract import DATABASE_VERBS, INFLUXDB_VERBS, MLFLOW_VERBS, TRAINING_VERBS, Verb, load_regions

pytestmark = pytest.mark.usefixtures("on_kubernetes")
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
    gpu = verb in TRAINING_VERBS
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


def test_a_train_that_searches_reaches_the_studies_and_may_take_the_time_of_both(configure) -> None:
    alone = operator(Verb.TRAIN)
    configure(SEARCH_WITH_TRAIN="true", POD__STUDY_SECRET="studies", TIMEOUT_MINUTES__SEARCH="100")
    seen = variables(pod(Verb.TRAIN))["DEMAND_FORECAST_POSTGRES_URL"]
    assert seen == {"secretKeyRef": {"name": "studies", "key": "url"}}
    both = operator(Verb.TRAIN).execution_timeout
    assert both is not None
    assert alone.execution_timeout is not None
    assert both - alone.execution_timeout == timedelta(minutes=100)


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
