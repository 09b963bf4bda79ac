"""Day-ahead forecasts as they would have been made: all hours of a local day, at its midnight or before."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.contract.local_days import day_of, midnight
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.metrics import finite_or_none, mape


def day_ahead(
    forecaster: Forecaster,
    history: pd.DataFrame,
    midnights: pd.DatetimeIndex,
    origins: pd.DatetimeIndex | None = None,
) -> pd.DataFrame:
    """Indexed by UTC hour: what `Forecaster.forecast` gives for each hour of the local days that begin at
    `midnights` (UTC), from that midnight on; a DST day has 23 or 25 hours. MW. `origins` (UTC): from these
    instead, each before or at its day's midnight; hours before that are left out.

    Raises DataError as `Forecaster.forecast` does.
    """
    begun = midnights if origins is None else origins
    before = np.asarray((midnights - begun) // pd.Timedelta(hours=1), dtype=np.int64)
    hours_of_day = _hours_of_day(midnights, forecaster.region)
    shape = pd.DataFrame({"before": before, "hours": hours_of_day}, index=begun)
    parts = []
    for _, alike in shape.groupby(["before", "hours"]):
        ahead, hours = int(alike["before"].iloc[0]), int(alike["hours"].iloc[0])
        made = forecaster.forecast_many(history, pd.DatetimeIndex(alike.index), ahead + hours)
        parts.append(made[made["lead_time"] > ahead])
    return pd.concat(parts).set_index("time").sort_index()


def day_ahead_errors(
    forecaster: Forecaster, history: pd.DataFrame, midnights: pd.DatetimeIndex
) -> pd.Series[float]:
    """Absolute errors of `day_ahead` in MW, by UTC hour, of those that were measured. Raises DataError
    likewise."""
    made = day_ahead(forecaster, history, midnights)["forecast"]
    actual = history["demand"].reindex(made.index).dropna()
    return (made[actual.index] - actual).abs()


def mape_by_lead_time(forecast: pd.DataFrame, actual: pd.Series[float]) -> dict[str, float | None]:
    """Lead time in hours (as text, for JSON) -> MAPE in percent, None where it means nothing. `actual` is
    indexed as `forecast`, in MW."""
    found = {
        str(lead_time): round(mape(actual.loc[part.index], part["forecast"]), 4)
        for lead_time, part in forecast.groupby("lead_time")
    }
    return finite_or_none(found)


def _hours_of_day(midnights: pd.DatetimeIndex, region: Region) -> list[int]:
    ends = [midnight(day_of(start, region) + timedelta(days=1), region) for start in midnights]
    return [(end - start) // timedelta(hours=1) for start, end in zip(midnights, ends, strict=True)]
