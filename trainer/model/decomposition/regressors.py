"""Regressors of the seasonality beside its Fourier terms: kinds of day, weather, sun.

Each is a plain fact times a daily shape of few harmonics. The penalty grows with the shape's fineness
and with how rarely the fact is seen, so that one odd holiday does not draw its own curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from trainer.model.arrays import Vector
from trainer.model.covariates.calendar import Calendar
from trainer.model.covariates.days import REACH
from trainer.model.covariates.features import HourCovariates
from trainer.model.covariates.weather import HUMIDITY, TEMPERATURE
from trainer.model.decomposition.shaped_columns import Columns, Regressors

COMMON: Final = 1e-3
"""Ridge penalty per hour of training data of facts that are seen every week."""
RARE: Final = 2e-5
"""Of facts seen a few times a year."""
SINGLE: Final = 5e-4
"""Of what sets one holiday apart from the others."""
_FINEST: Final = 6
"""Harmonics of the finest daily shape."""
_LONGEST_FESTIVAL: Final = 4
_KNOTS: Final = (5, 20, 35, 50, 65, 80, 95)
"""Percentiles of the training temperatures at which the response may bend."""


@dataclass(frozen=True)
class RegressorPlan:
    """What the columns need of the training data, kept so that they are built the same way again."""

    families: tuple[str, ...]
    """Holidays seen in training; others count as holidays without a name."""
    knots: dict[str, tuple[float, ...]]
    """Bends of temperature responses, C."""
    means: dict[str, float]
    epoch: str
    """The first training hour, from which years are counted."""

    @classmethod
    def of(cls, covariates: HourCovariates, hours: int | None = None) -> Self:
        """The plan from the first `hours` of the covariates, from all of them for None."""
        weather = {name: values[:hours] for name, values in covariates.weather.items()}
        table, day = covariates.calendar.table, covariates.calendar.day[:hours]
        names = sorted({str(family) for family in table.family[: day[-1] + 1]} - {""})
        knots = {
            name: tuple(float(x) for x in np.percentile(weather[name], _KNOTS))
            for name in (TEMPERATURE, f"{TEMPERATURE}_day", f"{TEMPERATURE}_three_days")
            if name in weather
        }
        means = {name: float(values.mean()) for name, values in weather.items()}
        return cls(tuple(names), knots, means, covariates.index[0].isoformat())

    def to_dict(self) -> dict[str, Any]:
        return {
            "families": list(self.families),
            "knots": {name: list(values) for name, values in self.knots.items()},
            "means": self.means,
            "epoch": self.epoch,
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        knots = {name: tuple(bends) for name, bends in values["knots"].items()}
        return cls(tuple(values["families"]), knots, dict(values["means"]), values["epoch"])


def build(plan: RegressorPlan, covariates: HourCovariates) -> Regressors:
    """The regressors' columns for any hours, training's or others, as `plan` fixes them."""
    calendar, weather = covariates.calendar, covariates.weather
    columns = Columns(calendar.hour, _FINEST)
    years = covariates.years_since(plan.epoch)
    _day_kinds(columns, plan, calendar)
    _seasons(columns, calendar, years)
    _climate(columns, plan, weather)
    _sun(columns, plan, covariates, years)
    return columns.regressors()


def _day_kinds(columns: Columns, plan: RegressorPlan, calendar: Calendar) -> None:
    table, day = calendar.table, calendar.day
    weekday = table.weekday[day]
    holiday = table.holiday[day]
    worked = 1 - table.free[day]
    for number, name in ((0, "monday"), (4, "friday"), (5, "saturday"), (6, "sunday")):
        columns.add(name, (weekday == number) & (holiday == 0), 6, COMMON)
    columns.add("holiday_on_workday", holiday * (weekday < 5), 5, RARE)
    columns.add("holiday_on_saturday", holiday * (weekday == 5), 4, RARE)
    columns.add("holiday_on_sunday", holiday * (weekday == 6), 4, RARE)
    columns.add("partial_holiday", table.partial[day], 3, RARE)
    columns.add("bridge", table.bridge[day], 3, RARE)
    columns.add("after_holiday", table.after_holiday[day] * worked, 4, RARE)
    columns.add("before_holiday", table.before_holiday[day] * worked, 3, RARE)
    columns.add("long_run", holiday * np.maximum(table.run_length[day] - 2, 0), 2, RARE)
    for number, name in ((5, "saturday"), (6, "sunday")):
        free = (weekday == number).astype(np.float64)
        columns.add(f"{name}_after_holiday", free * table.after_holiday[day], 3, RARE)
        columns.add(f"{name}_before_holiday", free * table.before_holiday[day], 3, RARE)
    for place in range(1, _LONGEST_FESTIVAL + 1):
        columns.add(f"festival_day{place}", table.place[day] == place, 3, RARE)
    for turn in (-8, -6, -3, -2, -1, 1, 2):
        columns.add(f"new_year{turn:+d}", table.turn[day] == turn, 2, SINGLE)
    between = (table.turn[day] >= -6) & (table.turn[day] <= 2) & (table.turn[day] != 0)
    columns.add("between_the_years", between, 3, RARE)
    for distance in range(-REACH, REACH + 1):
        columns.add(f"festival{distance:+d}", table.festival[day] == distance, 3, RARE)
    for family in plan.families:
        columns.add(f"family:{family}", table.family[day] == family, 2, SINGLE)


def _seasons(columns: Columns, calendar: Calendar, years: Vector) -> None:
    """The day's shape over the year, its drift over the years, and both on days off."""
    turn = 2 * np.pi * np.asarray(calendar.local.day_of_year, dtype=np.float64) / 365.25
    for k in (1, 2, 3):
        columns.add(f"year_sin{k}", np.sin(k * turn), 4, COMMON)
        columns.add(f"year_cos{k}", np.cos(k * turn), 4, COMMON)
    free = calendar.table.free[calendar.day]
    columns.add("free_year_sin", free * np.sin(turn), 2, COMMON)
    columns.add("free_year_cos", free * np.cos(turn), 2, COMMON)
    columns.add("years", years / 5, 4, COMMON)


def _climate(columns: Columns, plan: RegressorPlan, weather: dict[str, Vector]) -> None:
    for name, knots in plan.knots.items():
        values = weather[name]
        columns.add(name, (values - plan.means[name]) / 10, 3, COMMON)
        for number, knot in enumerate(knots):
            columns.add(f"{name}>{number}", np.maximum(values - knot, 0) / 10, 2, COMMON)
    for name, values in weather.items():
        if name not in plan.knots and name.endswith("_day") | (name == HUMIDITY):
            columns.add(name, (values - plan.means[name]) / 30, 2, COMMON)
    if TEMPERATURE in weather and HUMIDITY in weather:
        muggy = np.maximum(weather[TEMPERATURE] - plan.knots[TEMPERATURE][3], 0)
        columns.add("muggy", muggy * (weather[HUMIDITY] - plan.means[HUMIDITY]) / 100, 2, COMMON)


def _sun(columns: Columns, plan: RegressorPlan, covariates: HourCovariates, years: Vector) -> None:
    """Panels behind the meter: sunshine times what hides it, growing over the years.

    On days off demand is low, so the same megawatts are a larger part of it.
    """
    weather, sun, calendar = covariates.weather, covariates.sun, covariates.calendar
    free = calendar.table.free[calendar.day]
    columns.add("sun", sun, 2, COMMON)
    columns.add("sun*years", sun * years / 5, 2, COMMON)
    columns.add("sun*free", sun * free, 2, COMMON)
    columns.add("sun*free*years", sun * free * years / 5, 1, COMMON)
    for name, values in weather.items():
        if name.endswith("_anomaly") or name in ("humidity_midday", "temperature_range"):
            scaled = sun * (values - plan.means[name]) / 20
            columns.add(f"sun*{name}", scaled, 1, COMMON)
            columns.add(f"sun*{name}*years", scaled * years / 5, 1, COMMON)
            columns.add(f"sun*{name}*free", scaled * free, 1, COMMON)
