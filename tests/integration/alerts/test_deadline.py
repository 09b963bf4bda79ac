"""A late run alerts through Airflow's own tables, not only through our function."""

from __future__ import annotations

import json

import pytest

from tests.integration.own_process import asked

pytestmark = pytest.mark.integration


def test_a_late_run_alerts_one_in_time_does_not_and_neither_makes_new_versions_of_the_dag(
    airflow_environment: dict[str, str], webhook
) -> None:
    received, url = webhook
    environ = {
        **airflow_environment,
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
        "DEMAND_FORECAST_NOTIFY_URLS": json.dumps([url]),
        "DEMAND_FORECAST_FORECAST_DEADLINE_MINUTES": "45",
        "DEMAND_FORECAST_AIRFLOW_URL": "https://airflow.example",
    }
    came_of_it, _ = asked("tests.integration.alerts.late_run", environ=environ, seconds=240)
    assert came_of_it == {"versions": 1, "left": 0, "minutes": 45.0, "states": ["running", "success"]}
    (message,) = received
    assert message["title"] == "daily_forecast_KR: not done in time"
    assert "45 minutes after it was queued" in message["message"]
    assert "https://airflow.example/dags/daily_forecast_KR/runs/manual__late" in message["message"]
