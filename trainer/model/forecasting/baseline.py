"""The seasonal-naive forecast: what the last weeks had at the same hour. The fallback when no model loads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from trainer.contract import MAX_HORIZON, Region
from trainer.contract.quantiles import beside_band, quantile_column
from trainer.errors import DataError, UsageError
from trainer.model.arrays import Vector
from trainer.model.target_transform import TargetTransform

BASELINE_VERSION: Final = "seasonal-naive-168h"
"""What stands where a forecast names its model version."""
_WEEK: Final = 168
_DAY: Final = 24
_WEEKS_JUDGED: Final = 8
_BAND: Final = (10, 90)


def baseline_forecast(
    history: pd.DataFrame, region: Region, origin: pd.Timestamp, horizon: int
) -> pd.DataFrame:
    """`horizon` hours from `origin` (UTC), each as it was a week before; columns as `Forecaster.forecast`.

    An hour unknown a week before is taken from two weeks before, up to nine, then from the nearest day, then
    from the median of that hour of the day or of all hours. The trend is the
    mean of the last week, the seasonality what the hour adds to it, the residual zero. The band holds
    80 % of the week-to-week changes of the last 8 weeks, relative ones where demand is positive throughout,
    else in MW; the region's other quantiles hold their shares of them. Raises UsageError for a horizon
    outside 1..168 and DataError when nothing of those nine weeks is known.
    """
    if not 1 <= horizon <= MAX_HORIZON:
        raise UsageError(f"horizon {horizon} is not within 1..{MAX_HORIZON} hours")
    index = pd.date_range(origin - pd.Timedelta(hours=(_WEEKS_JUDGED + 1) * _WEEK), origin, freq="h")
    past = history["demand"].reindex(index[:-1]).to_numpy(dtype=np.float64)
    week = _last_week(past)
    if week is None:
        raise DataError(
            f"region {region.name}: the seasonal baseline from {origin.isoformat()} needs some demand of the "
            f"{_WEEKS_JUDGED + 1} weeks before it; ingest it first"
        )
    forecast = week[:horizon]
    levels = beside_band(region.quantiles)
    lower, upper, *others = _quantiles(past, forecast, [*_BAND, *levels])
    level = float(week.mean())
    columns = {
        "forecast": forecast,
        "trend": np.full(horizon, level),
        "seasonality": forecast - level,
        "residual": np.zeros(horizon),
        "lower": lower,
        "upper": upper,
        "lead_time": np.arange(1, horizon + 1),
    }
    time = pd.date_range(origin, periods=horizon, freq="h", name="time")
    names = map(quantile_column, levels)
    return pd.DataFrame({**columns, **dict(zip(names, others, strict=True))}, index=time)


def seasonal_naive(demand: pd.Series[float], hours: pd.Index[Any]) -> pd.Series[float]:
    """What `demand` (MW, by UTC hour) was a week before each of `hours`; NaN where it is not known."""
    return demand.shift(freq=pd.Timedelta(hours=_WEEK)).reindex(hours)


def _quantiles(past: Vector, forecast: Vector, levels: Sequence[float]) -> list[Vector]:
    """The quantile of each level (percent) at each hour of `forecast`, MW: symmetric about it."""
    transform = TargetTransform.of(past)
    on_scale = transform(past)
    change = np.abs(on_scale[_WEEK:] - on_scale[:-_WEEK])
    known = change[np.isfinite(change)]
    middle = transform(forecast)
    found = []
    for level in levels:
        width = float(np.quantile(known, abs(level - 50) / 50)) if known.size else 0.0
        found.append(transform.megawatts(middle + np.sign(level - 50) * width))
    return found


def _last_week(past: Vector) -> Vector | None:
    """(168,): what stands for the week after `past` (hours of nine weeks); None where nothing is known."""
    weeks = past.reshape(-1, _WEEK)[::-1]
    days = [np.roll(weeks[0], _DAY * back) for back in range(1, 7)]
    hour = np.arange(len(past)) % _DAY
    by_hour = [past[hour == number] for number in range(_DAY)]
    usual = [
        np.median(known) if (known := values[np.isfinite(values)]).size else np.nan for values in by_hour
    ]
    known = past[np.isfinite(past)]
    if not known.size:
        return None
    found = np.full(_WEEK, np.nan)
    for stand_in in (*weeks, *days, np.tile(usual, _WEEK // _DAY), np.full(_WEEK, np.median(known))):
        found = np.where(np.isnan(found), stand_in, found)
    return found
