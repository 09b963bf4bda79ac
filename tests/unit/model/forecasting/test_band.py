"""The band holds what it promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.contract import MAX_HORIZON
from trainer.model.forecasting.band import (
    calibrate,
    wider_where_carried_on,
    width_factors,
    with_band_scale,
)


def widened(actual: np.ndarray, quantiles: np.ndarray, coverage: float) -> np.ndarray:
    """After the last of the days."""
    return width_factors(actual, quantiles, coverage)[:, -1]


def normal_quantiles(origins: int, hours: int, scale: float) -> np.ndarray:
    return np.broadcast_to(scale * np.array([-1.2816, 0.0, 1.2816]), (origins, hours, 3))


@given(scale=st.floats(0.1, 10), seed=st.integers(0, 100))
@settings(max_examples=20)
def test_a_band_too_narrow_or_too_wide_is_stretched_to_the_coverage(scale: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    quantiles = normal_quantiles(800, 24, scale)
    band_scale = calibrate(random.standard_normal((800, 24)), quantiles, 0.8)
    later = random.standard_normal((800, 24))
    band = with_band_scale(quantiles, band_scale)
    covered = np.mean((band[..., 0] <= later) & (later <= band[..., 2]))
    assert covered == pytest.approx(0.8, abs=0.02)


def test_each_lead_time_has_its_own_stretch() -> None:
    growing = np.linspace(1, 3, 168)
    actual = growing * np.random.default_rng(0).standard_normal((500, 168))
    band_scale = calibrate(actual, normal_quantiles(500, 168, 1.0), 0.8)
    np.testing.assert_allclose(band_scale, growing, rtol=0.15)


def test_lead_times_beyond_the_judged_ones_take_over_the_last() -> None:
    actual = 2 * np.random.default_rng(0).standard_normal((300, 48))
    band_scale = calibrate(actual, normal_quantiles(300, 48, 1.0), 0.8)
    assert len(band_scale) == MAX_HORIZON
    assert band_scale[100] == band_scale[-1] == pytest.approx(2, rel=0.15)


def test_unknown_actuals_are_left_out() -> None:
    actual = np.random.default_rng(0).standard_normal((400, 24))
    actual[::2] = np.nan
    assert np.isfinite(calibrate(actual, normal_quantiles(400, 24, 1.0), 0.8)).all()


def test_the_median_stays_where_it_is() -> None:
    quantiles = np.random.default_rng(0).normal(size=(5, 24, 3))
    np.testing.assert_array_equal(with_band_scale(quantiles, np.full(168, 3.0))[..., 1], quantiles[..., 1])


def test_hours_beyond_the_longest_horizon_keep_the_last_stretch() -> None:
    quantiles = normal_quantiles(2, MAX_HORIZON + 48, 1.0)
    band = with_band_scale(quantiles, np.linspace(1, 3, MAX_HORIZON))
    np.testing.assert_allclose(band[:, MAX_HORIZON:], 3 * quantiles[:, MAX_HORIZON:])


@given(scale=st.floats(0.6, 1.8), seed=st.integers(0, 100))
@settings(max_examples=20)
def test_a_band_that_holds_too_much_or_too_little_of_late_nears_the_coverage(scale: float, seed: int) -> None:
    """`scale`: how much larger errors have become since calibration."""
    errors = scale * np.random.default_rng(seed).standard_normal((400, 14, 24))
    band = np.broadcast_to(normal_quantiles(1, 1, 1.0), (400, 14, 24, 3))
    wider = widened(errors, band, 0.8)

    def held(width: float) -> float:
        return float(np.mean(np.abs(errors) <= 1.2816 * width))

    assert abs(held(float(np.median(wider))) - 0.8) < max(0.5 * abs(held(1.0) - 0.8), 0.02)


def test_a_day_that_missed_the_band_widens_it_and_one_within_narrows_it_by_less() -> None:
    band = normal_quantiles(1, 24, 1.0)[:, None]
    missed, within = (widened(np.full((1, 1, 24), value), band, 0.8) for value in (2.0, 0.0))
    assert np.log(missed) == pytest.approx(-4 * np.log(within))
    assert missed > 1


def test_each_day_is_judged_by_the_band_as_those_before_left_it() -> None:
    band = np.broadcast_to(normal_quantiles(1, 1, 1.0), (1, 2, 24, 3))
    just_missed_then_far = np.array([[[1.4] * 24, [5.0] * 24]])
    after_far_no_miss = just_missed_then_far[:, ::-1]
    assert widened(after_far_no_miss, band, 0.8) < 1.3 < widened(just_missed_then_far, band, 0.8)


def test_hours_that_are_not_known_say_nothing_of_the_width() -> None:
    band = normal_quantiles(1, 24, 1.0)[:, None]
    missed, half_known = np.full((1, 1, 24), 2.0), np.full((1, 1, 24), 2.0)
    half_known[..., ::2] = np.nan
    assert np.log(widened(half_known, band, 0.8)) == pytest.approx(np.log(widened(missed, band, 0.8)) / 2)
    np.testing.assert_array_equal(widened(np.full((1, 1, 24), np.nan), band, 0.8), 1.0)


def test_what_carried_weather_adds_is_added_in_squares_by_the_hours_it_was_carried_for() -> None:
    quantiles = np.tile([7.0, 10.0, 14.0], (1, 4, 1))
    widths = np.array([4.0, 3.0])
    found = wider_where_carried_on(quantiles, np.array([[0, 1, 2, 40]]), widths)
    np.testing.assert_allclose(found[0, 0], [7, 10, 14])
    np.testing.assert_allclose(found[0, 1], [5, 10, 10 + np.hypot(4, 4)])
    np.testing.assert_allclose(found[0, 2], [10 - np.hypot(3, 3), 10, 15])
    np.testing.assert_allclose(found[0, 3], found[0, 2])
