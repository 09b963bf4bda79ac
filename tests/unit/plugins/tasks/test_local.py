"""A verb as a process: what it sees, and how its end is read.

The process is a script in the trainer's place, since no real verb ends badly on demand.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from demand_forecast.tasks.local import LocalTrainerOperator
from demand_forecast.tasks.runtime import trainer_task
from tests.unit.plugins.tasks.local_run import Make, run
from tests.unit.plugins.tasks.weekly_run import KR
from trainer.contract import Manifest, Verb, manifest_path

RUN_ID = "weekly_retrain_KR/manual__1"


def leave_manifest(tmp_path: Path, *, run_id: str = RUN_ID, step: str = "train") -> Manifest:
    manifest = Manifest(
        step=step,
        region="KR",
        run_id=run_id,
        as_of="2026-01-01T00:00:00+00:00",
        parameters={},
        facts={"version": "v"},
    )
    path = tmp_path / "store" / manifest_path("KR", RUN_ID, step)
    path.parent.mkdir(parents=True)
    path.write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def test_the_result_is_the_manifest_s(make: Make, tmp_path: Path) -> None:
    manifest = leave_manifest(tmp_path)
    assert run(make("exit 0")) == {
        "manifest": manifest_path("KR", RUN_ID, "train"),
        "checksum": manifest.checksum,
        "facts": {"version": "v"},
        "metrics": {},
    }


def test_a_verb_that_ends_well_without_a_manifest_has_failed(make: Make) -> None:
    with pytest.raises(AirflowException, match="no result though it ended well"):
        run(make("exit 0"))


def test_another_run_s_manifest_is_no_result(make: Make, tmp_path: Path) -> None:
    leave_manifest(tmp_path, run_id="weekly_retrain_KR/manual__0")
    with pytest.raises(AirflowException, match="is of run"):
        run(make("exit 0"))


def test_a_manifest_other_than_the_one_just_written_is_no_result(make: Make, tmp_path: Path) -> None:
    leave_manifest(tmp_path)
    said = json.dumps({"checksum": "0" * 64})
    with pytest.raises(AirflowException, match="see the same store"):
        run(make(f"echo '{said}' > $DEMAND_FORECAST_RESULT_FILE"))


@pytest.mark.parametrize(
    ("code", "kind"), [(2, AirflowFailException), (3, AirflowFailException), (4, AirflowException)]
)
def test_the_exit_code_decides_whether_it_is_tried_again(
    make: Make, code: int, kind: type[Exception]
) -> None:
    with pytest.raises(AirflowException) as failed:
        run(make(f"exit {code}"))
    assert type(failed.value) is kind


def test_options_without_a_value_are_left_to_the_verb(make: Make, tmp_path: Path) -> None:
    leave_manifest(tmp_path)
    run(make(f'echo "$@" > {tmp_path}/arguments'))
    assert (tmp_path / "arguments").read_text().split() == ["-m", "trainer", "train", "--region=KR"]


def environment_of(operator: LocalTrainerOperator, tmp_path: Path) -> dict[str, str]:
    leave_manifest(tmp_path, step=operator.step)
    run(operator)
    lines = (tmp_path / "environment").read_text().split("\0")
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_the_worker_s_secrets_stay_with_the_worker(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "secret")
    monkeypatch.setenv("INFLUXDB_TOKEN", "secret")
    environ = environment_of(make(f"env -0 > {tmp_path}/environment"), tmp_path)
    assert "secret" not in environ.values()
    assert environ["DEMAND_FORECAST_DEVICE"] == "cpu"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "no_proxy", "SSL_CERT_FILE", "AWS_ENDPOINT_URL"])
def test_the_way_to_servers_outside_reaches_the_verb(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "as-the-worker-has-it")
    environ = environment_of(make(f"env -0 > {tmp_path}/environment"), tmp_path)
    assert environ[name] == "as-the-worker-has-it"


def test_verbs_of_the_database_and_of_influxdb_get_their_credentials(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES", "postgres://me:p%40ss@db:5433/demand?sslmode=require"
    )
    monkeypatch.setenv("INFLUXDB_TOKEN", "token")
    environ = environment_of(make(f"env -0 > {tmp_path}/environment", verb=Verb.PUBLISH), tmp_path)
    assert environ["DEMAND_FORECAST_POSTGRES_URL"] == "postgresql://me:p%40ss@db:5433/demand?sslmode=require"
    assert environ["INFLUXDB_TOKEN"] == "token"


@pytest.mark.parametrize(
    ("verb", "with_train", "connection"),
    [
        (Verb.SEARCH, "false", "studies"),
        (Verb.SNAPSHOT, "false", "demand_forecast_postgres"),
        (Verb.TRAIN, "false", None),
        (Verb.TRAIN, "true", "studies"),
    ],
)
def test_a_role_for_studies_alone_takes_the_database_s_place_where_a_verb_searches(
    configure, verb: Verb, with_train: str, connection: str | None
) -> None:
    configure(STUDY_CONN_ID="studies", SEARCH_WITH_TRAIN=with_train)
    with DAG("weekly_retrain_KR"):
        task = trainer_task(verb, KR)
    assert isinstance(task, LocalTrainerOperator)
    assert task.postgres_conn_id == connection
