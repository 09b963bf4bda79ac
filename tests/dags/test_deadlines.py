"""Which runs must be done in time, once somebody says so, and that the triggerer can tell of a late one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from demand_forecast.settings import settings
from stack.state import REPOSITORY


@pytest.fixture
def with_deadlines(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, DAG]]:
    monkeypatch.setenv("DEMAND_FORECAST_FORECAST_DEADLINE_MINUTES", "45")
    monkeypatch.setenv("DEMAND_FORECAST_RETRAIN_DEADLINE_HOURS", "12")
    settings.cache_clear()
    yield dict(DagBag(str(REPOSITORY / "dags")).dags)
    settings.cache_clear()


def test_no_run_has_a_deadline_unless_it_is_set(dags: dict[str, DAG]) -> None:
    assert [dag_id for dag_id, dag in dags.items() if dag.deadline] == []


def test_forecasts_and_retrainings_get_the_deadline_that_is_set(with_deadlines: dict[str, DAG]) -> None:
    wanted = {
        "daily_forecast": [timedelta(minutes=45)],
        "weekly_retrain": [timedelta(hours=12)],
        "data_ingestion": [],
        "rollback_model": [],
        "shadow_model": [],
        "refit_model": [],
        "housekeeping": [],
    }
    found = {
        dag_id.rpartition("_")[0]: [alert.interval for alert in dag.deadline or []]
        for dag_id, dag in with_deadlines.items()
    }
    assert found == wanted


def test_the_call_back_lies_outside_the_dag_files_where_the_triggerer_finds_it(
    with_deadlines: dict[str, DAG],
) -> None:
    paths = {alert.callback.path for dag in with_deadlines.values() for alert in dag.deadline or []}
    assert paths == {"demand_forecast.alerts.deadlines.missed"}
    assert callable(import_module("demand_forecast.alerts.deadlines").missed)
