"""What may be known of an hour before it comes: its calendar and its weather, and on request our features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.calendars import calendar_features
from trainer.data.weather.columns import place_columns
from trainer.model.arrays import Vector
from trainer.model.covariates.features import HourCovariates, flags
from trainer.model.covariates.weather import TEMPERATURE

_DAY_FACTS: Final = (
    "is_weekend",
    "is_holiday",
    "is_substitute",
    "is_day_off",
    "is_day_before_holiday",
    "is_day_after_holiday",
    "is_bridge_day",
    "is_long_weekend",
    "days_off_length",
    "days_off_position",
)
_COMFORT: Final = 18.0
"""C; below it buildings are heated, above it cooled."""


def known_columns(frame: pd.DataFrame, region: Region, *, derived: bool, epoch: pd.Timestamp) -> pd.DataFrame:
    """Per hour of `frame` (UTC, without holes): float64 columns that depend on time and weather alone.

    The calendar with holidays and their neighbours; the weather of region and places as it is,
    over the last 24 and 72 hours, against the same hour of the day before, and by local day. With `derived`
    what our model makes of the same facts: height of the sun and its growth since `epoch`, signs of cloud,
    anomalies, festivals.
    """
    index = pd.DatetimeIndex(frame.index)
    columns = {**_calendar(index, region), **_weather(frame, region)}
    if derived:
        columns |= _derived(frame, region, epoch)
    return pd.DataFrame(columns, index=index)


def _calendar(index: pd.DatetimeIndex, region: Region) -> dict[str, Vector]:
    facts = calendar_features(index, region)
    weekday = facts["day_of_week"].to_numpy(dtype=np.float64)
    columns = {
        "hour": facts["hour"].to_numpy(dtype=np.float64),
        "day_of_week": weekday,
        "year_fraction": facts["year_fraction"].to_numpy(dtype=np.float64),
    }
    for name, period in (("hour", 24.0), ("day_of_week", 7.0), ("year_fraction", 1.0)):
        for k in (1, 2):
            angle = 2 * np.pi * k * columns[name] / period
            columns |= {f"{name}_sin{k}": np.sin(angle), f"{name}_cos{k}": np.cos(angle)}
    columns |= {name: facts[name].to_numpy(dtype=np.float64) for name in _DAY_FACTS}
    kinds = facts["holiday_kind"].astype(str)
    columns["festival_day"] = kinds.str.extract(r"_(\d)$")[0].fillna("0").to_numpy(dtype=np.float64)
    for name in ("is_day_off", "is_holiday"):
        columns[f"{name}_last_168"] = _trailing(columns[name], 168)
    return columns


def weather_columns(columns: Sequence[str], region: Region) -> list[str]:
    """Those of `columns` that hold weather: of the region, and of each of its places."""
    return [*region.weather, *place_columns(columns, region)]


def _weather(frame: pd.DataFrame, region: Region) -> dict[str, Vector]:
    day = pd.DatetimeIndex(frame.index).tz_convert(region.zone).date
    columns: dict[str, Vector] = {}
    for name in weather_columns(list(frame.columns), region):
        values = frame[name].to_numpy(dtype=np.float64)
        columns[name] = values
        columns[f"{name}_last_24"] = _trailing(values, 24)
        columns[f"{name}_last_72"] = _trailing(values, 72)
        columns[f"{name}_against_yesterday"] = values - np.concatenate([values[:24], values[:-24]])
        by_day = frame[name].groupby(day)
        for fold in ("min", "mean", "max"):
            columns[f"{name}_day_{fold}"] = by_day.transform(fold).to_numpy(dtype=np.float64)
    if TEMPERATURE in columns:
        columns["heating"] = np.maximum(_COMFORT - columns[TEMPERATURE], 0)
        columns["cooling"] = np.maximum(columns[TEMPERATURE] - _COMFORT, 0)
    return columns


def _derived(frame: pd.DataFrame, region: Region, epoch: pd.Timestamp) -> dict[str, Vector]:
    facts = HourCovariates.of(frame[list(region.weather)], region)
    years = facts.years_since(epoch.isoformat())
    columns = {"sun": facts.sun, "sun*years": facts.sun * years, "years": years}
    for name, values in facts.weather.items():
        columns[f"our_{name}"] = values
        if name.endswith("_anomaly"):
            columns[f"sun*{name}"] = facts.sun * values
    for number, values in enumerate(flags(facts.calendar).T):
        columns[f"our_flag_{number}"] = values
    return columns


def _trailing(values: Vector, hours: int) -> Vector:
    """Mean of the last `hours` values, this one included."""
    return pd.Series(values).rolling(hours, min_periods=1).mean().to_numpy()
