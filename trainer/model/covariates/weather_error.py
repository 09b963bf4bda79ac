"""Weather as a forecast would have had it: the true one with errors that last from hour to hour."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.weather.columns import place_columns, places_of
from trainer.model.arrays import Matrix, Vector
from trainer.model.covariates.weather import HUMIDITY, TEMPERATURE

_ERRORS: Final = {TEMPERATURE: 1.3, HUMIDITY: 7.0}
"""Standard deviations (C, %) of day-ahead weather forecasts."""
_SHARE: Final = 0.1
"""The error of any other column, as a share of its spread."""
_SEASON_DAYS: Final = 31
_PERSISTENCE: Final = 0.9
"""Share of the weather forecast's error that stays from one hour to the next, AR(1)."""


def with_errors(
    frame: pd.DataFrame, region: Region, begin: pd.Timestamp, random: np.random.Generator, size: float = 1.0
) -> pd.DataFrame:
    """A copy of `frame` whose weather from `begin` on has random errors, `size` times as large as those of
    usual day-ahead forecasts.

    Columns beside temperature and humidity err by a tenth of what they vary at that local hour in that month,
    and stay within all that they have been: there is no sunshine by night, and no rain below nothing. Single
    places err as the mean of all does. Raises KeyError when a weather column of the region is missing.
    """
    rows = np.flatnonzero(frame.index >= begin)
    errors = np.zeros((len(region.weather), len(frame)))
    for of_column in errors:
        of_column[rows] = _ar1(random.standard_normal(rows.size))
    return _in_error(frame, region, size * errors)


def with_daily_errors(frame: pd.DataFrame, region: Region) -> pd.DataFrame:
    """A copy of `frame` whose weather has random errors of the size `weather_error` of the region, drawn anew
    for each UTC day. A date has the same errors in every frame, but for their size in columns beside
    temperature and humidity, which depends on the weeks around the date.

    Raises KeyError as `with_errors` does.
    """
    index = pd.DatetimeIndex(frame.index)
    dates, day = np.unique(np.asarray(index, dtype="M8[D]").astype(np.int64), return_inverse=True)
    columns = len(region.weather)
    shocks = np.stack([np.random.default_rng(int(date)).standard_normal((columns, 24)) for date in dates])
    errors = _ar1(shocks)[day, :, np.asarray(index.hour)].T
    return _in_error(frame, region, region.weather_error * errors)


def _in_error(frame: pd.DataFrame, region: Region, errors: Matrix) -> pd.DataFrame:
    """`errors` (columns, hours): 1 is a usual one."""
    noisy = frame.copy()
    places = place_columns(list(frame.columns), region)
    for name, of_column in zip(region.weather, errors, strict=True):
        values = noisy[name].to_numpy(dtype=np.float64)
        if name in _ERRORS:
            wrong = values + _ERRORS[name] * of_column
            noisy[name] = np.clip(wrong, 0, 100) if name == HUMIDITY else wrong
        else:
            wrong = values + _SHARE * _spread(noisy[name], region) * of_column
            noisy[name] = np.clip(wrong, np.nanmin(values), np.nanmax(values))
        if of_places := places_of(name, places):
            noisy[of_places] = noisy[of_places].add(noisy[name] - values, axis=0)
    return noisy


def _spread(column: pd.Series[float], region: Region) -> Vector:
    """(hours,): the standard deviation of the column at the same local hour on the days around each hour."""
    hour = pd.DatetimeIndex(column.index).tz_convert(region.zone).hour
    spread = np.empty(len(column))
    for each in range(24):
        same = np.flatnonzero(hour == each)
        days = column.iloc[same].rolling(_SEASON_DAYS, center=True, min_periods=1)
        spread[same] = days.std(ddof=0)
    return spread


def _ar1(shocks: Matrix) -> Matrix:
    """Errors that last from hour to hour, of unit variance at each, from standard normal `shocks` (...,
    hours)."""
    errors = shocks.copy()
    for hour in range(1, shocks.shape[-1]):
        shock = np.sqrt(1 - _PERSISTENCE**2) * shocks[..., hour]
        errors[..., hour] = _PERSISTENCE * errors[..., hour - 1] + shock
    return errors
