"""A product's DAG makes its forecast from ingest to PostgreSQL: every task is the real one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest

from tests.dags.replay import Outcome, Replay, replay
from tests.dags.site import Site, crown
from tests.integration.steps.small_model import DAYS, TINY
from trainer.contract import Region, manifest_path, model_folder
from trainer.model.artifact import save_artifact
from trainer.model.training.fitting import fit

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

ZONE = "Asia/Seoul"
REGION: dict[str, Any] = {
    "title": "Test",
    "timezone": ZONE,
    "country": "KR",
    "latitude": 36.5,
    "longitude": 127.5,
    "forecasts": {"day_ahead": {"at": "10:00", "covers": "tomorrow"}},
}
AT_TEN, LATE = "2024-04-05T10:00:00+09:00", "2024-04-06T15:20:00+09:00"
TRAINED_UNTIL = pd.Timestamp("2024-03-31", tz=ZONE)


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
def made(site: Site, alerts: tuple[str, list[dict[str, Any]]]) -> Made:
    hours = pd.date_range("2024-01-01", periods=24 * DAYS, freq="h", name="time")
    noise = np.random.default_rng(5).normal(0, 30, len(hours))
    shape = 6000 + 900 * np.sin(2 * np.pi * (hours.hour - 7) / 24) - 400 * (hours.day_of_week >= 5)
    demand = pd.Series(np.round(shape + noise, 1), index=hours, name="demand_mw")
    source = site.folder.parent / "demand.csv"
    demand.to_csv(source)
    values = {**REGION, "source": str(source)}
    region = Region.parse("T", values)
    history = demand.tz_localize(ZONE).tz_convert("UTC").rename("demand").to_frame().asfreq("h")
    model = fit(history, region, TINY, train_until=TRAINED_UNTIL.tz_convert("UTC"), origin_hours=(0, 10))
    artifact = site.folder.parent / "artifact"
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
