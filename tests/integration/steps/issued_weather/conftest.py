"""A region with a temperature in its file and issues of it in another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.steps.issued_weather.issues import MakeRun, issues
from trainer.contract import Region
from trainer.steps.snapshot import snapshot
from trainer.store import Run


@pytest.fixture
def place(region: Region, tmp_path: Path) -> Region:
    """With a temperature of 10 C in its file, and issues of 1, 2 and 3 C in another."""
    rows = pd.read_csv(region.source)
    rows.assign(temperature=10.0).to_csv(region.source, index=False)
    path = tmp_path / "issued.csv"
    issues(1.0, 2.0, 3.0).to_csv(path, index=False)
    return replace(region, weather=("temperature",), weather_issued=str(path))


@pytest.fixture
def run(place: Region, make_run: MakeRun) -> Run:
    return replace(make_run(), region=place)


@pytest.fixture
def frozen_run(run: Run) -> Run:
    """A run whose snapshot holds two issues beside its demand; there is no model, so the baseline speaks."""
    snapshot(run, lookback_days=14, source=run.region.source)
    return run


@pytest.fixture
def falling_with_warmth(hundred_days: Path, make_run: MakeRun, tmp_path: Path) -> Region:
    """Demand falls with the temperature: warmth that is issued alone makes a forecast lower."""
    rows = pd.read_csv(hundred_days, parse_dates=["time"])
    warmth = 10 + 5 * np.sin(np.arange(len(rows)) / 37)
    rows = rows.assign(temperature=warmth, demand_mw=rows["demand_mw"] - 100 * warmth)
    source = tmp_path / "weather.csv"
    rows.to_csv(source, index=False)
    return replace(make_run().region, source=str(source), weather=("temperature",))
