"""The band holds what it promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.contract import MAX_HORIZON
from trainer.model.band import calibrate, stretched


def normal_quantiles(origins: int, hours: int, scale: float) -> np.ndarray:
    return np.broadcast_to(scale * np.array([-1.2816, 0.0, 1.2816]), (origins, hours, 3))


@given(scale=st.floats(0.1, 10), seed=st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_a_band_too_narrow_or_too_wide_is_stretched_to_the_coverage(scale: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    quantiles = normal_quantiles(800, 24, scale)
    stretch = calibrate(random.standard_normal((800, 24)), quantiles, 0.8)
    later = random.standard_normal((800, 24))
    band = stretched(quantiles, stretch)
    covered = np.mean((band[..., 0] <= later) & (later <= band[..., 2]))
    assert covered == pytest.approx(0.8, abs=0.02)


def test_each_lead_time_has_its_own_stretch() -> None:
    growing = np.linspace(1, 3, 168)
    actual = growing * np.random.default_rng(0).standard_normal((500, 168))
    stretch = calibrate(actual, normal_quantiles(500, 168, 1.0), 0.8)
    np.testing.assert_allclose(stretch, growing, rtol=0.15)


def test_lead_times_beyond_the_judged_ones_take_over_the_last() -> None:
    actual = 2 * np.random.default_rng(0).standard_normal((300, 48))
    stretch = calibrate(actual, normal_quantiles(300, 48, 1.0), 0.8)
    assert len(stretch) == MAX_HORIZON
    assert stretch[100] == stretch[-1] == pytest.approx(2, rel=0.15)


def test_unknown_actuals_are_left_out() -> None:
    actual = np.random.default_rng(0).standard_normal((400, 24))
    actual[::2] = np.nan
    assert np.isfinite(calibrate(actual, normal_quantiles(400, 24, 1.0), 0.8)).all()


def test_the_median_stays_where_it_is() -> None:
    quantiles = np.random.default_rng(0).normal(size=(5, 24, 3))
    np.testing.assert_array_equal(stretched(quantiles, np.full(168, 3.0))[..., 1], quantiles[..., 1])


def test_hours_beyond_the_longest_horizon_keep_the_last_stretch() -> None:
    quantiles = normal_quantiles(2, MAX_HORIZON + 48, 1.0)
    band = stretched(quantiles, np.linspace(1, 3, MAX_HORIZON))
    np.testing.assert_allclose(band[:, MAX_HORIZON:], 3 * quantiles[:, MAX_HORIZON:])
