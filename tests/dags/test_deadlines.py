"""Which runs must be done in time, and that the triggerer can call what tells of a late one."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

from airflow.sdk import DAG

from demand_forecast.settings import Settings

MINUTES = Settings.model_fields["forecast_deadline_minutes"].default
HOURS = Settings.model_fields["retrain_deadline_hours"].default


def test_forecasts_and_retrainings_have_a_deadline_and_what_a_person_starts_or_repeats_hourly_has_none(
    dags: dict[str, DAG],
) -> None:
    wanted = {
        "daily_forecast": [timedelta(minutes=MINUTES)],
        "weekly_retrain": [timedelta(hours=HOURS)],
        "data_ingestion": [],
        "rollback_model": [],
    }
    for dag_id, dag in dags.items():
        found = [alert.interval for alert in dag.deadline or []]
        assert found == wanted[dag_id.rpartition("_")[0]], dag_id


def test_the_call_back_lies_outside_the_dag_files_where_the_triggerer_finds_it(dags: dict[str, DAG]) -> None:
    paths = {alert.callback.path for dag in dags.values() for alert in dag.deadline or []}
    assert paths == {"demand_forecast.deadlines.missed"}
    assert callable(import_module("demand_forecast.deadlines").missed)
