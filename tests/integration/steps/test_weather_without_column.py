"""A source whose weather vanished goes on being taken in; a region's first one had better have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from trainer.database import connect
from trainer.database.actuals import read_actuals
from trainer.errors import WeatherColumnError
from trainer.steps.ingest import ingest
from trainer.store import Run

pytestmark = pytest.mark.integration
MakeRun = Callable[..., Run]


@pytest.fixture
def make_warm_run(make_run: MakeRun) -> MakeRun:
    """Of a region that forecasts with temperature."""

    def make(day: str, run_id: str = "daily/1") -> Run:
        run = make_run(day, run_id)
        return replace(run, region=replace(run.region, weather=("temperature",)))

    return make


def write(run: Run, demand: pd.Series, **weather: float) -> None:
    demand.tz_localize(None).to_frame().assign(**weather).to_csv(run.region.source)


def test_demand_is_taken_in_and_the_weather_told_of(
    make_warm_run: MakeRun, database: str, demand: pd.Series
) -> None:
    write(make_warm_run("2024-03-15"), demand[:"2024-03-14"], temperature=8.0)
    ingest(make_warm_run("2024-03-15"), source=None)
    later = make_warm_run("2024-03-16", "daily/2")
    write(later, demand[:"2024-03-15"])
    facts = ingest(later, source=None).facts
    assert facts["written"] == 24
    assert any("no column for 'temperature'" in text for text in facts["findings"])
    with connect(database) as connection:
        stored = read_actuals(connection, "T", weather=["temperature"])
    day = stored.index >= later.as_of - pd.Timedelta(days=1)
    assert stored["demand"].notna().all()
    assert stored["temperature"].isna().tolist() == day.tolist()


@pytest.mark.usefixtures("database")
def test_the_first_source_of_a_region_is_refused(make_warm_run: MakeRun, demand: pd.Series) -> None:
    run = make_warm_run("2024-03-15")
    write(run, demand)
    with pytest.raises(WeatherColumnError, match="no column for 'temperature'"):
        ingest(run, source=None)
