"""Hours that were filled in with those of a day, a week or a year before; chance and habit copy too."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.data.quality.copied import copied

HOURS = 24 * 500
WHERE = 10_000


def series(*, digits: int = 1) -> np.ndarray:
    """(hours,): a grid's demand, with 1 % of noise."""
    hour = np.arange(HOURS)
    level = 500 - 80 * np.cos(2 * np.pi * hour / 24) - 30 * (hour // 24 % 7 >= 5)
    return np.round(level * (1 + 0.01 * np.random.default_rng(0).standard_normal(HOURS)), digits)


def filled(hours: int, before: int) -> np.ndarray:
    demand = series()
    demand[WHERE : WHERE + hours] = demand[WHERE - before : WHERE - before + hours]
    return demand


@pytest.mark.parametrize("before", [24, 168, 336, 8736, 8760])
@pytest.mark.parametrize("hours", [12, 24])
def test_an_outage_filled_in_with_an_earlier_time_is_found(hours: int, before: int) -> None:
    assert np.flatnonzero(copied(filled(hours, before))).tolist() == [*range(WHERE, WHERE + hours)]


def test_a_week_filled_in_with_the_one_before_is_found_and_that_one_stays() -> None:
    assert np.flatnonzero(copied(filled(168, 168))).tolist() == [*range(WHERE, WHERE + 168)]


def test_a_few_hours_alike_are_none() -> None:
    assert not copied(filled(11, 168)).any()


@pytest.mark.parametrize("digits", [1, 0, -1])
def test_a_series_that_is_measured_has_none_however_it_is_rounded(digits: int) -> None:
    assert not copied(series(digits=digits)).any()


def test_a_series_of_weekly_profiles_has_none() -> None:
    assert not copied(np.tile(series()[:168], 60)).any()


def test_a_plant_that_stands_still_on_two_nights_has_none() -> None:
    demand = series()
    demand[WHERE : WHERE + 14] = demand[WHERE + 24 : WHERE + 38] = 3.0
    assert not copied(demand).any()


def test_unknown_hours_are_like_no_others() -> None:
    demand = filled(24, 24)
    demand[WHERE + 4 : WHERE + 20] = np.nan
    assert not copied(demand).any()
