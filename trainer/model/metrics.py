"""Scores of a forecast against what came: the same keys everywhere, percentages in percent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from trainer.errors import DataError
from trainer.model.arrays import Vector


def scores(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> dict[str, float]:
    """mae (MW), mse (MW^2), rmse (MW), r2, mape (%), smape (%, of the mean of both, 0..200).

    r2 is NaN when the actuals do not vary. Raises DataError when shapes differ, nothing is there to
    score, a value is not finite, or an actual is zero or below.
    """
    y, f = _pair(actual, forecast)
    error = f - y
    mse = float(np.mean(error**2))
    spread = float(np.mean((y - y.mean()) ** 2))
    return {
        "mae": float(np.mean(np.abs(error))),
        "mse": mse,
        "rmse": math.sqrt(mse),
        "r2": 1.0 - mse / spread if spread > 0 else math.nan,
        "mape": float(100 * np.mean(np.abs(error) / y)),
        "smape": float(200 * np.mean(np.abs(error) / (y + np.abs(f)))),
    }


def mape(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> float:
    """Mean absolute error in percent of the actual; NaN where there is nothing to score."""
    y, f = np.asarray(actual, dtype=np.float64), np.asarray(forecast, dtype=np.float64)
    return float(100 * np.mean(np.abs(f - y) / y)) if y.size else math.nan


def coverage(actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> float:
    """Percent of the hours whose actual lies within the band, its edges included."""
    y, lo, up = (np.asarray(x, dtype=np.float64) for x in (actual, lower, upper))
    return float(100 * np.mean((lo <= y) & (y <= up)))


def pinball(actual: npt.ArrayLike, quantile_forecast: npt.ArrayLike, quantile: float) -> float:
    """Mean pinball loss (MW) of one quantile's forecast (Koenker and Bassett, 1978)."""
    error = np.asarray(actual, dtype=np.float64) - np.asarray(quantile_forecast, dtype=np.float64)
    return float(np.mean(np.maximum(quantile * error, (quantile - 1) * error)))


def _pair(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> tuple[Vector, Vector]:
    y, f = np.asarray(actual, dtype=np.float64), np.asarray(forecast, dtype=np.float64)
    if y.shape != f.shape or y.size == 0:
        raise DataError(f"cannot score {f.size} forecasts against {y.size} actuals; align them by hour")
    for name, values in (("actual", y), ("forecast", f)):
        if not np.isfinite(values).all():
            bad = int((~np.isfinite(values)).sum())
            raise DataError(f"cannot score: {bad} of {values.size} {name} values are not finite")
    if (y <= 0).any():
        raise DataError(f"cannot score: {int((y <= 0).sum())} actual values are zero or negative")
    return y, f


def finite_or_none(values: dict[str, float]) -> dict[str, Any]:
    """The same scores with NaN as None, for JSON and SQL."""
    return {key: value if math.isfinite(value) else None for key, value in values.items()}
