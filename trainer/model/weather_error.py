"""Weather as a forecast would have had it: the true one with errors that last from hour to hour."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.model.arrays import Vector
from trainer.model.weather import HUMIDITY, TEMPERATURE

_ERRORS: Final = {TEMPERATURE: 1.3, HUMIDITY: 7.0}
"""Standard deviations (C, %) of day-ahead weather forecasts."""
_SHARE: Final = 0.1
"""Of its spread, the error of any other column."""
_SEASON_DAYS: Final = 31
_PERSISTENCE: Final = 0.9
"""Of the weather forecast's error from hour to hour, AR(1)."""


def with_errors(
    frame: pd.DataFrame, region: Region, begin: pd.Timestamp, random: np.random.Generator, size: float = 1.0
) -> pd.DataFrame:
    """A copy of `frame`, its weather from `begin` on in error of `size` usual day-ahead forecasts.

    Columns beside temperature and humidity err by a tenth of what they vary at that local hour in that month,
    and stay within all that they have been: there is no sunshine by night, and no rain below nothing.
    Raises KeyError when a weather column of the region is missing.
    """
    noisy = frame.copy()
    rows = np.flatnonzero(noisy.index >= begin)
    for name in region.weather:
        values = noisy[name].to_numpy(dtype=np.float64, copy=True)
        errors = _ar1(random, rows.size)
        if name in _ERRORS:
            values[rows] += size * _ERRORS[name] * errors
            noisy[name] = np.clip(values, 0, 100) if name == HUMIDITY else values
        else:
            low, high = np.nanmin(values), np.nanmax(values)
            values[rows] += size * _SHARE * _spread(noisy[name], region)[rows] * errors
            noisy[name] = np.clip(values, low, high)
    return noisy


def _spread(column: pd.Series[float], region: Region) -> Vector:
    """Of each hour, the standard deviation of the same local hour on the days around it."""
    hour = pd.DatetimeIndex(column.index).tz_convert(region.zone).hour
    spread = np.empty(len(column))
    for each in range(24):
        same = np.flatnonzero(hour == each)
        days = column.iloc[same].rolling(_SEASON_DAYS, center=True, min_periods=1)
        spread[same] = days.std(ddof=0)
    return spread


def _ar1(random: np.random.Generator, hours: int) -> Vector:
    """Unit variance at every hour."""
    errors = np.empty(hours)
    errors[0] = random.standard_normal()
    for hour in range(1, hours):
        shock = random.standard_normal() * np.sqrt(1 - _PERSISTENCE**2)
        errors[hour] = _PERSISTENCE * errors[hour - 1] + shock
    return errors
