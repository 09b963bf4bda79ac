"""Quantiles hold what they say and never cross; sample paths have them as their margins."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.contract import MAX_HORIZON
from trainer.contract.quantiles import BAND
from trainer.model.forecasting.error_distribution import LEVELS, ErrorDistribution, from_median, in_order

BAND_OF_ONE = np.array([-1.0, 0.0, 1.0])
levels = st.lists(
    st.floats(0.001, 99.999).filter(lambda level: level not in BAND), min_size=1, max_size=22, unique=True
).map(sorted)


def distribution(errors: np.ndarray) -> ErrorDistribution:
    return ErrorDistribution.of(errors, np.broadcast_to(BAND_OF_ONE, (*errors.shape, 3)))


def skewed(origins: int, hours: int, seed: int) -> np.ndarray:
    """Errors whose 10 and 90 % lie at -1 and 1, long-tailed above, each hour's going with those before."""
    random = np.random.default_rng(seed)
    steps = random.standard_normal((origins, hours))
    for hour in range(1, hours):
        steps[:, hour] = 0.9 * steps[:, hour - 1] + np.sqrt(1 - 0.9**2) * steps[:, hour]
    edge = NormalDist().inv_cdf(0.9)
    return np.where(steps < 0, steps / edge, (steps**2 + steps) / (edge**2 + edge))


@given(
    arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 60)), elements=st.floats(-1e3, 1e3)),
    levels,
)
def test_factors_ascend_with_the_level_whatever_the_errors_were(
    errors: np.ndarray, asked: list[float]
) -> None:
    found = distribution(errors)
    assert (np.diff(found.factors, axis=0) >= 0).all()
    lead_times = np.arange(MAX_HORIZON + 5)
    assert (np.diff(found.at(asked, lead_times), axis=0) >= -1e-9).all()
    for level, place in zip(BAND, BAND_OF_ONE, strict=True):
        np.testing.assert_array_equal(found.factors[LEVELS.index(level)], place)


@given(
    arrays(np.float64, (30, 6), elements=st.floats(-1e3, 1e3)),
    levels,
    arrays(np.float64, (6, 3), elements=st.floats(-1e6, 1e6)),
)
def test_quantiles_never_cross_whatever_the_band_is(
    errors: np.ndarray, asked: list[float], edges: np.ndarray
) -> None:
    lower, median, upper = np.sort(edges, axis=1).T
    others = from_median(median, lower, upper, distribution(errors).at(asked, np.arange(6)))
    ordered = dict(zip(asked, in_order(asked, list(others), (lower, median, upper)), strict=True))
    whole = ordered | dict(zip(BAND, (lower, median, upper), strict=True))
    assert (np.diff([whole[level] for level in sorted(whole)], axis=0) >= 0).all()


@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_each_quantile_holds_its_share_of_days_to_come(seed: int) -> None:
    found = distribution(skewed(2400, 24, seed))
    later = skewed(4000, 24, seed + 1)
    for level, place in zip(LEVELS, found.at(LEVELS, np.arange(24)), strict=True):
        if level not in BAND:
            assert 100 * np.mean(later <= place) == pytest.approx(level, abs=4)


def test_few_days_leave_the_shape_of_the_normal_distribution() -> None:
    found = distribution(np.zeros((2, 3)))
    assert found.at([2.5, 25, 75], np.array([0]))[:, 0] == pytest.approx([-1.529, -0.526, 0.526], abs=1e-3)
    assert not found.has_paths


@given(st.integers(1, 300), st.integers(0, 5), st.integers(0, 160), st.integers(1, 200))
@settings(max_examples=30)
def test_at_each_hour_the_paths_are_the_quantiles(count: int, seed: int, late: int, hours: int) -> None:
    found = distribution(skewed(60, 48, 1))
    lead_times = late + np.arange(hours)
    paths = found.paths(lead_times, count, seed)
    expected = found.at((100 * (np.arange(count) + 0.5) / count).tolist(), lead_times)
    np.testing.assert_allclose(np.sort(paths, axis=0), np.sort(expected, axis=0))


def test_paths_hang_together_over_the_hours_as_past_errors_did() -> None:
    close, loose = distribution(skewed(400, 24, 0)), np.random.default_rng(0).standard_normal((400, 24))
    for errors, correlation in ((close, 0.9), (distribution(loose), 0.0)):
        paths = errors.paths(np.arange(24), 200)
        assert np.corrcoef(paths[:, 9], paths[:, 10])[0, 1] == pytest.approx(correlation, abs=0.15)


def test_the_same_seed_gives_the_same_paths_and_another_others() -> None:
    found = distribution(skewed(400, 24, 0))
    one, two, other = (found.paths(np.arange(24), 100, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_a_forecast_with_an_hour_unknown_still_tells_how_errors_hang_together() -> None:
    errors = skewed(40, 24, 0)
    errors[:, 5] = np.nan
    errors[30:, :12] = np.nan
    found = distribution(errors)
    assert found.past.shape == (30, 24)
    np.testing.assert_array_equal(found.past[:, 5], found.past[:, 4])
