"""Weights go to the members that do best, and leave those that fail."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from trainer.model.forecasting.aggregation import (
    HALF_LIFE,
    LARGEST_ERROR,
    Aggregation,
    awake,
    combined,
    gains,
)

_KEPT = 0.5 ** (1 / HALF_LIFE)
_MEMBERS = 3
PRIOR = np.array([0.8, 0.1, 0.1])
courses = st.integers(2, 80).flatmap(
    lambda days: st_numpy.arrays(np.float64, (days, _MEMBERS + 1), elements=st.floats(-1, 1, width=16))
)
"""What each member says on each day, and what comes."""


def followed(
    said: np.ndarray, actual: np.ndarray, prior: np.ndarray = PRIOR
) -> tuple[np.ndarray, Aggregation]:
    """The averages of `said` (days, members), each by the weights of before, and what is known at the end."""
    known, averages = Aggregation.begun(prior, ()), []
    for now, came in zip(said, actual, strict=True):
        averages.append(float(combined(known.weights, now)))
        known = known.after(gains(known.weights, now, came))
    return np.array(averages), known


def test_before_anything_was_seen_the_prior_stands() -> None:
    np.testing.assert_allclose(Aggregation.begun(PRIOR, (2, 4)).weights, np.tile(PRIOR, (2, 4, 1)))


@given(courses)
@settings(max_examples=60, deadline=None)
def test_weights_are_shares_whatever_comes(course: np.ndarray) -> None:
    weights = followed(course[:, 1:], course[:, 0])[1].weights
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1)


@given(courses)
@settings(max_examples=60, deadline=None)
def test_it_never_loses_to_its_best_member_by_more_than_the_bound(course: np.ndarray) -> None:
    """Squared errors, each day's counting as HALF_LIFE has it; against member k four times what is known of
    it bounds the loss: the root of its squared gains times ln(1 / prior), and the largest gain times that."""
    actual, said = course[:, 0], course[:, 1:]
    averages, known = followed(said, actual)
    counts = _KEPT ** np.arange(len(actual))[::-1]
    lost = counts @ ((averages - actual)[:, None] ** 2 - (said - actual[:, None]) ** 2)
    rarity = -np.log(PRIOR)
    bound = 4 * (np.sqrt(known.variance * rarity) + known.largest * rarity)
    assert (lost <= bound + 1e-9).all()


@given(courses, st.permutations(range(_MEMBERS)))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_members_does_not_matter(course: np.ndarray, order: list[int]) -> None:
    said, actual = course[:, 1:], course[:, 0]
    averages, known = followed(said, actual)
    others, of_order = followed(said[:, order], actual, PRIOR[order])
    np.testing.assert_allclose(others, averages, atol=1e-6)
    np.testing.assert_allclose(of_order.weights, known.weights[order], atol=1e-6)


def noisy(sizes: list[float], days: int, seed: int = 0) -> np.ndarray:
    """(days, members): errors of independent members."""
    return np.random.default_rng(seed).standard_normal((days, len(sizes))) * sizes


def test_members_that_err_apart_are_averaged_better_than_the_best_of_them() -> None:
    said = noisy([0.5, 0.5, 0.5], 300)
    averages, known = followed(said, np.zeros(300))
    best = np.abs(said[60:]).mean(0).min()
    assert np.abs(averages[60:]).mean() < 0.75 * best
    assert (known.weights > 0.1).all()


def test_a_member_that_is_always_worse_comes_to_next_to_nothing() -> None:
    said = noisy([0.2, 2.0, 2.0], 120)
    assert followed(said, np.zeros(120))[1].weights[0] > 0.95


@pytest.mark.parametrize("breaks_by", [1.0, LARGEST_ERROR])
def test_weights_leave_a_member_that_breaks_within_days(breaks_by: float) -> None:
    said = noisy([0.5, 0.15, 0.5], 110)
    trusted = followed(said[:100], np.zeros(100))[1].weights[1]
    said[100:, 1] += breaks_by
    assert trusted > 0.5
    assert followed(said[:105], np.zeros(105))[1].weights[1] < trusted / 2
    assert followed(said, np.zeros(110))[1].weights[1] < trusted / 3


def test_a_member_that_was_bad_once_is_heard_again() -> None:
    said = noisy([0.5, 2.0], 60)
    prior = np.array([0.5, 0.5])
    left = followed(said, np.zeros(60), prior)[1].weights[1]
    mended = np.concatenate([said, noisy([0.5, 0.1], 60, seed=1)])
    assert left < 0.1
    assert followed(mended, np.zeros(120), prior)[1].weights[1] > 2.5 * left


def test_one_that_says_nothing_sleeps_and_the_others_share_its_weight() -> None:
    said = np.array([1.0, np.nan, 3.0])
    np.testing.assert_allclose(awake(PRIOR, said), [8 / 9, 0, 1 / 9])
    assert combined(PRIOR, said) == pytest.approx(11 / 9)
    assert gains(PRIOR, said, np.float64(0.0))[1] == 0


def test_a_day_that_tells_nothing_changes_nothing() -> None:
    known = followed(noisy([0.5, 0.5, 0.5], 20), np.zeros(20))[1]
    after = known.after(gains(known.weights, np.ones(3), np.float64(np.nan)))
    for name in Aggregation.LEARNT:
        np.testing.assert_array_equal(getattr(after, name), getattr(known, name))


def test_an_error_beyond_the_largest_teaches_as_much_as_that() -> None:
    said = np.array([0.0, 1.0, 2.0])
    at_most = gains(PRIOR, said, np.float64(0.3 - LARGEST_ERROR))
    np.testing.assert_allclose(gains(PRIOR, said, np.float64(-50.0)), at_most)
