"""Everything the model may know of an hour beside demand: its calendar, its weather, its sun.

Rows depend on the calendar and on weather alone, never on demand, so the same hour has the same features
in training and in forecasting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.solar import solar_elevation_sine
from trainer.model.arrays import Matrix, Vector, hours_since
from trainer.model.covariates.calendar import Calendar, harmonics
from trainer.model.covariates.weather import weather_features

WARM_UP_DAYS: Final = 16
"""Days before an hour that its features look back on: 14 whole local days, and two for its edges."""
_YEAR: Final = 365.25


@dataclass(frozen=True)
class HourCovariates:
    """The facts of every hour of `index` (UTC, hourly, without holes)."""

    index: pd.DatetimeIndex
    calendar: Calendar
    weather: dict[str, Vector]
    """Empty in a region without weather."""
    sun: Vector
    """Sine of the sun's elevation in the middle of the hour, 0 at night."""

    @classmethod
    def of(cls, frame: pd.DataFrame, region: Region) -> Self:
        """The covariates of the hours of `frame` (canonical), of which only the index and the region's
        weather columns are read."""
        index = pd.DatetimeIndex(frame.index)
        calendar = Calendar.of(index, region)
        weather = {name: frame[name].to_numpy(dtype=np.float64) for name in region.weather}
        sine = solar_elevation_sine(index, region.latitude, region.longitude)
        return cls(
            index,
            calendar,
            weather_features(calendar, weather) if weather else {},
            np.maximum(sine, 0.0),
        )

    def years_since(self, epoch: str) -> Vector:
        return hours_since(self.index, epoch) / 24 / _YEAR


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation of each continuous feature over the training hours."""

    names: tuple[str, ...]
    means: Vector
    deviations: Vector

    @classmethod
    def fit(cls, columns: dict[str, Vector], rows: slice) -> Self:
        values = np.column_stack([column[rows] for column in columns.values()])
        deviations = values.std(axis=0)
        return cls(tuple(columns), values.mean(axis=0), np.where(deviations > 0, deviations, 1.0))

    def __call__(self, columns: dict[str, Vector]) -> Matrix:
        values = np.column_stack([columns[name] for name in self.names])
        return np.asarray((values - self.means) / self.deviations)

    def to_dict(self) -> dict[str, Any]:
        pairs = zip(self.means.tolist(), self.deviations.tolist(), strict=True)
        return {name: {"mean": m, "deviation": d} for name, (m, d) in zip(self.names, pairs, strict=True)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(
            tuple(values),
            np.array([entry["mean"] for entry in values.values()], dtype=np.float64),
            np.array([entry["deviation"] for entry in values.values()], dtype=np.float64),
        )


def flags(calendar: Calendar) -> Matrix:
    """(hours, columns) that need no scaling: time of day, of week and of year, kinds of day."""
    table, day = calendar.table, calendar.day
    turn = 2 * np.pi * np.asarray(calendar.local.day_of_year, dtype=np.float64) / _YEAR
    by_day = np.column_stack(
        [
            *(table.weekday == number for number in range(7)),
            *(table.festival == distance for distance in (-2, -1, 0, 1, 2)),
            *table.kinds,
            table.after_free,
            table.before_free,
            table.run_length / 3,
            table.run_position / 3,
        ]
    )
    season = np.column_stack([np.sin(turn), np.cos(turn)])
    return np.hstack([harmonics(calendar.hour, 3), season, by_day[day]])


def measures(covariates: HourCovariates, seasonality: Vector, epoch: str) -> dict[str, Vector]:
    """Continuous features by name: the seasonality's own value, sun and how it grows, weather and cloud."""
    sun, weather = covariates.sun, covariates.weather
    columns = {"seasonality": seasonality, "sun": sun, "sun*years": sun * covariates.years_since(epoch)}
    columns.update(weather)
    for name, values in weather.items():
        if name.endswith("_anomaly"):
            columns[f"sun*{name}"] = sun * values
    return columns
