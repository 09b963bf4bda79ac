"""Each quantile, and the bands of a day's peak and energy, follow what they held on the days before."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from trainer.model.forecasting.adaptation import day_factors, level_factors
from trainer.model.forecasting.error_distribution import LEVELS

PLACES = np.array([NormalDist().inv_cdf(level / 100) for level in LEVELS])[:, None]
FACTORS = np.broadcast_to(PLACES, (len(LEVELS), 24))
"""Where the levels of standard normal errors lie."""
LOW, QUARTER, HIGH = (LEVELS.index(level) for level in (5, 25, 95))


def factors(errors: np.ndarray, width: float = 1.0) -> np.ndarray:
    widths = np.full((errors.shape[0], errors.shape[1] + 1), width)
    return level_factors(errors, widths, FACTORS)


def held(errors: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Percent of `errors` below each level as the median forecast has it after its days."""
    return 100 * np.mean(errors.ravel() <= PLACES * np.median(found, axis=0)[:, None], axis=1)


def test_levels_that_hold_what_they_say_stay_about_where_they_are() -> None:
    errors = np.random.default_rng(0).standard_normal((300, 14, 24))
    np.testing.assert_allclose(np.median(factors(errors), axis=0), 1, atol=0.03)


@pytest.mark.parametrize("scale", [0.6, 1.6])
def test_levels_that_held_too_much_or_too_little_of_late_near_their_share(scale: float) -> None:
    errors = scale * np.random.default_rng(0).standard_normal((300, 14, 24))
    before, after = held(errors, np.ones((1, len(LEVELS)))), held(errors, factors(errors))
    for level in (LOW, QUARTER, HIGH):
        assert abs(after[level] - LEVELS[level]) < abs(before[level] - LEVELS[level])


def test_each_level_moves_by_its_own_misses() -> None:
    """Nothing lay below the 5 %, as much above the 95 % as should."""
    errors = np.sort(np.random.default_rng(0).standard_normal((1, 14, 240)))
    errors = np.where(errors < PLACES[LOW], 0.0, errors)
    wide = np.broadcast_to(PLACES, (len(LEVELS), 240))
    found = level_factors(errors, np.ones((1, 15)), wide)[0]
    assert found[LOW] < 0.95
    assert found[HIGH] == pytest.approx(1, abs=0.03)


def test_levels_are_judged_beside_the_width_that_the_band_had_on_the_day() -> None:
    errors = np.random.default_rng(0).standard_normal((50, 14, 24))
    np.testing.assert_array_equal(factors(2 * errors, width=2.0), factors(errors))


def test_unknown_hours_say_nothing_of_the_levels() -> None:
    errors = np.full((2, 14, 24), 3.0)
    errors[1] = np.nan
    found = factors(errors)
    assert (found[0] != 1).any()
    np.testing.assert_array_equal(found[1], 1.0)


def test_a_peak_beyond_its_band_widens_it_and_four_within_narrow_it_again() -> None:
    scores = np.array([[[2.0, 0.0, 0.0, 0.0, 0.0]], [[np.nan] * 5]])
    after_one = day_factors(scores[..., :1], np.ones((1, 2)), 0.8)
    assert after_one[0, 0] > 1.2
    np.testing.assert_allclose(day_factors(scores, np.ones((1, 6)), 0.8), 1.0)
    assert after_one[0, 1] == 1.0


def test_days_are_judged_beside_the_width_that_the_band_had_on_them() -> None:
    scores = np.full((2, 1, 3), 1.5)
    assert (day_factors(scores, np.full((1, 4), 2.0), 0.8) < 1).all()
    assert (day_factors(scores, np.ones((1, 4)), 0.8) > 1).all()
