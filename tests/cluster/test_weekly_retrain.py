"""The main job with every trainer verb in a pod: retrain, promotion, record, then the daily forecast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from stack import influxdb, influxdb_binary, postgres
from stack.series import choose
from stack.state import Service, State
from tests.cluster.airflow_outside import AirflowOutside, Run, variables
from tests.cluster.node.kubectl import get
from tests.cluster.node.layout import GPU_RESOURCE
from tests.cluster.pods_seen import PodsSeen
from tests.cluster.release import Release
from trainer.contract import DATABASE_VERBS, GPU_VERBS, INFLUXDB_VERBS, Verb

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(2400)]

QUICK = {"lookback_days": 420, "holdout_days": 14, "trials": 1, "epochs": 1}
DONE = "success"


@pytest.fixture(scope="module")
def database(postgres_url: str) -> str:
    return postgres.create_database(postgres_url, "cluster")


@pytest.fixture(scope="module")
def influxdb_service(stack_state: State) -> Service:
    binary = influxdb_binary.found()
    if binary is None:
        pytest.skip(influxdb_binary.WAYS)
    return influxdb.ensure(stack_state, binary, environ={}, port=0)


@pytest.fixture(scope="module")
def release(
    database: str,
    influxdb_service: Service,
    lent: Callable[[str], str],
    make_release: Callable[..., Release],
) -> Release:
    influxdb.make_bucket(influxdb_service, "cluster")
    server = {"url": lent(influxdb_service.url), "org": influxdb_service.details["org"], "bucket": "cluster"}
    made = make_release(lent(database), influxdb=server, influxdbToken=influxdb_service.details["token"])
    made.helm("install")
    return made


@pytest.fixture(scope="module")
def airflow(
    release: Release,
    database: str,
    stack_state: State,
    airflow_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[AirflowOutside]:
    region = choose(None, "GR").region
    folder = tmp_path_factory.mktemp("kubeconfig")
    given = variables(release, database, folder, {region.name: region.to_dict()})
    outside = AirflowOutside(stack_state, airflow_environment, given)
    yield outside
    outside.close()


@pytest.fixture(scope="module")
def as_of() -> str:
    return choose(None, "GR").as_of.isoformat()


@pytest.fixture(scope="module")
def ingested(airflow: AirflowOutside, as_of: str) -> Run:
    run = airflow.trigger("data_ingestion_GR", {"as_of": as_of})
    run.wait(600)
    return run


@pytest.fixture(scope="module")
def retrained(airflow: AirflowOutside, ingested: Run, as_of: str) -> Run:
    run = airflow.trigger("weekly_retrain_GR", {"as_of": as_of, **QUICK})
    run.wait(1800)
    return run


def rows(database: str, query: str) -> list[dict[str, object]]:
    with psycopg.connect(database, row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()


def component(pod: Any) -> str:
    return str(pod.metadata.labels["app.kubernetes.io/component"])


def verbs(seen: PodsSeen, release: Release) -> list[Any]:
    """The pods that ran a verb of the trainer; there are some, or nothing would be shown by them."""
    pods = [pod for pod in seen.of(release.namespace) if component(pod) in {verb.value for verb in Verb}]
    assert {"search", "train"} <= {component(pod) for pod in pods}
    return pods


def test_ingest_in_a_pod_fills_the_table(ingested: Run, database: str) -> None:
    assert ingested.states() == {"ingest": DONE}
    (count,) = rows(database, "select count(*) as hours from raw_demand where region = 'GR'")
    assert int(str(count["hours"])) > 30_000


def test_weekly_retrain_trains_in_pods_and_promotes_the_first_model(
    retrained: Run, release: Release, database: str
) -> None:
    skipped = {"keep_production": "skipped"}
    states = retrained.states()
    assert states == {**dict.fromkeys(states, DONE), **skipped}
    (row,) = rows(database, "select * from model_deployments")
    assert row["status"] == "active"
    assert row["version"] == retrained.manifest(release, "GR", "train").facts["version"]
    assert row["run_id"] == f"{retrained.dag_id}/{retrained.run_id}"


def test_pods_that_train_hold_a_gpu_and_no_others_do(
    retrained: Run, release: Release, pods_seen: PodsSeen
) -> None:
    for pod in verbs(pods_seen, release):
        limits = pod.spec.containers[0].resources.limits
        trains = component(pod) in {verb.value for verb in GPU_VERBS}
        assert limits.get(GPU_RESOURCE) == ("1" if trains else None), component(pod)
        assert bool(pod.spec.node_selector) == trains
    used = get("resourcequota", "demand-forecast", "-n", release.namespace)["status"]["used"]
    assert used[f"requests.{GPU_RESOURCE}"] == "0", "every GPU was given back"


def test_a_pod_sees_the_secrets_of_its_verb_alone(
    retrained: Run, release: Release, pods_seen: PodsSeen
) -> None:
    for pod in verbs(pods_seen, release):
        references = [e.value_from.secret_key_ref for e in pod.spec.containers[0].env if e.value_from]
        expected = {"demand-forecast-postgres"} if component(pod) in DATABASE_VERBS else set()
        expected |= {"demand-forecast-influxdb"} if component(pod) in INFLUXDB_VERBS else set()
        assert {reference.name for reference in references} == expected, component(pod)


def test_pods_run_under_the_account_without_rights_and_without_its_token(
    retrained: Run, release: Release, pods_seen: PodsSeen
) -> None:
    for pod in verbs(pods_seen, release):
        assert pod.spec.service_account_name == "demand-forecast-trainer"
        assert not any(volume.projected for volume in pod.spec.volumes)
        assert {container.name for container in pod.spec.containers} == {"base", "airflow-xcom-sidecar"}


def test_pods_are_gone_at_the_end(retrained: Run, release: Release) -> None:
    assert get("pods", "-n", release.namespace)["items"] == []


def test_daily_forecast_publishes_with_the_promoted_model(
    airflow: AirflowOutside, retrained: Run, release: Release, database: str, as_of: str
) -> None:
    run = airflow.trigger("daily_forecast_GR", {"as_of": as_of})
    run.wait(900)
    assert {task: state for task, state in run.states().items() if state not in (DONE, "skipped")} == {}
    (forecast,) = rows(
        database,
        "select count(*) as points, max(model_version) as version, max(fallback) as fallback "
        "from predictions",
    )
    (champion,) = rows(database, "select version from model_deployments where status = 'active'")
    assert forecast == {"points": 24, "version": champion["version"], "fallback": "none"}
