"""Weather as a forecast would have had it: the true one with errors that last from hour to hour."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.model.arrays import Vector
from trainer.model.weather import HUMIDITY, TEMPERATURE

_ERRORS: Final = {TEMPERATURE: 1.3, HUMIDITY: 7.0}
"""Standard deviations (C, %) of day-ahead weather forecasts; other columns get a tenth of their spread."""
_PERSISTENCE: Final = 0.9
"""Of the weather forecast's error from hour to hour, AR(1)."""


def with_errors(
    frame: pd.DataFrame, region: Region, begin: pd.Timestamp, random: np.random.Generator, size: float = 1.0
) -> pd.DataFrame:
    """A copy of `frame`, its weather from `begin` on in error of `size` usual day-ahead forecasts.

    Raises KeyError when a weather column of the region is missing.
    """
    noisy = frame.copy()
    rows = np.flatnonzero(noisy.index >= begin)
    for name in region.weather:
        values = noisy[name].to_numpy(dtype=np.float64, copy=True)
        known = values[: rows[0]] if rows[0] else values
        spread = _ERRORS.get(name, float(np.nanstd(known)) / 10)
        values[rows] += size * spread * _ar1(random, rows.size)
        noisy[name] = np.clip(values, 0, 100) if name == HUMIDITY else values
    return noisy


def _ar1(random: np.random.Generator, hours: int) -> Vector:
    """Unit variance at every hour."""
    errors = np.empty(hours)
    errors[0] = random.standard_normal()
    for hour in range(1, hours):
        shock = random.standard_normal() * np.sqrt(1 - _PERSISTENCE**2)
        errors[hour] = _PERSISTENCE * errors[hour - 1] + shock
    return errors
