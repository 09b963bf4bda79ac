"""The trend is the growth of demand and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.errors import DataError
from trainer.model.decomposition.trend import HOURS_PER_YEAR, Trend


def hours(years: float) -> pd.DatetimeIndex:
    return pd.date_range("2019-01-01", periods=int(years * HOURS_PER_YEAR), freq="h", tz="UTC")


def season(index: pd.DatetimeIndex) -> np.ndarray:
    return 0.2 * np.sin(2 * np.pi * np.arange(len(index)) / HOURS_PER_YEAR)


@given(level=st.floats(5, 12), slope=st.floats(-0.1, 0.1))
@settings(max_examples=20)
def test_growth_is_found_whatever_season_the_history_ends_in(level: float, slope: float) -> None:
    index = hours(2.4)
    years = np.arange(len(index)) / HOURS_PER_YEAR
    trend = Trend.fit(index, level + slope * years + season(index))
    assert trend.slope == pytest.approx(slope, abs=1e-6)
    assert trend(index)[-1] == pytest.approx(level + slope * years[-1], abs=1e-6)


def test_a_history_too_short_to_tell_growth_from_season_gets_no_slope() -> None:
    index = hours(0.9)
    assert Trend.fit(index, 10 + season(index)).slope == 0


def test_unknown_hours_are_left_out() -> None:
    index = hours(2)
    log_demand = 10 + season(index)
    log_demand[100:900] = np.nan
    assert Trend.fit(index, log_demand).level == pytest.approx(10, abs=1e-3)


def test_no_known_hour_is_refused() -> None:
    index = hours(0.1)
    with pytest.raises(DataError, match="no known demand"):
        Trend.fit(index, np.full(len(index), np.nan))
