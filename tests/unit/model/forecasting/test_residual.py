"""The three parts of the residual are averaged by what the validation days say of them."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.errors import DataError
from trainer.model.forecasting.residual import BlendWeights, best_blend_weights, blended, reach

RANDOM = np.random.default_rng(0)
ACTUAL = RANDOM.standard_normal((200, 24))
FULL_WEIGHT = np.ones_like(ACTUAL)


def quantiles(median: np.ndarray) -> np.ndarray:
    return median[..., None] + np.array([-1.0, 0.0, 1.0])


def guess(scale: float) -> np.ndarray:
    return np.asarray(ACTUAL + scale * RANDOM.standard_normal(ACTUAL.shape))


def blend_weights(networks: np.ndarray, regressions: np.ndarray, days: np.ndarray) -> BlendWeights:
    return best_blend_weights(quantiles(networks), regressions, days, FULL_WEIGHT, ACTUAL)


def test_the_better_of_networks_and_regressions_gets_the_larger_share() -> None:
    good, bad = guess(0.1), guess(1.0)
    assert blend_weights(good, bad, bad).networks > 0.8
    assert blend_weights(bad, good, bad).networks < 0.2


def test_networks_and_regressions_equally_good_are_averaged() -> None:
    assert blend_weights(guess(1.0), guess(1.0), guess(9.0)).networks == pytest.approx(0.5, abs=0.1)


def test_a_day_regression_as_good_as_the_rest_has_half() -> None:
    same = guess(1.0)
    assert blend_weights(same, same, guess(1.0)).days == pytest.approx(0.45, abs=0.06)


def test_a_day_regression_that_knows_nothing_has_no_say() -> None:
    assert blend_weights(guess(0.1), guess(0.1), guess(9.0)).days == 0


def test_the_day_regression_has_its_usual_share_where_nothing_tells_of_it() -> None:
    same = guess(1.0)
    assert blend_weights(same, same, same).days == pytest.approx(0.4)


def test_validation_days_without_demand_are_refused() -> None:
    part = guess(1.0)
    with pytest.raises(DataError, match="no demand is known on the validation days"):
        best_blend_weights(quantiles(part), part, part, FULL_WEIGHT, np.full_like(ACTUAL, np.nan))


def test_a_network_that_diverged_is_refused() -> None:
    part, lost = guess(1.0), np.full_like(ACTUAL, np.nan)
    with pytest.raises(DataError, match="training diverged"):
        blend_weights(part, part, lost)


def test_unknown_actuals_are_left_out() -> None:
    gappy = ACTUAL.copy()
    gappy[:100] = np.nan
    found = best_blend_weights(quantiles(ACTUAL), ACTUAL + 1, ACTUAL + 9, FULL_WEIGHT, gappy)
    assert found == BlendWeights(pytest.approx(0.95), 0.0)


def test_the_band_moves_with_the_median_and_keeps_its_width() -> None:
    mixed = blended(quantiles(ACTUAL), ACTUAL + 2, ACTUAL + 5.5, BlendWeights(0.25, 0.5), FULL_WEIGHT)
    np.testing.assert_allclose(mixed[..., 1], ACTUAL + 3.5)
    np.testing.assert_allclose(mixed[..., 2] - mixed[..., 0], 2)


def test_the_day_regression_has_its_share_times_its_say() -> None:
    factors = FULL_WEIGHT.copy()
    factors[0], factors[1] = 1.5, 0
    mixed = blended(quantiles(ACTUAL), ACTUAL, ACTUAL + 1, BlendWeights(0.5, 0.4), factors)
    np.testing.assert_allclose(mixed[0, :, 1], ACTUAL[0] + 0.6)
    np.testing.assert_allclose(mixed[1, :, 1], ACTUAL[1])
    np.testing.assert_allclose(mixed[2:, :, 1], ACTUAL[2:] + 0.4)


@pytest.mark.parametrize(
    ("hours", "block", "expected"), [(24, 24, 24), (30, 24, 48), (20, 48, 48), (168, 48, 192)]
)
def test_facts_are_needed_to_the_end_of_the_last_block(hours: int, block: int, expected: int) -> None:
    assert reach(hours, block) == expected
