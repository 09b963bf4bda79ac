"""Hours in the region's local time, the days they belong to, and the shapes that recur in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from trainer.contract import Region
from trainer.model.arrays import Matrix, Vector
from trainer.model.covariates.days import DayTable, day_table


@dataclass(frozen=True)
class Calendar:
    """Hours of an index in local time and the days they belong to."""

    local: pd.DatetimeIndex
    """Naive local time."""
    hour: Vector
    table: DayTable
    day: npt.NDArray[np.int64]
    """Row of `table` of each hour."""

    @classmethod
    def of(cls, index: pd.DatetimeIndex, region: Region) -> Calendar:
        local = index.tz_convert(region.zone).tz_localize(None)
        dates = local.to_numpy().astype("datetime64[D]")
        first, last = dates.min(), dates.max()
        hour = np.asarray(local.hour + local.minute / 60, dtype=np.float64)
        return cls(
            local,
            hour,
            day_table(first, last, region),
            (dates - first).astype(np.int64),
        )


def harmonics(hour: Vector, order: int) -> Matrix:
    """(hours, 2 x order): sine and cosine of the local hour."""
    angle = 2 * np.pi * hour[:, None] / 24 * np.arange(1, order + 1)
    return np.hstack([np.sin(angle), np.cos(angle)])


def trailing_mean(values: Vector, window: int) -> Vector:
    """Mean of the last `window` values, this one included; of fewer at the beginning."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    end = np.arange(1, values.size + 1)
    begin = np.maximum(end - window, 0)
    return np.asarray((total[end] - total[begin]) / (end - begin))
