"""The main job with every trainer verb in a pod: retrain, promotion, record, then the daily forecast."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import mlflow
import psycopg
import pytest
from psycopg.rows import dict_row

from stack import influxdb
from stack.node.kubectl import get
from stack.node.layout import GPU_RESOURCE
from stack.release import Release
from stack.series import Series
from stack.state import Service, State
from tests.cluster.airflow_outside import AirflowOutside, Run, states_until_done
from tests.cluster.pods_seen import PodsSeen
from tests.cluster.verbs_seen import component, verbs, work
from trainer.contract import DATABASE_VERBS, INFLUXDB_VERBS, TRAINING_VERBS, Verb, search_step
from trainer.observers.tracking import CHAMPION_ALIAS, VERSION_TAG, registered_model

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(2400)]
SEARCH_PODS = 2
QUICK = {"lookback_days": 420, "holdout_days": 14, "trials": 4, "epochs": 2, "search_pods": SEARCH_PODS}
DONE = "success"
STUDIES_ROLE = "cluster_studies"
"""A role of the database that search's pods have instead of the owner's."""
STUDIES_SECRET = "cluster-studies"
"""The Secret with its URL."""


@pytest.fixture(scope="module")
def studies_url(database: str) -> Iterator[str]:
    """The URL of a role that owns the schema of the searches' studies and nothing else."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {STUDIES_ROLE} LOGIN PASSWORD 'studies'")
        connection.execute(f"CREATE SCHEMA optuna AUTHORIZATION {STUDIES_ROLE}")
    parts = urlsplit(database)
    yield urlunsplit(parts._replace(netloc=f"{STUDIES_ROLE}:studies@{parts.netloc.rpartition('@')[2]}"))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {STUDIES_ROLE}")
        connection.execute(f"DROP ROLE {STUDIES_ROLE}")


@pytest.fixture(scope="module")
def release(
    database: str,
    studies_url: str,
    influxdb_service: Service,
    mlflow_uri: str,
    lent: Callable[[str], str],
    make_release: Callable[..., Release],
) -> Release:
    """The chart installed with all three servers."""
    influxdb.make_bucket(influxdb_service, "cluster")
    details = influxdb_service.details
    made = make_release(
        lent(database),
        influxdb_token=details["token"],
        influxdb={"url": lent(influxdb_service.url), "org": details["org"], "bucket": "cluster"},
        mlflow={"trackingUri": lent(mlflow_uri)},
        postgres={"studySecret": STUDIES_SECRET},
    )
    made.add_secret(STUDIES_SECRET, url=lent(studies_url))
    made.helm("install")
    return made


@pytest.fixture(scope="module")
def airflow(
    dag_variables: dict[str, str], stack_state: State, airflow_environment: dict[str, str]
) -> Iterator[AirflowOutside]:
    outside = AirflowOutside(stack_state, airflow_environment, dag_variables)
    yield outside
    outside.close()


@pytest.fixture(scope="module")
def as_of(sample: Series) -> str:
    return sample.as_of.isoformat()


@pytest.fixture(scope="module")
def ingested(airflow: AirflowOutside, as_of: str) -> Run:
    run = airflow.trigger("data_ingestion_GR", {"as_of": as_of})
    run.wait(600)
    return run


@pytest.fixture(scope="module")
def retrained(airflow: AirflowOutside, ingested: Run, as_of: str) -> Run:
    """With the refit that its decision starts."""
    run = airflow.trigger("weekly_retrain_GR", {"as_of": as_of, **QUICK})
    assert "deferred" in states_until_done(run)
    refit = Run(run.api, "refit_model_GR", f"refit__{run.dag_id}__{run.run_id}")
    assert refit.wait(600) == DONE, refit.states()
    return run


def rows(database: str, query: str) -> list[dict[str, object]]:
    with psycopg.connect(database, row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()


def test_ingest_in_a_pod_fills_the_table(ingested: Run, database: str) -> None:
    assert ingested.states() == {"ingest": DONE}
    (count,) = rows(database, "select count(*) as hours from raw_demand where region = 'GR'")
    assert int(str(count["hours"])) > 30_000


def test_weekly_retrain_trains_in_pods_and_promotes_the_first_model(
    retrained: Run, release: Release, database: str
) -> None:
    states = retrained.states()
    assert states == {**dict.fromkeys(states, DONE), "keep_production": "skipped"}
    (row,) = rows(database, "select * from model_deployments where parent is null")
    assert row["version"] == retrained.manifest(release, "GR", "train").facts["version"]
    assert row["run_id"] == f"{retrained.dag_id}/{retrained.run_id}"


def test_the_champion_is_brought_up_to_date_in_a_pod(retrained: Run, database: str, as_of: str) -> None:
    (judged,) = rows(database, "select * from model_deployments where parent is null")
    (champion,) = rows(database, "select * from model_deployments where status = 'active'")
    assert (champion["parent"], champion["judged_version"]) == (judged["version"], judged["version"])
    assert str(champion["trained_to"]) > str(judged["trained_to"])


def test_two_pods_searched_at_once_and_the_better_candidate_was_trained(
    retrained: Run, release: Release, pods_seen: PodsSeen
) -> None:
    pods = [pod for pod in verbs(pods_seen, release) if component(pod) == Verb.SEARCH]
    assert [pod.spec.containers[0].resources.limits[GPU_RESOURCE] for pod in pods] == ["1"] * SEARCH_PODS
    worked = [work(pod) for pod in pods]
    assert max(end.started_at for end in worked) < min(end.finished_at for end in worked)
    parts = [
        retrained.manifest(release, "GR", search_step(index, SEARCH_PODS)) for index in range(SEARCH_PODS)
    ]
    assert [len(part.facts["trials"]) for part in parts] == [2, 2]
    best = min(parts, key=lambda part: part.metrics["validation_loss"])
    assert retrained.manifest(release, "GR", "train").facts["config"] == best.facts["best"]


def test_search_kept_its_trials_under_a_role_that_sees_nothing_else(retrained: Run, database: str) -> None:
    owners = rows(database, "select distinct tableowner from pg_tables where schemaname = 'optuna'")
    assert owners == [{"tableowner": STUDIES_ROLE}]
    (trials,) = rows(database, "select count(*) from optuna.trials")
    assert trials["count"] == QUICK["trials"]
    seen = rows(
        database,
        "select relname from pg_class where relkind in ('r', 'v') and relnamespace = 'public'::regnamespace "
        f"and has_table_privilege('{STUDIES_ROLE}', oid, 'select')",
    )
    assert seen == []


def test_mlflow_has_the_run_its_figures_and_the_champion(
    retrained: Run, release: Release, mlflow_uri: str
) -> None:
    train, evaluation = (retrained.manifest(release, "GR", step) for step in ("train", "evaluate"))
    client = mlflow.MlflowClient(tracking_uri=mlflow_uri)
    champion = client.get_model_version_by_alias(registered_model("GR"), CHAMPION_ALIAS)
    assert champion.tags[VERSION_TAG] == train.facts["version"]
    run = client.get_run(str(champion.run_id))
    assert run.info.status == "FINISHED"
    assert run.data.tags["run_id"] == f"{retrained.dag_id}/{retrained.run_id}"
    assert run.data.params["hidden"] == str(train.facts["config"]["hidden"])
    assert run.data.metrics["challenger_mape"] == pytest.approx(evaluation.metrics["challenger"]["mape"])


def test_pods_that_train_hold_a_gpu_and_no_others_do(
    retrained: Run, release: Release, pods_seen: PodsSeen
) -> None:
    for pod in verbs(pods_seen, release):
        limits = pod.spec.containers[0].resources.limits
        trains = component(pod) in {verb.value for verb in TRAINING_VERBS}
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
        expected = {STUDIES_SECRET} if component(pod) == Verb.SEARCH else expected
        expected |= {"demand-forecast-influxdb"} if component(pod) in INFLUXDB_VERBS else set()
        assert {reference.name for reference in references} == expected, component(pod)


def test_pods_run_under_the_account_without_rights_and_without_its_token(
    retrained: Run, release: Release, pods_seen: PodsSeen
) -> None:
    for pod in verbs(pods_seen, release):
        assert pod.spec.service_account_name == "demand-forecast-trainer"
        assert not any(volume.projected for volume in pod.spec.volumes)
        assert {container.name for container in pod.spec.containers} == {"base", "airflow-xcom-sidecar"}


def test_its_pods_are_gone_at_the_end(retrained: Run, release: Release, pods_seen: PodsSeen) -> None:
    (run,) = {
        pod.metadata.labels["run_id"] for pod in verbs(pods_seen, release) if component(pod) == "search"
    }
    until = time.monotonic() + 60
    while left := get("pods", "-n", release.namespace, "-l", f"run_id={run}")["items"]:
        assert time.monotonic() < until, left
        time.sleep(1)


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


@pytest.fixture(scope="module")
def waiting(
    dag_variables: dict[str, str], stack_state: State, airflow_environment: dict[str, str]
) -> Iterator[AirflowOutside]:
    """Its tasks wait for their pods themselves, and the pod of train makes a search of one pod."""
    changed = {"DEMAND_FORECAST_POD__DEFERRABLE": "false", "DEMAND_FORECAST_SEARCH_WITH_TRAIN": "true"}
    outside = AirflowOutside(stack_state, airflow_environment, {**dag_variables, **changed})
    yield outside
    outside.close()


def hours_after(as_of: str, hours: int) -> str:
    return (datetime.fromisoformat(as_of) + timedelta(hours=hours)).isoformat()


def test_so_does_a_run_that_keeps_the_parameters_and_whose_tasks_wait_for_their_pods_themselves(
    waiting: AirflowOutside, retrained: Run, release: Release, as_of: str
) -> None:
    retrain = waiting.trigger("weekly_retrain_GR", {"as_of": hours_after(as_of, 1), **QUICK, "seed": 7})
    assert "deferred" not in states_until_done(retrain)
    assert set(retrain.states().values()) == {DONE, "skipped"}
    assert retrain.states()["notify"] == DONE
    assert retrain.states()["search"] == "skipped", "the first run's search is young"
    first, kept = (run.manifest(release, "GR", "train").facts for run in (retrained, retrain))
    assert kept["config"] == {**first["config"], "seed": 7}
    forecast = waiting.trigger("daily_forecast_GR", {"as_of": as_of})
    assert "deferred" not in states_until_done(forecast)
    assert forecast.states()["publish"] == DONE
    assert forecast.manifest(release, "GR", "forecast").facts["fallback"] == "none"


def test_a_search_of_one_pod_is_made_by_the_pod_of_train(
    waiting: AirflowOutside, retrained: Run, release: Release, database: str, as_of: str
) -> None:
    asked = {**QUICK, "as_of": hours_after(as_of, 2), "search_pods": 1, "search_every_days": 0}
    run = waiting.trigger("weekly_retrain_GR", asked)
    assert run.wait(900) == DONE, run.states()
    assert run.states()["search"] == "skipped"
    facts = run.manifest(release, "GR", "train").facts
    assert facts["search"] == {"trials": QUICK["trials"], "epochs": QUICK["epochs"]}
    study = run.manifest(release, "GR", "search").facts["study"]
    kept = rows(database, f"select study_name from optuna.studies where study_name = '{study}'")
    assert len(kept) == 1, "under the role that sees nothing else"
