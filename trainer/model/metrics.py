"""Scores of a forecast against what came: the same keys everywhere, percentages in percent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from trainer.errors import DataError
from trainer.model.arrays import Vector


def scores(
    actual: npt.ArrayLike, forecast: npt.ArrayLike, naive: npt.ArrayLike | None = None
) -> dict[str, float]:
    """mae (MW), mse (MW^2), rmse (MW), r2, mape (%), smape (%, of the mean of both, 0..200), and with
    `naive` rmae.

    rmae is the MAE over that of `naive`, the seasonal naive forecast (MW, NaN where it has none), both on
    the hours of which that is known (Hyndman and Koehler, 2006). NaN stands for what means nothing: mape
    and smape where an actual is zero or below, r2 where the actuals do not vary, rmae without a naive
    forecast that errs. Raises DataError when shapes differ, nothing is there to score, or an actual or a
    forecast is not finite.
    """
    # Late: a forecast does without them.
    from sklearn.metrics import (  # noqa: PLC0415
        mean_absolute_error,
        mean_absolute_percentage_error,
        mean_squared_error,
        r2_score,
    )

    y, f = _pair(actual, forecast)
    error = f - y
    positive = bool((y > 0).all())
    mse = float(mean_squared_error(y, f))
    found = {
        "mae": float(mean_absolute_error(y, f)),
        "mse": mse,
        "rmse": math.sqrt(mse),
        "r2": float(r2_score(y, f)) if np.ptp(y) > 0 else math.nan,
        "mape": 100 * float(mean_absolute_percentage_error(y, f)) if positive else math.nan,
        "smape": float(200 * np.mean(np.abs(error) / (y + np.abs(f)))) if positive else math.nan,
    }
    return found if naive is None else {**found, "rmae": _relative(y, error, naive)}


def _relative(actual: Vector, error: Vector, naive: npt.ArrayLike) -> float:
    beside = np.asarray(naive, dtype=np.float64)
    known = np.isfinite(beside)
    of_naive = float(np.abs(beside - actual)[known].mean()) if known.any() else 0.0
    return float(np.abs(error)[known].mean()) / of_naive if of_naive > 0 else math.nan


def mape(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> float:
    """Mean absolute error in percent of the actual; NaN where there is nothing to score, or an actual is
    zero or below."""
    y, f = np.asarray(actual, dtype=np.float64), np.asarray(forecast, dtype=np.float64)
    return float(100 * np.mean(np.abs(f - y) / y)) if y.size and (y > 0).all() else math.nan


def coverage(actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> float:
    """Percent of the hours whose actual lies within the band, its edges included."""
    y, lo, up = (np.asarray(x, dtype=np.float64) for x in (actual, lower, upper))
    return float(100 * np.mean((lo <= y) & (y <= up)))


def pinball(actual: npt.ArrayLike, quantile_forecast: npt.ArrayLike, quantile: float) -> float:
    """Mean pinball loss (MW) of one quantile's forecast (Koenker and Bassett, 1978)."""
    error = np.asarray(actual, dtype=np.float64) - np.asarray(quantile_forecast, dtype=np.float64)
    return float(np.mean(np.maximum(quantile * error, (quantile - 1) * error)))


def crps(actual: npt.ArrayLike, quantiles: Mapping[float, npt.ArrayLike]) -> float:
    """The continuous ranked probability score (MW) as far as `quantiles` (level in percent -> forecasts, MW)
    tell: the mean over the levels of twice the pinball loss. NaN without any quantile.

    The score is the integral of twice the pinball loss over all levels (Gneiting and Ranjan, 2011, equation
    14, after Laio and Tamea, 2007); of the median alone it is the mean absolute error. It compares forecasts
    of the same levels only.
    """
    losses = [2 * pinball(actual, values, level / 100) for level, values in quantiles.items()]
    return float(np.mean(losses)) if losses else math.nan


def share_below(actual: npt.ArrayLike, quantiles: Mapping[float, npt.ArrayLike]) -> dict[float, float]:
    """Level in percent -> percent of the hours whose actual is not above that quantile's forecast (MW): the
    level itself where the quantiles hold what they say."""
    y = np.asarray(actual, dtype=np.float64)
    return {
        level: float(100 * np.mean(y <= np.asarray(values, dtype=np.float64)))
        for level, values in quantiles.items()
    }


def _pair(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> tuple[Vector, Vector]:
    y, f = np.asarray(actual, dtype=np.float64), np.asarray(forecast, dtype=np.float64)
    if y.shape != f.shape or y.size == 0:
        raise DataError(f"cannot score {f.size} forecasts against {y.size} actuals; align them by hour")
    for name, values in (("actual", y), ("forecast", f)):
        if not np.isfinite(values).all():
            bad = int((~np.isfinite(values)).sum())
            raise DataError(f"cannot score: {bad} of {values.size} {name} values are not finite")
    return y, f


def finite_or_none(values: dict[str, float]) -> dict[str, Any]:
    """The same scores with NaN as None, for JSON and SQL."""
    return {key: value if math.isfinite(value) else None for key, value in values.items()}
