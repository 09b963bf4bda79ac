"""What weather columns say of demand: comfort, inertia of buildings, and signs of cloud over the panels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Vector
from trainer.model.covariates.calendar import Calendar, trailing_mean

TEMPERATURE: Final = "temperature"
HUMIDITY: Final = "humidity"
_RECENT_DAYS: Final = 14
_PERSISTENCE: Final = 0.9
"""Of a departure from the day before, from hour to hour."""

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def weather_features(calendar: Calendar, weather: Mapping[str, Vector]) -> dict[str, Vector]:
    """Per hour and name. `weather` holds the region's columns (temperature in C, humidity in %).

    Signs of cloud are taken over whole local days, and again against their mean of the 14 days before,
    so that they mean the same in every season.
    """
    columns: dict[str, Vector] = {}
    for name, values in weather.items():
        columns[name] = values
        columns[f"{name}_day"] = trailing_mean(values, 24)
        columns[f"{name}_three_days"] = trailing_mean(values, 72)
    columns.update(cloud_signs(calendar, weather))
    return columns


def cloud_signs(calendar: Calendar, weather: Mapping[str, Vector]) -> dict[str, Vector]:
    """Dry middays, wide daily ranges and steep mornings mean sun; each also as the day's anomaly."""
    day, hour = calendar.day, calendar.hour
    signs: dict[str, Vector] = {}
    if HUMIDITY in weather:
        humidity = weather[HUMIDITY]
        signs["humidity_midday"] = _daily_mean(humidity, day, (hour >= 10) & (hour < 16))
        signs["humidity_lowest"] = _daily(np.fmin, humidity, day)
    if TEMPERATURE in weather:
        temperature = weather[TEMPERATURE]
        low, high = _daily(np.fmin, temperature, day), _daily(np.fmax, temperature, day)
        noon = _daily_mean(temperature, day, (hour >= 11) & (hour < 15))
        dawn = _daily_mean(temperature, day, (hour >= 4) & (hour < 8))
        signs["temperature_range"] = high - low
        signs["temperature_rise"] = noon - dawn
    anomalies = {f"{name}_anomaly": values - _mean_before(values) for name, values in signs.items()}
    return {name: values[day] for name, values in {**signs, **anomalies}.items()}


def weather_filled(values: Vector) -> Vector:
    """`values` (hours,) with every NaN filled, for use where unknown hours are masked or few. Hours before
    the first known day take the mean of their hour of the day, all others are `carried_on`; 0 where no hour
    is known.
    """
    unknown = np.isnan(values)
    if not unknown.any():
        return values
    if unknown.all():
        return np.zeros_like(values)
    begun = values.copy()
    rows = np.arange(len(values))
    head = np.flatnonzero(unknown & (rows < int(np.argmin(unknown)) + 24))
    mean = np.nanmean(values)
    for row in head:
        same_hour = values[row % 24 :: 24]
        known = same_hour[np.isfinite(same_hour)]
        begun[row] = known.mean() if known.size else mean
    return carried_on(begun)


def carried_on(values: Vector) -> Vector:
    """`values` (hours,) with each NaN replaced by the value of 24 hours before plus a share of the last known
    anomaly, which is the last known value less the one 24 hours before it. The share falls with each hour.
    The result stays within the values that its hour of the day has had: no sun by night.

    The first day must be known; only earlier values are ever used.
    """
    carried, departure = values.copy(), 0.0
    for row in np.flatnonzero(np.isnan(values)):
        if not np.isnan(values[row - 1]):
            departure = carried[row - 1] - carried[row - 25] if row > 24 else 0.0
        departure *= _PERSISTENCE
        past = carried[row % 24 : row : 24]
        carried[row] = np.clip(carried[row - 24] + departure, past.min(), past.max())
    return carried


def _daily(fold: np.ufunc, values: Vector, day: Rows) -> Vector:
    result = np.full(day[-1] + 1, np.nan)
    fold.at(result, day, values)
    return result


def _daily_mean(values: Vector, day: Rows, chosen: Mask) -> Vector:
    """Mean over the chosen hours of each day; of a day cut off before them, over the hours there are."""
    size = day[-1] + 1
    known = np.isfinite(values)

    def mean(mask: Mask) -> Vector:
        count = np.bincount(day[mask], minlength=size)
        total = np.bincount(day[mask], values[mask], minlength=size)
        return np.asarray(total / np.where(count > 0, count, np.nan))

    part = mean(chosen & known)
    return np.where(np.isnan(part), mean(known), part)


def _mean_before(daily: Vector) -> Vector:
    """Mean of the 14 days before each day; the first day stands for itself."""
    mean = trailing_mean(daily, _RECENT_DAYS)
    return np.concatenate([daily[:1], mean[:-1]])
