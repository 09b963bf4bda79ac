"""Alerts leave, or are logged; they never raise."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from demand_forecast.alerts.notify import figures, on_stopped, run_url, send

# Apprise looks for what Python 3.13 no longer has, in order to replace it there; as an error it would look
# like a target that cannot be reached.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def test_without_urls_an_alert_is_a_line_in_the_log(configure, caplog: pytest.LogCaptureFixture) -> None:
    configure()
    assert send("drift", "MAPE 9 %", kind="warning")
    assert "drift\nMAPE 9 %" in caplog.text


@pytest.mark.parametrize("url", ["json://127.0.0.1:1/", "no-such-scheme://x", "json://"])
def test_a_target_that_cannot_be_reached_stops_nothing(
    configure, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    configure(NOTIFY_URLS=json.dumps([url]))
    assert send("drift", "MAPE 9 %", kind="warning") is False
    assert "did not reach every target" in caplog.text


def test_a_target_s_password_stays_out_of_the_log(configure, caplog: pytest.LogCaptureFixture) -> None:
    configure(NOTIFY_URLS='["json://me:hunter2@127.0.0.1:1/"]')
    send("drift", "MAPE 9 %", kind="warning")
    assert "hunter2" not in caplog.text


def failed(reason: str) -> Any:
    """What Airflow hands to a DAG's on_failure_callback."""
    dag = SimpleNamespace(dag_id="daily_forecast_KR", dagrun_timeout=timedelta(hours=22))
    return {"dag": dag, "run_id": "scheduled__1", "reason": reason}


def test_a_run_that_airflow_stopped_alerts(configure, caplog: pytest.LogCaptureFixture) -> None:
    configure()
    on_stopped(failed("timed_out"))
    assert "daily_forecast_KR: stopped, not done within 22:00:00" in caplog.text
    assert "/dags/daily_forecast_KR/runs/scheduled__1" in caplog.text


def test_a_run_whose_task_failed_has_alerted_by_its_task(configure, caplog: pytest.LogCaptureFixture) -> None:
    configure()
    on_stopped(failed("task_failure"))
    assert caplog.text == ""


def test_a_run_s_page_is_linked_under_the_address_that_people_use(configure) -> None:
    configure(AIRFLOW_URL="https://airflow.example/base/")
    assert run_url("d", "manual__2026-01-01T00:00:00+00:00") == (
        "https://airflow.example/base/dags/d/runs/manual__2026-01-01T00%3A00%3A00%2B00%3A00"
    )


def test_figures_are_told_with_their_units_and_absent_ones_not_at_all() -> None:
    assert figures({"mape": 1.2345, "mae": 812.0, "r2": None}) == "MAPE 1.234 %, MAE 812 MW"
    assert figures({}) == "no figures"
