"""The day from which on demand comes an hour or a day late or early, or turned round, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.data.quality.moves import Move, moves_by_a_day, moves_by_an_hour, turns_of_sign

DAYS = 400
PAST = 30
"""Hours that lie before the series, from which what comes late is taken."""


def grid(*, evenings: float = 1.0, noise: float = 0.01) -> np.ndarray:
    """(hours,): mornings and evenings of a year, less on two days of seven, more in winter."""
    hour = np.arange(-PAST, DAYS * 24 + PAST)
    day, of_day = hour // 24, hour % 24
    shape = 6 * np.exp(-(((of_day - 9) / 2.5) ** 2)) + evenings * 5 * np.exp(-(((of_day - 19) / 2) ** 2))
    level = 40 - 4 * (day % 7 >= 5) + 8 * np.cos(2 * np.pi * day / 365)
    return (level + shape) * (1 + noise * np.random.default_rng(0).standard_normal(len(hour)))


def late(series: np.ndarray, hours: int, first: int, last: int) -> np.ndarray:
    """(days, 24): `series` by its days, those from `first` up to `last` coming `hours` late."""
    place = np.arange(PAST, PAST + DAYS * 24)
    moved = (place - PAST >= first * 24) & (place - PAST < last * 24)
    return series[place - hours * moved].reshape(DAYS, 24)


@pytest.mark.parametrize("hours", [1, -1])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_an_hour_for_a_month_is_found_with_its_first_and_its_last_day(hours: int, sign: float) -> None:
    found = moves_by_an_hour(late(sign * grid(), hours, 150, 180))
    assert found == [Move(150, hours > 0), Move(180, hours < 0)]


def test_an_hour_that_lasts_is_found() -> None:
    assert moves_by_an_hour(late(grid(), 1, 300, DAYS)) == [Move(300, is_later=True)]


@pytest.mark.parametrize("days", [1, -1])
def test_a_day_for_a_season_is_found(days: int) -> None:
    found = moves_by_a_day(late(grid(), 24 * days, 150, 250))
    assert [move.is_later for move in found] == [days > 0, days < 0]
    assert np.allclose([move.day for move in found], [150, 250], atol=4)


def test_net_load_that_was_turned_round_for_a_month_is_found() -> None:
    by_day = late(grid() - 45, 0, 0, 0)
    by_day[150:180] *= -1
    assert turns_of_sign(by_day) == [150, 180]


def test_a_series_in_its_place_has_no_moves() -> None:
    by_day = late(grid(), 0, 0, 0)
    assert moves_by_an_hour(by_day) == moves_by_a_day(by_day) == turns_of_sign(by_day) == []


def test_sun_that_turns_noon_from_the_day_s_height_to_its_depth_is_no_turn() -> None:
    sun = np.exp(-(((np.arange(24) - 12.5) / 3) ** 2)) * np.linspace(0, 30, DAYS)[:, None]
    assert turns_of_sign(late(grid(), 0, 0, 0) - sun) == []


def test_other_evenings_from_one_day_on_are_no_move() -> None:
    by_day = late(grid(), 0, 0, 0)
    by_day[200:] = late(grid(evenings=0.3), 0, 0, 0)[200:]
    assert moves_by_an_hour(by_day) == []


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [0.1, 0.5])
def test_noise_makes_no_moves(seed: int, size: float) -> None:
    noisy = late(grid(), 0, 0, 0) * (1 + size * np.random.default_rng(seed).standard_normal((DAYS, 24)))
    assert moves_by_an_hour(noisy) == moves_by_a_day(noisy) == turns_of_sign(noisy) == []


def test_noise_without_a_shape_has_no_moves() -> None:
    noise = np.random.default_rng(1).standard_normal((DAYS, 24))
    assert moves_by_an_hour(noise) == moves_by_a_day(noise) == turns_of_sign(noise) == []


def test_a_level_line_and_unknown_hours_have_no_moves() -> None:
    level = np.full((DAYS, 24), 5.0)
    level[100:200] = np.nan
    level[250:, 23] = np.nan
    assert moves_by_an_hour(level) == moves_by_a_day(level) == turns_of_sign(level) == []


def test_a_short_series_has_none_that_could_be_told() -> None:
    short = grid()[: 20 * 24].reshape(20, 24)
    assert moves_by_an_hour(short) == moves_by_a_day(short) == turns_of_sign(short) == []


def test_a_gap_beside_a_move_does_not_hide_it() -> None:
    by_day = late(grid(), 1, 150, DAYS)
    by_day[148:153] = np.nan
    (found,) = moves_by_an_hour(by_day)
    assert abs(found.day - 150) <= 3
