"""What people are told of promotion, refusal, failure, fallback, drift and lateness, as it arrives.

Each message goes to a real mail server and a real web server at once, and both must have the same words.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException
from airflow.triggers.callback import CallbackTrigger

from demand_forecast.alerts import deadlines, notify
from demand_forecast.forecasting import daily
from demand_forecast.promotion import deployments, retrain, rolling_back
from stack.airflow import CONNECTION_VARIABLE, connection_uri
from stack.state import REPOSITORY
from tests.artifacts import leave_artifact
from trainer.contract import Manifest, load_regions, manifest_path
from trainer.store import Store

pytestmark = [
    pytest.mark.integration,
    # Apprise looks for what Python 3.13 no longer has, in order to replace it there.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]

KR = load_regions({})["KR"]
FIGURES = {"mape": 1.4213, "smape": 1.4, "mae": 812.4, "mse": 1.1e6, "rmse": 1049.0, "r2": 0.981}
Said = Callable[[], str]


def dag_run(dag: str) -> Any:
    return SimpleNamespace(
        dag_id=f"{dag}_KR",
        run_id="manual__2026-01-04T03:00:00+00:00",
        logical_date=None,
        run_after=datetime(2026, 1, 4, 3, tzinfo=UTC),
    )


def link(dag: str) -> str:
    return f"https://airflow.example/dags/{dag}_KR/runs/manual__2026-01-04T03%3A00%3A00%2B00%3A00"


def task(**pulled: Any) -> Any:
    """A task instance, as far as it is asked: what was decided, and how it stands with retrainings."""
    return SimpleNamespace(
        task_id="train",
        xcom_pull=lambda **_: pulled,
        get_dr_count=lambda **_: 0,
        get_dag=lambda _: SimpleNamespace(is_paused=False),
        xcom_push=lambda **_: None,
    )


@pytest.fixture
def said(mailbox, webhook, configured, tmp_path: Path) -> Said:
    """Title and text of the one message that both servers have got."""
    (box, mail_url), (received, hook_url) = mailbox, webhook
    configured(NOTIFY_URLS=json.dumps([mail_url, hook_url]), STORE_URL=tmp_path.as_uri())

    def read() -> str:
        (posted,) = received
        told = f"{posted['title']}\n{posted['message']}"
        assert box.text().strip().splitlines() == told.splitlines()
        return told

    return read


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv(CONNECTION_VARIABLE, connection_uri(database_url))
    with psycopg.connect(database_url) as opened:
        yield opened


def record(database: Any, run_id: str, **changes: Any) -> None:
    values = {
        "region": "KR",
        "version": "KR-new",
        "run_id": run_id,
        "reason": "1.42 % against 2.00 %",
        "metrics": {"challenger": FIGURES},
        "champion_version": None,
        "artifact_path": "KR/models/KR-new",
        "artifact_checksum": "a" * 64,
        "trained_from": "2021-01-01T00:00:00+00:00",
        "trained_to": "2025-12-01T00:00:00+00:00",
    }
    deployments.record(database, deployments.parameters(**{**values, **changes}))


def leave(tmp_path: Path, dag: str, step: str, **content: Any) -> None:
    run_id = f"{dag}_KR/{dag_run(dag).run_id}"
    manifest = Manifest(
        step=step, region="KR", run_id=run_id, as_of="2026-01-04T03:00:00+00:00", parameters={}, **content
    )
    Store.at(tmp_path).write(manifest_path("KR", run_id, step), manifest.to_json().encode())


def test_a_promotion_is_told_with_its_reason_its_figures_and_a_link(
    said: Said, database: Any, tmp_path: Path
) -> None:
    run = dag_run("weekly_retrain")
    record(database, f"{run.dag_id}/{run.run_id}")
    leave(tmp_path, "weekly_retrain", "evaluate", metrics={"challenger": FIGURES})
    retrain.tell(KR, dag_run=run, ti=task(reason="The candidate is 28.9% better: 1.42 % < 2.00 %"))
    assert said().splitlines() == [
        "South Korea: new champion",
        "The candidate is 28.9% better: 1.42 % < 2.00 %",
        "Champion: KR-new",
        "Candidate on the held-out days: MAPE 1.421 %, SMAPE 1.4 %, MAE 812.4 MW, RMSE 1049 MW, R2 0.981",
        link("weekly_retrain"),
    ]


def test_a_refusal_names_the_champion_that_stays(said: Said, database: Any, tmp_path: Path) -> None:
    record(database, "an earlier run", version="KR-old")
    leave(tmp_path, "weekly_retrain", "evaluate", metrics={"challenger": FIGURES})
    retrain.tell(KR, dag_run=dag_run("weekly_retrain"), ti=task(reason="Kept: it must win by 1 %"))
    told = said()
    assert told.startswith("South Korea: nothing promoted\nKept: it must win by 1 %\nChampion: KR-old\n")
    assert "MAPE 1.421 %" in told
    assert told.endswith(link("weekly_retrain"))


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
    daily.report_forecast(KR, dag_run=dag_run("daily_forecast"))
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
    daily.report_forecast(KR, dag_run=dag_run("daily_forecast"))
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
    daily.report_forecast(KR, dag_run=dag_run("daily_forecast"))
    assert said().splitlines()[:2] == [
        "South Korea: InfluxDB is behind",
        "3 deliveries are owed, the oldest since 2026-01-02T00:00:00+00:00: it cannot be reached",
    ]


def test_facts_of_the_release_before_are_enough(said: Said, tmp_path: Path) -> None:
    leave_snapshot(tmp_path)
    facts = {name: value for name, value in CURRENT.items() if name != "weather_carried_on"}
    leave(tmp_path, "daily_forecast", "forecast", facts=facts)
    assert daily.report_forecast(KR, dag_run=dag_run("daily_forecast"))["version"] == "KR-new"


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
    daily.report_forecast(KR, dag_run=dag_run("daily_forecast"))
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
    daily.watch_drift(KR, "retrain", dag_run=run, params={}, ti=task())
    told = said()
    assert told.startswith("South Korea: the forecast drifts\nMAPE of the last 7 days is 7.25 % over 168 h")
    assert "over the limit of 5 %" in told
    assert "Model: KR-new" in told
    assert told.endswith(link("daily_forecast"))


BACK = {"version": "KR-old", "reason": "too high on holidays"}


def regret(database: Any, store: Path) -> None:
    """KR-new is champion, and KR-old, whose files are there, was before it."""
    checksum = leave_artifact(Store.at(store), "KR/models/KR-old")
    old = {"version": "KR-old", "artifact_path": "KR/models/KR-old", "artifact_checksum": checksum}
    record(database, "first", **old)
    record(database, "second", champion_version="KR-old")


def test_a_rollback_says_to_what_and_why(said: Said, database: Any, tmp_path: Path) -> None:
    regret(database, tmp_path)
    rolling_back.roll_back(KR, dag_run=dag_run("rollback_model"), params=BACK)
    assert said().splitlines() == [
        "South Korea: rolled back to KR-old",
        "Rolled back: too high on holidays",
        link("rollback_model"),
    ]


@pytest.mark.parametrize(("content", "words"), [(None, "is missing"), (b"other", "is not the one on record")])
def test_a_rollback_to_a_model_that_cannot_serve_changes_nothing(
    configured, database: Any, tmp_path: Path, content: bytes | None, words: str
) -> None:
    configured(STORE_URL=tmp_path.as_uri())
    regret(database, tmp_path)
    weights = tmp_path / "KR/models/KR-old/lstm_model.safetensors"
    weights.unlink() if content is None else weights.write_bytes(content)
    with pytest.raises(AirflowFailException, match=f"KR-old: lstm_model.safetensors {words}"):
        rolling_back.roll_back(KR, dag_run=dag_run("rollback_model"), params=BACK)
    champion = deployments.active(database, "KR")
    assert champion is not None
    assert champion.version == "KR-new"


def test_a_rollback_cleared_after_its_champion_was_followed_says_who_is_champion_and_alerts_nobody(
    said: Said, database: Any, tmp_path: Path
) -> None:
    regret(database, tmp_path)
    rolling_back.roll_back(KR, dag_run=dag_run("rollback_model"), params=BACK)
    record(database, "third", version="KR-newer", champion_version="KR-old")
    with pytest.raises(AirflowFailException, match=r"made KR-old champion .* KR-newer is, and stays it"):
        rolling_back.roll_back(KR, dag_run=dag_run("rollback_model"), params=BACK)
    assert said().startswith("South Korea: rolled back to KR-old")  # the one message of the first time


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


def trial(home: Path, urls: list[str]) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'plugins'}"}
    environ["AIRFLOW_HOME"] = str(home)
    environ["DEMAND_FORECAST_NOTIFY_URLS"] = json.dumps(urls)
    command = [sys.executable, "-m", "demand_forecast.alerts.trial_alert"]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)


def test_a_trial_alert_arrives_at_every_place(mailbox, webhook, tmp_path: Path) -> None:
    (box, mail_url), (received, hook_url) = mailbox, webhook
    assert trial(tmp_path, [mail_url, hook_url]).returncode == 0
    assert box.text().startswith("demand-forecast: alerts arrive here\nThis is a trial.")
    assert received[0]["title"] == "demand-forecast: alerts arrive here"


def test_a_trial_alert_that_cannot_arrive_ends_badly_and_says_so(tmp_path: Path) -> None:
    nowhere = trial(tmp_path, ["json://127.0.0.1:9/hook"])
    assert nowhere.returncode == 4
    assert "did not reach every target" in nowhere.stdout + nowhere.stderr


def test_a_trial_alert_without_a_place_names_the_setting_and_where_else_it_may_stand(tmp_path: Path) -> None:
    unset = trial(tmp_path, [])
    assert unset.returncode == 2
    assert "DEMAND_FORECAST_NOTIFY_URLS" in unset.stderr
    assert "exec airflow-api-server python -m demand_forecast.alerts.trial_alert" in unset.stderr
    assert "exec deploy/airflow-scheduler -- python -m demand_forecast.alerts.trial_alert" in unset.stderr
