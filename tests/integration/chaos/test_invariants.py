"""What `make chaos` would find of rows that are gone or too many."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.chaos.invariants import Found, look
from benchmarks.year.site import Site
from stack.state import State
from tests.unit.data.series import KOREA
from trainer.database.connection import connect

pytestmark = pytest.mark.integration

ORIGIN = pd.Timestamp("2023-10-30T15:00Z")


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Site:
    """A week of demand, stored in full, and a forecast of a day; without a model."""
    hours = pd.date_range(ORIGIN - timedelta(days=7), ORIGIN, freq="h", inclusive="left")
    history = pd.DataFrame({"demand": 60_000.0}, index=hours)
    with connect(database_url) as connection:
        for hour in hours:
            connection.execute(
                "INSERT INTO raw_demand (region, time, demand_mw, source) VALUES (%s, %s, 60000, 'meter')",
                (KOREA.name, hour),
            )
        for lead in range(1, 25):
            connection.execute(
                "INSERT INTO predictions (region, origin, time, lead_time, model_version, run_id,"
                " forecast_mw, fallback) VALUES (%s, %s, %s, %s, 'KR-1', 'daily', 60000, 'none')",
                (KOREA.name, ORIGIN, ORIGIN + timedelta(hours=lead - 1), lead),
            )
    (tmp_path / "store" / KOREA.name).mkdir(parents=True)
    return Site(State(tmp_path), KOREA, history, database_url, None, tmp_path / "source.csv")


def found(site: Site) -> Found:
    return look(site, ORIGIN, 24)


def without(site: Site, table: str, hour: pd.Timestamp) -> None:
    with connect(site.database) as connection:
        connection.execute(f"DELETE FROM {table} WHERE time = %s".encode(), (hour,))


def test_a_whole_week_and_a_whole_forecast_are_sound(site: Site) -> None:
    assert found(site).lost == []


def test_an_hour_of_demand_that_was_not_stored_is_lost(site: Site) -> None:
    without(site, "raw_demand", ORIGIN - timedelta(hours=3))
    (lost,) = found(site).lost
    assert "1 hours of demand" in lost


def test_an_hour_of_the_forecast_that_is_missing_is_lost(site: Site) -> None:
    without(site, "predictions", ORIGIN + timedelta(hours=3))
    (lost,) = found(site).lost
    assert "1 hours of the forecast" in lost


def test_a_region_without_an_active_model_is_told(site: Site) -> None:
    assert found(site).doubled == ["0 active models"]


def test_what_a_write_left_behind_is_half_done(site: Site) -> None:
    (site.store / KOREA.name / "forecast.csv.part").write_text("")
    (left,) = found(site).half_done
    assert "forecast.csv.part was left behind" in left
