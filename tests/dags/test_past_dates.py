"""The whole way with real steps: actuals in, a model trained and promoted, forecasts for days of the past.

Each run speaks for its own logical date and knows nothing after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from demand_forecast.promotion import deployments
from tests.dags.replay import Outcome, Replay, replay
from tests.dags.site import Site
from trainer.contract import Manifest, manifest_path
from trainer.store import Store

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

REGION = "GR"
TRAINED_AS_OF = "2020-09-01T00:00:00+03:00"
CLOCKS_PUT_BACK = "2020-10-25T00:30:00+03:00"
"""The beginning of a local day of 25 hours."""
DAYS = ("2020-09-01T00:30:00+03:00", CLOCKS_PUT_BACK, "2020-10-26T00:30:00+02:00")
# A model that learned for seconds need not beat last week; what it says of its own day is what counts here.
QUICK = {
    **{"lookback_days": 200, "holdout_days": 14, "trials": 2, "epochs": 1, "search_pods": 2},
    "force_promote": True,
}


def run_at(dag_id: str, moment: str, **more: Any) -> Replay:
    in_utc = datetime.fromisoformat(moment).astimezone(UTC).isoformat()
    return Replay(dag_id=dag_id, logical_date=in_utc, run_after=in_utc, **more)


INGEST = run_at("data_ingestion_GR", DAYS[-1])
RETRAIN = run_at("weekly_retrain_GR", TRAINED_AS_OF, conf=QUICK)
A_WEEK_LATER = run_at("weekly_retrain_GR", "2020-09-08T00:00:00+03:00", conf={**QUICK, "dry_run": True})
# Publishing and scoring have servers and tests of their own; ingest was run for all days at once.
FORECASTS = {day: run_at("daily_forecast_GR", day, done="ingest|publish|score") for day in DAYS}


@dataclass(frozen=True)
class World:
    database: str
    store: Store
    outcomes: Mapping[str, Outcome]
    """By run id."""
    log: str

    def manifest(self, run: Replay, step: str) -> Manifest:
        text = self.store.read(manifest_path(REGION, run.run_id, step)).decode()
        return Manifest.from_json(text, place=step, run_id=run.run_id)


@pytest.fixture(scope="module")
def world(site: Site) -> World:
    environ = {**site.environ, "DEMAND_FORECAST_DEVICE": "cpu"}
    runs = [INGEST, RETRAIN, A_WEEK_LATER, *FORECASTS.values()]
    outcomes, log = replay(runs, environ, timeout=870)
    return World(
        site.database, site.store, {run.run_id: o for run, o in zip(runs, outcomes, strict=True)}, log
    )


def test_the_region_s_first_model_is_trained_and_promoted(world: World) -> None:
    assert world.outcomes[INGEST.run_id].state == "success", world.log[-4000:]
    assert world.outcomes[RETRAIN.run_id].state == "success", world.log[-4000:]
    with psycopg.connect(world.database) as connection:
        champion = deployments.active(connection, REGION)
    assert champion is not None
    assert champion.run_id == RETRAIN.run_id
    assert champion.trained_to is not None
    assert champion.trained_to < datetime.fromisoformat(TRAINED_AS_OF)


def test_a_search_is_shared_by_as_many_processes_as_asked_for(world: World) -> None:
    tasks = world.outcomes[RETRAIN.run_id].tasks
    assert (tasks["search[0]"], tasks["search[1]"]) == ("success", "success"), world.log[-4000:]
    shards = [world.manifest(RETRAIN, f"search-{index}of2") for index in range(2)]
    assert [len(shard.facts["trials"]) for shard in shards] == [1, 1]
    best = min(shards, key=lambda shard: float(shard.metrics["validation_loss"]))
    trained = world.manifest(RETRAIN, "train")
    assert trained.facts["config"] == best.facts["best"]


def test_a_week_later_the_champion_s_parameters_are_kept_without_a_search(world: World) -> None:
    outcome = world.outcomes[A_WEEK_LATER.run_id]
    assert (outcome.state, outcome.tasks["search"]) == ("success", "skipped"), world.log[-4000:]
    first, trained = (world.manifest(run, "train") for run in (RETRAIN, A_WEEK_LATER))
    assert trained.facts["config"] == first.facts["config"]
    assert trained.facts["kept_from"] == first.facts["version"]


@pytest.mark.parametrize("day", DAYS)
def test_a_forecast_speaks_for_its_logical_date(world: World, day: str) -> None:
    run = FORECASTS[day]
    assert world.outcomes[run.run_id].state == "success", world.log[-4000:]
    made = world.manifest(run, "forecast")
    origin = datetime.fromisoformat(made.facts["origin"])
    assert origin == datetime.fromisoformat(day).replace(minute=0)
    assert made.facts["fallback"] == "none"
    if day == CLOCKS_PUT_BACK:
        assert made.facts["horizon"] == 25
    last_known = datetime.fromisoformat(world.manifest(run, "snapshot").facts["last_hour"])
    assert last_known < origin
