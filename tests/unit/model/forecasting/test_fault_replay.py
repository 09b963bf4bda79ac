"""Sixty days of daily forecasts over a series to which everything happens that happens to metering."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA, NOW
from tests.unit.model.series import TINY, make_history
from trainer.data.validation import canonical
from trainer.errors import DataError
from trainer.model.forecasting.baseline import baseline_forecast
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.fitting import fit

DAYS = 60
SEED = 13
TRUE = make_history(260)
FIRST = 24 * 190
"""Row of the first origin, a local midnight."""


@dataclass(frozen=True)
class Fault:
    """Done to the rows `hours` long that begin at a random hour."""

    name: str
    hours: int
    column: str
    do: Callable[[pd.Series], object]


FAULTS = (
    Fault("gap", 30, "demand", lambda v: np.nan),
    Fault("flat line", 20, "demand", lambda v: v.iloc[0]),
    Fault("zeros", 3, "demand", lambda v: 0.0),
    Fault("negative", 1, "demand", lambda v: -v),
    Fault("spike", 1, "demand", lambda v: v * 3),
    Fault("kW for MW", 36, "demand", lambda v: v * 1000),
    Fault("weather missing", 50, "temperature", lambda v: np.nan),
)


def spoilt() -> tuple[pd.DataFrame, np.ndarray]:
    """The series with a fault every four days, each kind in turn, and which of its hours are touched."""
    random = np.random.default_rng(SEED)
    frame, touched = TRUE.copy(), np.zeros(len(TRUE), dtype=bool)
    for number in range(DAYS // 4):
        fault = FAULTS[number % len(FAULTS)]
        start = FIRST + 96 * number + int(random.integers(0, 96 - fault.hours))
        rows = slice(start, start + fault.hours)
        column = frame.columns.get_loc(fault.column)
        frame.iloc[rows, column] = fault.do(frame.iloc[rows, column])
        touched[rows] = True
    return frame, touched


@pytest.fixture(scope="module")
def model() -> Forecaster:
    return fit(TRUE, KOREA, TINY, train_until=TRUE.index[FIRST], device="cpu", origin_hours=(0,))


def replay(model: Forecaster, raw: pd.DataFrame) -> pd.DataFrame:
    """Day by day what is published: by the champion, else by the seasonal baseline. Weather of the day ahead
    is the forecast's, so it is whole unless `raw` lacks it."""
    days = []
    for day in range(DAYS):
        origin = raw.index[FIRST + 24 * day]
        history = canonical(raw, KOREA, as_of=origin.to_pydatetime(), now=NOW).frame
        try:
            made = model.forecast(history, origin, 24).assign(by="champion")
        except DataError:
            made = baseline_forecast(history, KOREA, origin, 24).assign(by="baseline")
        days.append(made)
    return pd.concat(days)


def mape(frame: pd.DataFrame, hours: np.ndarray) -> float:
    actual = TRUE["demand"].reindex(frame.index)
    return float(100 * (frame["forecast"] / actual - 1).abs()[hours].mean())


def test_every_day_has_its_forecast_and_days_without_a_fault_are_as_good_as_ever(model: Forecaster) -> None:
    raw, touched = spoilt()
    found, clean = replay(model, raw), replay(model, TRUE)
    assert len(found) == 24 * DAYS
    assert (found["forecast"] > 0).all()
    assert (found["lower"] <= found["forecast"]).all()
    assert (found["forecast"] <= found["upper"]).all()
    days = touched[FIRST : FIRST + 24 * DAYS].reshape(DAYS, 24).any(axis=1)
    sound = np.repeat(~days, 24)
    assert sound.sum() >= 24 * 25
    assert mape(found, sound) <= 1.05 * mape(clean, sound)


def test_the_champion_speaks_on_all_days_whose_weather_is_known(model: Forecaster) -> None:
    raw, _ = spoilt()
    found = replay(model, raw)
    without_weather = raw["temperature"].reindex(found.index).isna().groupby(found.index.floor("D")).sum()
    assert (found["by"] == "baseline").sum() <= 24 * (without_weather > 0).sum()
