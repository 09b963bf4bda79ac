"""What people are told of failure, fallback, drift, doubt and lateness, as it arrives.

Each message goes to a real mail server and a real web server at once, and both must have the same words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.triggers.callback import CallbackTrigger

from demand_forecast.alerts import deadlines, notify
from demand_forecast.forecasting import drift_watch, report
from tests.integration.alerts.told import KR, Said, dag_run, leave, link, record, task

pytestmark = [
    pytest.mark.integration,
    # Apprise looks for what Python 3.13 no longer has, in order to replace it there.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]


def test_a_failure_names_the_task_and_what_it_said(said: Said) -> None:
    context: Any = {
        "dag_run": dag_run("weekly_retrain"),
        "ti": task(),
        "exception": RuntimeError("train ended with 3: a gap of <5> hours & no mend"),
    }
    notify.on_failure(context)
    assert said().splitlines() == [
        "weekly_retrain_KR: train failed",
        "train ended with 3: a gap of <5> hours & no mend",
        link("weekly_retrain"),
    ]


def leave_snapshot(tmp_path: Path, *, share: float = 1.0, suspect: Sequence[dict[str, Any]] = ()) -> None:
    report = {"measured_share": share, "suspect": list(suspect)}
    leave(tmp_path, "daily_forecast", "snapshot", facts={"report": report})


def stretch(first: str, last: str, hours: int) -> dict[str, Any]:
    return {"first": first, "last": last, "hours": hours, "reason": "about a thousand times off: kW?"}


CURRENT = {
    "horizon": 24,
    "origin": "2026-01-04T00:00:00+00:00",
    "version": "KR-new",
    "model_age_days": 2,
    "fallback": "none",
    "fallback_reasons": [],
    "stale_hours": 0,
    "weather_carried_on": {},
}


def test_suspect_hours_of_the_last_days_are_told_in_local_time_with_their_reason(
    said: Said, tmp_path: Path
) -> None:
    leave(tmp_path, "daily_forecast", "forecast", facts=CURRENT)
    old = stretch("2025-12-20T00:00:00+00:00", "2025-12-20T05:00:00+00:00", 6)
    new = stretch("2026-01-03T00:00:00+00:00", "2026-01-03T05:00:00+00:00", 6)
    leave_snapshot(tmp_path, share=0.9643, suspect=[old, new])
    report.report_forecast(KR, dag_run=dag_run("daily_forecast"))
    assert said().splitlines() == [
        "South Korea: demand of the last days is in doubt",
        "2026-01-03 09:00 .. 2026-01-03 14:00 (6 h): about a thousand times off: kW?",
        "Measured of the last 14 days: 96.4 %. The forecast was made without the rest.",
        "Mend the source, or overrule: python -m trainer judge --region KR",
        link("daily_forecast"),
    ]


def test_much_missing_demand_is_told_without_any_suspect_hour(said: Said, tmp_path: Path) -> None:
    leave(tmp_path, "daily_forecast", "forecast", facts=CURRENT)
    leave_snapshot(tmp_path, share=0.9)
    report.report_forecast(KR, dag_run=dag_run("daily_forecast"))
    assert "Measured of the last 14 days: 90.0 %" in said()


def test_what_influxdb_is_owed_is_told_with_what_it_answered(said: Said, tmp_path: Path) -> None:
    leave(tmp_path, "daily_forecast", "forecast", facts=CURRENT)
    leave_snapshot(tmp_path)
    owed = {
        "influxdb_owed": 3,
        "influxdb_owed_since": "2026-01-02T00:00:00+00:00",
        "influxdb_error": "it cannot be reached",
    }
    leave(tmp_path, "daily_forecast", "ingest", facts=owed)
    report.report_forecast(KR, dag_run=dag_run("daily_forecast"))
    assert said().splitlines()[:2] == [
        "South Korea: InfluxDB is behind",
        "3 deliveries are owed, the oldest since 2026-01-02T00:00:00+00:00: it cannot be reached",
    ]


def test_issued_weather_that_nobody_could_read_or_that_is_old_is_told(said: Said, tmp_path: Path) -> None:
    leave(
        tmp_path,
        "daily_forecast",
        "forecast",
        facts={**CURRENT, "issued_age_hours": 61.0, "issued_covered": 0.0},
    )
    leave_snapshot(tmp_path)
    leave(tmp_path, "daily_forecast", "ingest", facts={"issued": {"error": "issued.csv: no column time"}})
    report.report_forecast(KR, dag_run=dag_run("daily_forecast"))
    told = said().splitlines()
    assert told[:2] == [
        "South Korea: the issued weather is old or cannot be read",
        "It could not be read: issued.csv: no column time",
    ]
    assert told[2].startswith("The newest is of 61 h before 2026-01-04T00:00:00+00:00")
    assert told[-1] == link("daily_forecast")


def test_a_fault_of_issues_that_both_the_snapshot_and_the_forecast_met_is_told_once(
    said: Said, tmp_path: Path
) -> None:
    fault = "weather_issued.parquet is damaged"
    leave(tmp_path, "daily_forecast", "forecast", facts={**CURRENT, "issued_error": fault})
    facts = {"report": {"measured_share": 1.0, "suspect": []}, "issued": {"error": fault}}
    leave(tmp_path, "daily_forecast", "snapshot", facts=facts)
    report.report_forecast(KR, dag_run=dag_run("daily_forecast"))
    assert said().count(fault) == 1


def test_facts_of_the_release_before_are_enough(said: Said, tmp_path: Path) -> None:
    leave_snapshot(tmp_path)
    facts = {name: value for name, value in CURRENT.items() if name != "weather_carried_on"}
    leave(tmp_path, "daily_forecast", "forecast", facts=facts)
    assert report.report_forecast(KR, dag_run=dag_run("daily_forecast"))["version"] == "KR-new"


def test_a_fallback_says_with_what_and_why(said: Said, tmp_path: Path) -> None:
    leave_snapshot(tmp_path)
    facts = {
        "horizon": 24,
        "origin": "2026-01-04T00:00:00+00:00",
        "version": "KR-old",
        "model_age_days": 12,
        "fallback": "previous",
        "fallback_reasons": ["KR-new: lstm_model.safetensors is damaged"],
        "stale_hours": 0,
        "weather_carried_on": {},
    }
    leave(tmp_path, "daily_forecast", "forecast", facts=facts)
    report.report_forecast(KR, dag_run=dag_run("daily_forecast"))
    told = said()
    assert told.startswith("South Korea: the forecast is a fallback (previous)\nMade with KR-old")
    assert "KR-new: lstm_model.safetensors is damaged" in told
    assert told.endswith(link("daily_forecast"))


def test_drift_is_told_with_the_error_and_the_limit(said: Said, database: Any) -> None:
    record(database, "an earlier run")
    run = dag_run("daily_forecast")
    for day in range(1, 8):
        end = datetime(2026, 1, 4, tzinfo=UTC) - timedelta(days=day - 1)
        database.execute(
            "INSERT INTO model_metrics (region, model_version, scope, window_start, window_end, lead_time, "
            "hours, mae, mse, rmse, r2, mape, smape, run_id) "
            "VALUES ('KR', 'KR-new', 'score', %s, %s, 0, 24, 1, 1, 1, 0, 7.25, 7, 'r')",
            (end - timedelta(days=1), end),
        )
    database.commit()
    drift_watch.watch_drift(KR, "retrain", dag_run=run, params={}, ti=task())
    told = said()
    assert told.startswith("South Korea: the forecast drifts\nMAPE of the last 7 days is 7.25 % over 168 h")
    assert "over the limit of 5 %" in told
    assert "Model: KR-new" in told
    assert told.endswith(link("daily_forecast"))


def test_a_missed_deadline_is_told_by_the_trigger_that_airflow_runs(said: Said) -> None:
    alert = deadlines.deadline(timedelta(minutes=90))
    run = {"dag_id": "daily_forecast_KR", "dag_run_id": dag_run("x").run_id, "state": "running"}
    due = {"id": "1", "deadline_time": datetime(2026, 1, 4, 4, 30, tzinfo=UTC)}
    kwargs = {**alert.callback.kwargs, "context": {"dag_run": run, "deadline": due}}

    async def states() -> list[str]:
        trigger = CallbackTrigger(callback_path=alert.callback.path, callback_kwargs=kwargs)
        return [str(event.payload["state"]) async for event in trigger.run()]

    assert asyncio.run(states()) == ["running", "success"]
    assert said().splitlines() == [
        "daily_forecast_KR: not done in time",
        "It is running. It was due at 2026-01-04T04:30:00+00:00, 90 minutes after it was queued.",
        "It goes on. If it waits for a GPU or a slot, its tasks say so.",
        link("daily_forecast"),
    ]
