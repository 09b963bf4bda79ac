"""A shift of demand that stays is taken for its level; a day that is odd is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.series import TRAIN_UNTIL
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.level_shift import level_shift

HOURS = np.arange(24 * 20) % 24
DAY = 24


def level_of(days: dict[int, float], telling: np.ndarray | None = None) -> np.ndarray:
    """(20,) by day: the level kept of scaled residuals that are 0 on all days but these."""
    residual = np.random.default_rng(0).normal(0, 0.3, (20, DAY))
    for day, value in days.items():
        residual[day] += value
    known = np.ones((20, DAY), dtype=bool) if telling is None else telling
    return level_shift(residual.ravel(), known.ravel(), HOURS).reshape(20, DAY)[:, 0]


def test_a_shift_is_kept_from_its_third_day_on() -> None:
    level = level_of(dict.fromkeys(range(10, 20), -7.0))
    assert not level[:12].any()
    np.testing.assert_allclose(level[12:], -7.0, atol=0.2)


def test_it_goes_once_demand_was_as_before_for_a_day() -> None:
    level = level_of(dict.fromkeys(range(5, 12), 8.0))
    np.testing.assert_allclose(level[7:13], 8.0, atol=0.2)
    assert not level[13:].any()


@pytest.mark.parametrize(
    "days", [{10: -9.0}, {10: -9.0, 11: 9.0}, {10: -9.0, 11: -5.0}, dict.fromkeys(range(10, 20), 3.0)]
)
def test_an_odd_day_or_what_the_model_follows_by_itself_is_no_level(days: dict[int, float]) -> None:
    assert not level_of(days).any()


def test_days_that_tell_nothing_are_passed_over() -> None:
    telling = np.ones((20, DAY), dtype=bool)
    telling[[5, 6, 11]] = False
    level = level_of(dict.fromkeys([5, 6, *range(10, 20)], -7.0), telling)
    assert not level[:13].any()
    np.testing.assert_allclose(level[13:], -7.0, atol=0.2)


def test_a_closure_is_followed_by_the_forecast_on_its_third_day(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    begun = TRAIN_UNTIL + pd.Timedelta(days=10)
    closed = history.copy()
    closed.loc[begun:, "demand"] *= 0.7
    origin = begun + pd.Timedelta(days=2)
    made = forecaster.forecast(closed, origin, 24)
    off = made["forecast"] / closed["demand"].reindex(made.index) - 1
    assert off.abs().mean() < 0.06
    assert ((made["lower"] <= made["forecast"]) & (made["forecast"] <= made["upper"])).all()
    parts = made["trend"] + made["seasonality"] + made["residual"]
    np.testing.assert_allclose(parts, made["forecast"])
