"""What daily_forecast does around its forecast, through the real DAG on a real PostgreSQL.

Each case is a region of its own. The trainer's steps are marked successful; what they would have left lies in
the store and in the database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.dags.replay import Outcome, Replay, replay
from tests.dags.site import Site, crown
from trainer.contract import Manifest, manifest_path
from trainer.store import Store

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

TODAY = datetime.now(UTC).replace(hour=0, minute=30, second=0, microsecond=0)
TRAINED = ("2021-01-01T00:00:00+00:00", "2025-01-01T00:00:00+00:00")
TRAINED_LATER = ("2021-01-01T00:00:00+00:00", "2025-07-01T00:00:00+00:00")
STEPS = "ingest|snapshot|forecast|publish|score"


@dataclass(frozen=True)
class Case:
    """`mape`: percent of the last 7 days' forecasts. `decided_days_ago`: when the champion was promoted.
    `trained`: what the champion learned from; the one before it learned from TRAINED.
    """

    mape: float | None = None
    decided_days_ago: int = 30
    champion: bool = True
    previous: bool = False
    trained: tuple[str, str] = TRAINED
    fallback: str = "none"
    stale_hours: int = 0
    done: str = STEPS
    conf: dict[str, Any] = field(default_factory=dict)


CASES = {
    "STEADY": Case(mape=4.0),
    "UNSCORED": Case(mape=None),
    "PAUSED": Case(mape=8.0),
    "DRIFTING": Case(mape=8.0, previous=True),
    "COOLING": Case(mape=8.0, decided_days_ago=1),
    "REPLAYED": Case(mape=8.0, conf={"as_of": (TODAY - timedelta(days=200)).isoformat()}),
    "NEW": Case(champion=False),
    "FALLEN_BACK": Case(fallback="previous"),
    "LATE": Case(stale_hours=24),
    "STALE": Case(stale_hours=25),
    "BACKFILLED": Case(previous=True, trained=TRAINED_LATER, conf={"as_of": "2025-06-30T00:30:00+00:00"}),
    "TOO_EARLY": Case(previous=True, trained=TRAINED_LATER, conf={"as_of": "2024-12-31T00:30:00+00:00"}),
}


def run_of(region: str) -> Replay:
    return Replay(
        dag_id=f"daily_forecast_{region}",
        logical_date=TODAY.isoformat(),
        run_after=TODAY.isoformat(),
        conf=CASES[region].conf,
        done=CASES[region].done,
    )


def crown_in_turn(connection: psycopg.Connection[Any], region: str, case: Case) -> None:
    if case.previous:
        crown(connection, region, "the-one-before", trained=TRAINED)
    crown(connection, region, "the-champion", trained=case.trained)
    decided = TODAY - timedelta(days=case.decided_days_ago)
    connection.execute(
        "UPDATE model_deployments SET decided_at = %s WHERE region = %s AND status = 'active'",
        (decided, region),
    )


def score(connection: psycopg.Connection[Any], region: str, case: Case) -> None:
    """A week of scored days before the moment that the run speaks for."""
    moment = datetime.fromisoformat(case.conf.get("as_of", TODAY.isoformat()))
    midnight = moment.replace(hour=0, minute=0)
    for day in range(1, 8):
        start = midnight - timedelta(days=day)
        connection.execute(
            """INSERT INTO model_metrics (region, model_version, scope, window_start, window_end, lead_time,
                                          hours, mae, mse, rmse, r2, mape, smape, run_id)
               VALUES (%s, 'the-champion', 'score', %s, %s, 0, 24, 1, 1, 1, 0.9, %s, 1, 'earlier')""",
            (region, start, start + timedelta(days=1), case.mape),
        )


def leave_forecast(store: Store, region: str, case: Case) -> None:
    facts = {
        "version": "the-champion" if case.fallback == "none" else "the-one-before",
        "fallback": case.fallback,
        "fallback_reasons": [] if case.fallback == "none" else ["the-champion cannot forecast: damaged"],
        "model_age_days": 7.5,
        "origin": TODAY.isoformat(),
        "horizon": 24,
        "stale_hours": case.stale_hours,
        "weather_carried_on": {},
    }
    report = {"measured_share": 1.0, "suspect": []}
    for step, found in (("snapshot", {"report": report}), ("forecast", facts)):
        manifest = Manifest(
            step=step,
            region=region,
            run_id=run_of(region).run_id,
            as_of=TODAY.isoformat(),
            parameters={},
            facts=found,
        )
        store.write(manifest_path(region, manifest.run_id, step), manifest.to_json().encode())


@dataclass(frozen=True)
class World:
    outcomes: Mapping[str, Outcome]
    log: str
    alerts: list[dict[str, Any]]
    metadata_url: str

    def alerts_of(self, region: str) -> list[dict[str, Any]]:
        return [alert for alert in self.alerts if f"daily_forecast_{region}/" in alert["message"]]

    def pinned(self, region: str) -> tuple[str | None, str | None]:
        """The versions that pin_model chose: to forecast with, and to fall back to."""
        with psycopg.connect(self.metadata_url) as connection:
            ((value,),) = connection.execute(
                "SELECT value FROM xcom WHERE dag_id = %s AND task_id = 'pin_model' AND key = 'return_value'",
                (f"daily_forecast_{region}",),
            )
        chosen = json.loads(value) if isinstance(value, str) else value
        model, fallback = ((chosen[name] or {}).get("version") for name in ("model", "fallback"))
        return model, fallback

    def retrainings(self, region: str) -> list[tuple[str, dict[str, Any]]]:
        """Run id and conf of the retrainings that were started."""
        with psycopg.connect(self.metadata_url) as connection:
            rows = connection.execute(
                "SELECT run_id, conf FROM dag_run WHERE dag_id = %s", (f"weekly_retrain_{region}",)
            )
            return [(run_id, conf if isinstance(conf, dict) else json.loads(conf)) for run_id, conf in rows]


@pytest.fixture(scope="module")
def world(site: Site, alerts: tuple[str, list[dict[str, Any]]]) -> World:
    with psycopg.connect(site.database) as connection:
        for region, case in CASES.items():
            leave_forecast(site.store, region, case)
            if case.champion:
                crown_in_turn(connection, region, case)
            if case.mape is not None:
                score(connection, region, case)
    environ = {
        **site.environ_of(CASES, "daily_forecast.py", "weekly_retrain.py"),
        "DEMAND_FORECAST_DRIFT_MAPE": "5",
        "DEMAND_FORECAST_RETRAIN_COOLDOWN_DAYS": "3",
        "DEMAND_FORECAST_NOTIFY_URLS": json.dumps([alerts[0]]),
        "DEMAND_FORECAST_AIRFLOW_URL": "https://airflow.example/af/",
    }
    metadata = site.airflow["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg", "")
    (paused,), _ = replay([run_of("PAUSED")], environ)  # as all DAGs are that Airflow has just found
    with psycopg.connect(metadata) as connection:
        connection.execute("UPDATE dag SET is_paused = false WHERE dag_id <> 'weekly_retrain_PAUSED'")
    others = [region for region in CASES if region != "PAUSED"]
    outcomes, log = replay([run_of(region) for region in [*others, "DRIFTING"]], environ)
    return World(dict(zip(others, outcomes, strict=False)) | {"PAUSED": paused}, log, alerts[1], metadata)


def test_a_drifting_region_is_retrained_once_for_the_same_moment(world: World) -> None:
    assert world.outcomes["DRIFTING"].tasks["retrain"] == "success"
    ((run_id, conf),) = world.retrainings("DRIFTING")  # after two runs for the same day
    assert run_id == f"drift__{TODAY.date()}"
    assert datetime.fromisoformat(conf["as_of"]) == TODAY


def test_drift_alerts_with_the_figure_and_a_link(world: World) -> None:
    alert = world.alerts_of("DRIFTING")[0]
    assert alert["title"] == "Test: the forecast drifts"
    assert "8.00 % over 168 h" in alert["message"]
    assert "https://airflow.example/af/dags/daily_forecast_DRIFTING/runs/manual__" in alert["message"]


def test_drift_while_the_retraining_is_paused_starts_nothing_and_says_so(world: World) -> None:
    assert world.outcomes["PAUSED"].tasks["retrain"] == "skipped"
    assert world.retrainings("PAUSED") == []
    (alert,) = world.alerts_of("PAUSED")
    assert "weekly_retrain_PAUSED is paused, so no retraining is started" in alert["message"]


@pytest.mark.parametrize("region", ["STEADY", "UNSCORED"])
def test_without_drift_nothing_is_started_or_told(world: World, region: str) -> None:
    assert world.outcomes[region].state == "success"
    assert world.outcomes[region].tasks["retrain"] == "skipped"
    assert world.retrainings(region) == []
    assert world.alerts_of(region) == []


@pytest.mark.parametrize("region", ["COOLING", "REPLAYED"])
def test_drift_soon_after_a_decision_or_in_a_replay_alerts_only(world: World, region: str) -> None:
    assert world.outcomes[region].tasks["retrain"] == "skipped"
    assert world.retrainings(region) == []
    assert [alert["title"] for alert in world.alerts_of(region)] == ["Test: the forecast drifts"]


def test_a_forecast_is_made_with_the_champion_and_falls_back_to_the_one_before(world: World) -> None:
    assert world.pinned("REPLAYED") == ("the-champion", None)


def test_a_day_before_the_champion_s_training_ended_is_forecast_by_the_one_before_it(world: World) -> None:
    assert world.pinned("BACKFILLED") == ("the-one-before", None)


def test_a_day_before_every_training_is_left_to_the_verb_to_turn_away(world: World) -> None:
    assert world.pinned("TOO_EARLY") == ("the-champion", None)


def test_a_region_without_a_model_says_how_to_get_one(world: World) -> None:
    tasks = world.outcomes["NEW"].tasks
    assert tasks["pin_model"] == "failed"
    assert tasks["forecast"] == "upstream_failed"
    assert world.outcomes["NEW"].state == "failed"
    assert "train one first: airflow dags trigger weekly_retrain_NEW" in world.log


def test_a_failed_task_alerts(world: World) -> None:
    (alert,) = [alert for alert in world.alerts_of("NEW") if "pin_model" in alert["title"]]
    assert "has no model yet" in alert["message"]


def test_a_fallback_forecast_alerts_with_its_reason(world: World) -> None:
    (alert,) = world.alerts_of("FALLEN_BACK")
    assert alert["title"] == "Test: the forecast is a fallback (previous)"
    assert "the-champion cannot forecast: damaged" in alert["message"]


def test_a_forecast_from_actuals_older_than_a_day_alerts(world: World) -> None:
    (alert,) = world.alerts_of("STALE")
    assert alert["title"] == "Test: the forecast is made from old actuals"
    assert "The last 25 h before" in alert["message"]


def test_a_forecast_from_actuals_of_the_day_before_does_not(world: World) -> None:
    assert world.alerts_of("LATE") == []
