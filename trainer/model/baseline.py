"""The seasonal-naive forecast: what the last weeks had at the same hour. The fallback when no model loads."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import MAX_HORIZON, Region
from trainer.errors import DataError, UsageError
from trainer.model.forecaster import COLUMNS

BASELINE_VERSION: Final = "seasonal-naive-168h"
"""What stands where a forecast names its model version."""
_WEEK: Final = 168
_WEEKS_JUDGED: Final = 8
_COVERAGE: Final = 0.8


def baseline_forecast(
    history: pd.DataFrame, region: Region, origin: pd.Timestamp, horizon: int
) -> pd.DataFrame:
    """`horizon` hours from `origin` (UTC), each as it was a week before; columns as `Forecaster.forecast`.

    An hour unknown a week before is taken from a day, two days ... before the origin. The trend is the
    mean of the last week, the seasonality what the hour adds to it, the residual zero. The band holds
    80 % of the week-to-week changes of the last 8 weeks. Raises UsageError for a horizon outside 1..168 and
    DataError when the last week is unknown.
    """
    if not 1 <= horizon <= MAX_HORIZON:
        raise UsageError(f"horizon {horizon} is not within 1..{MAX_HORIZON} hours")
    index = pd.date_range(origin - pd.Timedelta(hours=(_WEEKS_JUDGED + 1) * _WEEK), origin, freq="h")
    past = history["demand"].reindex(index[:-1]).to_numpy(dtype=np.float64)
    week = past[-_WEEK:].copy()
    for days in range(1, 7):
        unknown = np.isnan(week)
        week[unknown] = np.roll(past[-_WEEK:], 24 * days)[unknown]
    if np.isnan(week).any():
        raise DataError(
            f"region {region.name}: the seasonal baseline from {origin.isoformat()} needs the demand of "
            "the week before it; ingest it first"
        )
    change = np.abs(np.log(past[_WEEK:] / past[:-_WEEK]))
    known = change[np.isfinite(change)]
    width = float(np.quantile(known, _COVERAGE)) if known.size else 0.0
    forecast = week[:horizon]
    level = float(week.mean())
    columns = {
        "forecast": forecast,
        "trend": np.full(horizon, level),
        "seasonality": forecast - level,
        "residual": np.zeros(horizon),
        "lower": forecast * np.exp(-width),
        "upper": forecast * np.exp(width),
        "lead_time": np.arange(1, horizon + 1),
    }
    time = pd.date_range(origin, periods=horizon, freq="h", name="time")
    return pd.DataFrame(columns, index=time)[list(COLUMNS)]
