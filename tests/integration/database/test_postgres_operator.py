"""Our PostgresOperator, executed on a real PostgreSQL by the connection that a DAG uses."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.promotion import deployments
from demand_forecast.promotion.operators import PostgresOperator
from demand_forecast.promotion.sql import RECORD_DEPLOYMENT, RECORD_REJECTION, ROLL_BACK, SQL_FOLDER

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def airflow_connection(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES", database_url)


def run(sql: Any, parameters: dict[str, Any]) -> None:
    """As a worker does: template files read, templates rendered, then executed."""
    with DAG("test", schedule=None, template_searchpath=[str(SQL_FOLDER)]):
        operator = PostgresOperator(task_id="record", sql=sql, parameters=parameters)
    operator.resolve_template_files()
    operator.render_template_fields({})
    operator.execute({})


def values(number: int, over: str | None = None, **changes: Any) -> dict[str, str | None]:
    given: dict[str, Any] = {
        "region": "GR",
        "version": f"GR-{number}",
        "run_id": f"run-{number}",
        "reason": "100 % sure",
        "metrics": {"challenger": {"mape": 1.5}},
        "champion_version": over,
        "artifact_path": f"GR/models/GR-{number}",
        "artifact_checksum": "a" * 64,
        "trained_from": "2017-01-01T00:00:00+00:00",
        "trained_to": "2020-10-01T00:00:00+00:00",
    }
    return deployments.parameters(**{**given, **changes})


def rows(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT run_id, status FROM model_deployments ORDER BY id").fetchall()


def test_statements_by_file_name_promote_keep_and_roll_back(database_url: str) -> None:
    run(RECORD_DEPLOYMENT, values(1))
    run(RECORD_DEPLOYMENT, values(2, over="GR-1"))
    run(RECORD_REJECTION, values(3, over="GR-2"))
    run(ROLL_BACK, {"region": "GR", "version": "GR-1", "run_id": "rollback-1", "reason": "Back."})

    assert rows(database_url) == [
        ("run-1", "archived"),
        ("run-2", "archived"),
        ("run-3", "rejected"),
        ("rollback-1", "active"),
    ]


def test_a_task_run_again_after_its_commit_changes_nothing(database_url: str) -> None:
    run(RECORD_DEPLOYMENT, values(1))
    run(RECORD_DEPLOYMENT, values(1))

    assert rows(database_url) == [("run-1", "active")]


def test_a_refused_statement_fails_the_task_for_good_and_takes_the_others_back(database_url: str) -> None:
    run(RECORD_DEPLOYMENT, values(1))

    with pytest.raises(AirflowFailException, match="model_deployments_checksum"):
        run(RECORD_DEPLOYMENT, values(2, over="GR-1", artifact_checksum="not a checksum"))

    assert rows(database_url) == [("run-1", "active")]


def test_a_champion_promoted_meanwhile_fails_the_task_for_good(database_url: str) -> None:
    run(RECORD_DEPLOYMENT, values(1))
    run(RECORD_DEPLOYMENT, values(2, over="GR-1"))

    with pytest.raises(AirflowFailException, match="another model was promoted meanwhile"):
        run(RECORD_DEPLOYMENT, values(3, over="GR-1"))

    assert rows(database_url) == [("run-1", "archived"), ("run-2", "active")]


def test_a_server_that_is_away_is_left_to_airflows_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES", "postgresql://operator@127.0.0.1:9/power")

    with pytest.raises(psycopg.OperationalError):
        run(RECORD_DEPLOYMENT, values(1))


def test_a_parameter_that_is_the_path_of_a_manifest_is_not_taken_for_a_template(database_url: str) -> None:
    run(RECORD_DEPLOYMENT, values(1, artifact_path="GR/models/GR-1/manifest.json"))

    with psycopg.connect(database_url) as connection:
        champion = deployments.active(connection, "GR")
    assert champion is not None
    assert champion.artifact_path == "GR/models/GR-1/manifest.json"
