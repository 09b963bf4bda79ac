"""Whether one forecast errs less than another by more than chance explains: a test on their daily errors.

Diebold and Mariano (1995, "Comparing predictive accuracy"), with the variance of Newey and West (1987), since
the days of a warm week resemble each other, and the correction of Harvey, Leybourne and Newbold (1997) for
few days.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.errors import DataError
from trainer.model.arrays import Vector

MIN_DAYS: Final = 5
"""Fewer days tell nothing of how much a day differs from the next."""
LEVEL: Final = 90
"""Percent that the interval holds: its lower end is above zero just where p lies below 0.05."""


@dataclass(frozen=True)
class Improvement:
    """By how much one forecast's mean daily error is below another's, in the unit of the errors."""

    days: int
    mean: float
    """Positive where the first errs less."""
    lower: float
    """With `upper` the interval that holds the true mean in LEVEL percent of cases."""
    upper: float
    p_value: float
    """Probability of so great an improvement or a greater one where in truth there is none."""


def improvement(ours: Vector, theirs: Vector) -> Improvement | None:
    """The improvement of `ours` over `theirs`, mean errors (days,) of the same consecutive days; None below
    MIN_DAYS days.

    Raises DataError when the days differ in number or an error is not finite.
    """
    if ours.shape != theirs.shape:
        raise DataError(f"cannot compare the errors of {ours.size} days with those of {theirs.size}")
    saved = theirs - ours
    if not np.isfinite(saved).all():
        raise DataError("cannot compare: an error is not finite")
    if saved.size < MIN_DAYS:
        return None
    # Late: half a second of import, which a forecast does without.
    from scipy.special import stdtr, stdtrit  # noqa: PLC0415

    days, mean = saved.size, float(saved.mean())
    error, freedom = _standard_error(saved), days - 1
    certain = 0.0 if mean > 0 else 1.0  # of days that all save the same
    p_value = float(stdtr(freedom, -mean / error)) if error > 0 else certain
    half = error * float(stdtrit(freedom, 0.5 + LEVEL / 200))
    return Improvement(days, mean, mean - half, mean + half, p_value)


def daily_errors(actual: pd.Series[float], forecasts: pd.DataFrame, region: Region) -> pd.DataFrame:
    """Mean absolute error of each local day that has measured hours, a column for each of `forecasts`: in
    percent of demand, or in MW where demand is zero or below in any hour. All indexed alike by UTC hour."""
    errors = forecasts.sub(actual, axis=0).abs()
    if (actual > 0).all():
        errors = 100 * errors.div(actual, axis=0)
    local = pd.DatetimeIndex(actual.index).tz_convert(region.zone)
    return errors.groupby(local.date).mean()


def _standard_error(saved: Vector) -> float:
    """Of the mean; the days' covariances within the usual lag of Newey and West, weighted down linearly."""
    days = saved.size
    lags = math.floor(4 * (days / 100) ** (2 / 9))
    centred = saved - saved.mean()
    covariances = [float(centred[lag:] @ centred[: days - lag]) / days for lag in range(lags + 1)]
    variance = covariances[0] + 2 * sum(
        (1 - lag / (lags + 1)) * covariances[lag] for lag in range(1, lags + 1)
    )
    ahead = lags + 1
    correction = (days + 1 - 2 * ahead + ahead * (ahead - 1) / days) / days
    return math.sqrt(max(variance, 0.0) / days / correction)
