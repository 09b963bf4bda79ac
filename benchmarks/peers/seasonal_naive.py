"""Each hour as it was a day, or a week, before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from benchmarks.protocol import Day
from trainer.model.arrays import Vector

_WEEK = pd.Timedelta(hours=168)


class SeasonalNaive:
    """The demand `hours` (24 or 168) before; a lag that is not yet known, or never was, is taken a week
    further back."""

    def __init__(self, hours: int) -> None:
        self._lag = pd.Timedelta(hours=hours)

    def fit(self, history: pd.DataFrame) -> None:
        pass

    def forecast(self, days: Sequence[Day]) -> Vector:
        return np.concatenate([self._day(day) for day in days])

    def hindcast(self, days: Sequence[Day]) -> Vector:
        """It was fitted to nothing."""
        return self.forecast(days)

    def _day(self, day: Day) -> Vector:
        demand = day.frame["demand"]
        at = pd.DatetimeIndex(day.frame.index[-day.hours :]) - self._lag
        values = demand.reindex(at).to_numpy(copy=True)
        while np.isnan(values).any() and at.max() >= demand.index[0]:
            at = at - _WEEK
            values = np.where(np.isnan(values), demand.reindex(at).to_numpy(), values)
        return values
