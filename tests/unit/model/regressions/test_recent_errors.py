"""How fast a forecast follows the errors of the last days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from trainer.model.covariates.windows import TAIL
from trainer.model.regressions.hourly import HourlyRegression, HourRegression, Values, error_half_life
from trainer.model.regressions.origin_features import DAY, Rows

HOURS = 60 * DAY
LARGEST_ERROR = 5.0


@dataclass(frozen=True)
class Hours:
    """Facts of hours whose regression reads none but the clock."""

    local_hour: Rows


class Nothing(HourlyRegression[Hours]):
    """Forecasts 0 for every hour."""

    @staticmethod
    def of_hour(hour: HourRegression, facts: Hours, origins: Rows, tails: Values) -> Values:
        return np.zeros((len(origins), DAY))


def taken_off(weather: tuple[str, ...], days_since_the_shift: int) -> float:
    """What the forecast is moved by, so many days after demand moved from 0 to 1."""
    empty = np.empty(0, dtype=np.float32)
    hours = (HourRegression(empty, empty, empty, {}, {}),)
    regression = Nothing(np.array([0]), hours, error_half_life(weather))
    facts = Hours(np.arange(HOURS) % DAY)
    origin = HOURS - DAY
    values = np.zeros(HOURS)
    values[origin - days_since_the_shift * DAY :] = 1.0
    assert origin > 2 * TAIL
    moved = regression.forecast_recursively(
        facts, values, np.array([origin]), DAY, largest_error=LARGEST_ERROR
    )
    assert np.ptp(moved) == pytest.approx(0.0)  # each hour shifted alike
    return float(moved.mean())


def test_five_days_after_a_shift_half_of_what_will_be_taken_off_is() -> None:
    assert taken_off(("temperature",), 5) == pytest.approx(0.8 / 2)


def test_without_weather_it_takes_ten_days() -> None:
    assert taken_off((), 10) == pytest.approx(0.8 / 2)


def test_an_error_that_stays_is_never_taken_off_whole() -> None:
    assert 0.75 < taken_off(("temperature",), 28) < 0.8
