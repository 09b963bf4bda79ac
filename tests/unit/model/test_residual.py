"""Networks and regressions are averaged by what the validation days say of them."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.model.residual import best_share, blended, reach

RANDOM = np.random.default_rng(0)
ACTUAL = RANDOM.standard_normal((200, 24))


def quantiles(median: np.ndarray) -> np.ndarray:
    return median[..., None] + np.array([-1.0, 0.0, 1.0])


def test_the_better_part_gets_the_larger_share() -> None:
    good, bad = (ACTUAL + scale * RANDOM.standard_normal(ACTUAL.shape) for scale in (0.1, 1.0))
    assert best_share(quantiles(good), bad, ACTUAL) > 0.8
    assert best_share(quantiles(bad), good, ACTUAL) < 0.2


def test_parts_equally_good_are_averaged() -> None:
    one, two = (ACTUAL + RANDOM.standard_normal(ACTUAL.shape) for _ in range(2))
    assert best_share(quantiles(one), two, ACTUAL) == pytest.approx(0.5, abs=0.1)


def test_unknown_actuals_are_left_out() -> None:
    gappy = ACTUAL.copy()
    gappy[:100] = np.nan
    assert best_share(quantiles(ACTUAL), ACTUAL + 1, gappy) == pytest.approx(0.95)


def test_the_band_moves_with_the_median_and_keeps_its_width() -> None:
    mixed = blended(quantiles(ACTUAL), ACTUAL + 2, 0.25)
    np.testing.assert_allclose(mixed[..., 1], ACTUAL + 1.5)
    np.testing.assert_allclose(mixed[..., 2] - mixed[..., 0], 2)


@pytest.mark.parametrize(
    ("hours", "block", "expected"), [(24, 24, 24), (30, 24, 48), (20, 48, 48), (168, 48, 192)]
)
def test_facts_are_needed_to_the_end_of_the_last_block(hours: int, block: int, expected: int) -> None:
    assert reach(hours, block) == expected
