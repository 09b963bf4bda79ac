"""Days of a forecast, a region each: what lies in store and database before it, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tests.dags.replay import Outcome, Replay
from tests.dags.site import crown
from trainer.contract import Manifest, Shadow, manifest_path, shadows_from_json
from trainer.store import Store

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
        chosen = self._chosen(region)
        model, fallback = ((chosen[name] or {}).get("version") for name in ("model", "fallback"))
        return model, fallback

    def shadows(self, region: str) -> tuple[Shadow, ...]:
        """Those that pin_model handed on."""
        return shadows_from_json(self._chosen(region)["shadows"] or "[]")

    def _chosen(self, region: str) -> dict[str, Any]:
        with psycopg.connect(self.metadata_url) as connection:
            ((value,),) = connection.execute(
                "SELECT value FROM xcom WHERE dag_id = %s AND task_id = 'pin_model' AND key = 'return_value'",
                (f"daily_forecast_{region}",),
            )
        found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
        return found

    def retrainings(self, region: str) -> list[tuple[str, dict[str, Any]]]:
        """Run id and conf of the retrainings that were started."""
        with psycopg.connect(self.metadata_url) as connection:
            rows = connection.execute(
                "SELECT run_id, conf FROM dag_run WHERE dag_id = %s", (f"weekly_retrain_{region}",)
            )
            return [(run_id, conf if isinstance(conf, dict) else json.loads(conf)) for run_id, conf in rows]
