"""The slow growth of demand: a regression on time, log-linear where demand is modelled on its logarithm."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from trainer.errors import DataError
from trainer.model.arrays import Vector, hours_since

HOURS_PER_YEAR: Final = 8766.0
_NUISANCE_HARMONICS: Final = 3
_SHORTEST_FOR_GROWTH: Final = 1.5
"""Years: below this the slope is mostly the season that the history happens to begin and end with."""


@dataclass(frozen=True)
class Trend:
    """transformed demand = level + slope x years since `epoch`; shorter histories get a slope of zero."""

    epoch: str
    """ISO 8601, UTC: the first hour of the training data."""
    level: float
    slope: float
    """Per year; on the logarithmic scale 0.01 is about one percent of growth a year."""

    @classmethod
    def fit(cls, index: pd.DatetimeIndex, transformed: Vector) -> Self:
        """Least squares over the hours where `transformed` is finite.

        Yearly harmonics stand beside the line and are thrown away, so that a history that begins in
        winter and ends in summer is not taken for growth. Raises DataError when no hour is known.
        """
        known = np.isfinite(transformed)
        if not known.any():
            raise DataError("no known demand to fit the trend on; check the training window")
        years = _years(index, index[0])[known]
        target = transformed[known]
        columns = [np.ones_like(years)]
        if years[-1] - years[0] >= _SHORTEST_FOR_GROWTH:
            columns.append(years)
            for k in range(1, _NUISANCE_HARMONICS + 1):
                columns += [np.sin(2 * np.pi * k * years), np.cos(2 * np.pi * k * years)]
        coefficients = np.linalg.lstsq(np.column_stack(columns), target, rcond=None)[0]
        slope = float(coefficients[1]) if len(columns) > 1 else 0.0
        return cls(index[0].isoformat(), float(coefficients[0]), slope)

    def __call__(self, index: pd.DatetimeIndex) -> Vector:
        """On the model's scale, at each hour of `index`."""
        return self.level + self.slope * _years(index, pd.Timestamp(self.epoch))

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def _years(index: pd.DatetimeIndex, epoch: pd.Timestamp) -> Vector:
    return hours_since(index, epoch) / HOURS_PER_YEAR
