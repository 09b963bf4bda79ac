"""A product's DAG makes its forecast from ingest to PostgreSQL: every task is the real one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd
import psycopg
import pytest

from tests.dags.replay import Outcome, Replay, replay
from tests.dags.site import Site, crown
from tests.integration.steps.small_model import PLACE, TINY, TRAINED_UNTIL, ZONE, history_of, hundred_days
from trainer.contract import Region, manifest_path, model_folder
from trainer.model.artifact import save_artifact
from trainer.model.training.fitting import fit

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

FORECASTS: dict[str, Any] = {"day_ahead": {"at": "10:00", "covers": "tomorrow"}}
AT_TEN, LATE = "2024-04-05T10:00:00+09:00", "2024-04-06T15:20:00+09:00"


@dataclass(frozen=True)
class Made:
    outcomes: list[Outcome]
    log: str
    rows: pd.DataFrame
    """Of `predictions`, by product, origin and time."""
    site: Site
    alerts: list[dict[str, Any]]


def run_at(moment: str) -> Replay:
    return Replay(dag_id="forecast_T_day_ahead", logical_date=moment, run_after=moment)


@pytest.fixture(scope="module")
def made(
    site: Site, alerts: tuple[str, list[dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory
) -> Made:
    folder = tmp_path_factory.mktemp("products")
    demand = hundred_days()
    demand.to_csv(folder / "demand.csv")
    values = {**PLACE, "source": str(folder / "demand.csv"), "forecasts": FORECASTS}
    region, until = Region.parse("T", values), TRAINED_UNTIL.tz_convert("UTC")
    model = fit(history_of(demand), region, TINY, train_until=until, origin_hours=(0, 10))
    artifact = folder / "artifact"
    checksum = save_artifact(model, artifact, {"version": "T-1"})
    site.store.upload(artifact, model_folder("T", "T-1"))
    with psycopg.connect(site.database) as connection:
        trained = ("2024-01-01T00:00:00+09:00", TRAINED_UNTIL.isoformat())
        crown(connection, "T", "T-1", trained=trained, checksum=checksum)
    environ = {
        **site.environ_of(["T"], "product_forecast.py"),
        "DEMAND_FORECAST_REGIONS": json.dumps({"T": values}),
        "DEMAND_FORECAST_NOTIFY_URLS": json.dumps([alerts[0]]),
    }
    outcomes, log = replay([run_at(AT_TEN), run_at(LATE)], environ)
    with psycopg.connect(site.database) as connection:
        cursor = connection.execute(
            "SELECT product, origin, time, lead_time, model_version, fallback FROM predictions "
            "ORDER BY product, origin, time"
        )
        rows = pd.DataFrame(cursor.fetchall(), columns=[one.name for one in cursor.description or []])
    return Made(outcomes, log, rows, site, alerts[1])


def test_every_task_succeeds_and_nobody_is_alerted(made: Made) -> None:
    for outcome in made.outcomes:
        assert outcome.state == "success", made.log[-5000:]
        assert set(outcome.tasks.values()) == {"success"}
        assert set(outcome.tasks) == {
            *("ingest", "snapshot", "pin_model", "forecast", "report_forecast", "publish")
        }
    assert made.alerts == []


def test_what_is_published_is_tomorrow_as_seen_at_ten_under_the_product_s_name(made: Made) -> None:
    first = made.rows[made.rows["origin"] == pd.Timestamp(AT_TEN)]
    assert set(first["product"]) == {"day_ahead"}
    assert set(zip(first["model_version"], first["fallback"], strict=True)) == {("T-1", "none")}
    assert first["lead_time"].tolist() == list(range(15, 39))
    local = pd.DatetimeIndex(first["time"]).tz_convert(ZONE)
    assert {str(day) for day in local.date} == {"2024-04-06"}


def test_a_run_that_somebody_starts_later_speaks_from_the_product_s_last_moment(made: Made) -> None:
    second = made.rows[made.rows["origin"] != pd.Timestamp(AT_TEN)]
    assert set(second["origin"]) == {pd.Timestamp("2024-04-06T10:00:00+09:00")}
    assert len(second) == 24


def test_the_manifest_carries_the_product(made: Made) -> None:
    path = manifest_path("T", run_at(AT_TEN).run_id, "forecast")
    assert json.loads(made.site.store.read(path))["facts"]["product"] == "day_ahead"
