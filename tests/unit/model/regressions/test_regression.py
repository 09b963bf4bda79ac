"""The regressions learn how residuals go on, from the past of each origin alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trainer.contract import Region
from trainer.errors import DataError
from trainer.model.covariates.features import HourCovariates
from trainer.model.covariates.windows import TAIL
from trainer.model.regressions.origin_features import OriginFeatures
from trainer.model.regressions.regression import Regression
from trainer.model.training.regressions.regression_fitting import fit_regression
from trainer.model.training.regressions.threads import one_thread_pool

MIDNIGHT = 0
TRAINED = 24 * 150
LARGEST_ERROR = 0.8


def features_of(history: pd.DataFrame, region: Region, base: np.ndarray) -> OriginFeatures:
    facts, epoch = HourCovariates.of(history, region), history.index[0].isoformat()
    return OriginFeatures.of(facts, np.zeros(len(history)), region.weather, epoch, base)


@pytest.fixture(scope="module")
def origin_features(history: pd.DataFrame, region: Region) -> OriginFeatures:
    return features_of(history, region, np.zeros(len(history)))


@pytest.fixture(scope="module")
def residual(history: pd.DataFrame) -> np.ndarray:
    """Days drift as a random walk that shrinks, hours add little: what yesterday was, today nearly is."""
    random = np.random.default_rng(3)
    level = np.zeros(len(history) // 24)
    for day in range(1, len(level)):
        level[day] = 0.95 * level[day - 1] + 0.3 * random.standard_normal()
    return (np.repeat(level, 24) + 0.1 * random.standard_normal(len(history))).astype(np.float32)


@pytest.fixture(scope="module")
def regression(origin_features: OriginFeatures, residual: np.ndarray) -> Regression:
    clean = np.arange(TAIL + 24, TRAINED - 24)
    with one_thread_pool() as pool:
        return fit_regression(origin_features, residual, clean, (MIDNIGHT, 12), pool)


def later_midnights(origin_features: OriginFeatures) -> np.ndarray:
    rows = np.arange(TRAINED, len(origin_features.local_hour) - 48)
    return rows[origin_features.local_hour[rows] == MIDNIGHT]


def test_features_that_the_hours_ahead_share_are_held_once(
    origin_features: OriginFeatures, residual: np.ndarray
) -> None:
    origins = later_midnights(origin_features)
    tails = residual[origins[:, None] + np.arange(-TAIL, 0)]
    whole, is_shared = origin_features.linear(origins, tails), origin_features.shared_by_leads()
    shared, own = origin_features.linear_parts(origins, tails)
    assert shared.size + own.size < whole.size
    for lead in (0, 7, 23):
        np.testing.assert_array_equal(shared, whole[:, lead, is_shared])
        np.testing.assert_array_equal(own[lead], whole[:, lead, ~is_shared])


def test_what_goes_on_is_learnt(
    regression: Regression, origin_features: OriginFeatures, residual: np.ndarray
) -> None:
    origins = later_midnights(origin_features)
    forecast = regression.forecast_recursively(
        origin_features, residual, origins, 24, largest_error=LARGEST_ERROR
    )
    actual = residual[origins[:, None] + np.arange(24)]
    assert np.abs(forecast - actual).mean() < 0.75 * np.abs(actual).mean()


def test_demand_goes_on_where_trend_and_seasonality_jump_at_midnight(
    history: pd.DataFrame, region: Region
) -> None:
    random = np.random.default_rng(5)
    base = np.repeat(random.standard_normal(len(history) // 24), 24)
    demand = np.cumsum(0.02 * random.standard_normal(len(history)))
    residual = (demand - base).astype(np.float32)
    told = features_of(history, region, base)
    with one_thread_pool() as pool:
        fitted = fit_regression(told, residual, np.arange(TAIL + 24, TRAINED - 24), (MIDNIGHT,), pool)
    origins = later_midnights(told)
    forecast = fitted.forecast_recursively(told, residual, origins, 24, largest_error=LARGEST_ERROR)
    error = np.abs(forecast - residual[origins[:, None] + np.arange(24)])[:, :6].mean()
    assert error < 0.3 * np.abs(base[origins] - base[origins - 1]).mean()


def test_a_regression_of_an_earlier_release_forecasts_without_the_base(
    regression: Regression, origin_features: OriginFeatures, residual: np.ndarray
) -> None:
    tensors = regression.tensors()
    for name in ("means", "scales"):
        tensors[name] = tensors[name][..., :-1]
    tensors["weights"] = np.delete(tensors["weights"], -2, axis=-1)
    earlier, origins = Regression.from_tensors(tensors), later_midnights(origin_features)[:3]
    forecast = earlier.forecast_recursively(
        origin_features, residual, origins, 24, largest_error=LARGEST_ERROR
    )
    jumping = replace(origin_features, base=residual)
    same = earlier.forecast_recursively(jumping, residual, origins, 24, largest_error=LARGEST_ERROR)
    np.testing.assert_array_equal(forecast, same)
    now = regression.forecast_recursively(origin_features, residual, origins, 24, largest_error=LARGEST_ERROR)
    np.testing.assert_allclose(forecast, now, atol=1e-5)  # a base that never changes tells nothing


def test_nothing_at_or_after_an_origin_is_used(
    regression: Regression, origin_features: OriginFeatures, residual: np.ndarray
) -> None:
    origin = later_midnights(origin_features)[:1]
    changed = residual.copy()
    changed[origin[0] :] = 50
    np.testing.assert_array_equal(
        regression.forecast_recursively(origin_features, changed, origin, 48, largest_error=LARGEST_ERROR),
        regression.forecast_recursively(origin_features, residual, origin, 48, largest_error=LARGEST_ERROR),
    )


def test_origins_together_and_alone_forecast_the_same(
    regression: Regression, origin_features: OriginFeatures, residual: np.ndarray
) -> None:
    origins = later_midnights(origin_features)[:5]
    together = regression.forecast_recursively(
        origin_features, residual, origins, 24, largest_error=LARGEST_ERROR
    )
    for row, origin in enumerate(origins):
        alone = regression.forecast_recursively(
            origin_features, residual, np.array([origin]), 24, largest_error=LARGEST_ERROR
        )
        np.testing.assert_allclose(alone[0], together[row], atol=1e-4)


def test_a_lasting_error_is_taken_off(
    regression: Regression, origin_features: OriginFeatures, residual: np.ndarray
) -> None:
    origin = later_midnights(origin_features)[20:21]
    wrong = regression.forecast_recursively(
        origin_features, residual, origin, 24, largest_error=LARGEST_ERROR
    )
    biased = Regression.from_tensors({name: one.copy() for name, one in regression.tensors().items()})
    for hour in biased.hours:
        hour.weights[:, -1] += 0.5
    mended = biased.forecast_recursively(origin_features, residual, origin, 24, largest_error=LARGEST_ERROR)
    assert 0 < (mended - wrong).mean() < 0.35  # of the 0.5 that it forecasts too much


def test_a_large_error_counts_as_the_largest(
    regression: Regression, origin_features: OriginFeatures, residual: np.ndarray
) -> None:
    origin = later_midnights(origin_features)[20:21]
    odd = residual.copy()
    odd[origin[0] - 24 : origin[0]] -= 50  # yesterday, less only by what it tells of today
    held = regression.forecast_recursively(origin_features, odd, origin, 24, largest_error=0.0)
    mended = regression.forecast_recursively(origin_features, odd, origin, 24, largest_error=LARGEST_ERROR)
    assert np.abs(mended - held).max() <= LARGEST_ERROR


def test_a_second_day_stands_on_the_forecast_of_the_first(
    regression: Regression, origin_features: OriginFeatures, residual: np.ndarray
) -> None:
    origin = later_midnights(origin_features)[20:21]
    both = regression.forecast_recursively(origin_features, residual, origin, 48, largest_error=0.0)
    told = residual.copy()
    told[origin[0] : origin[0] + 24] = both[0, :24]
    second = regression.forecast_recursively(origin_features, told, origin + 24, 24, largest_error=0.0)
    np.testing.assert_allclose(second[0], both[0, 24:], atol=1e-5)


def test_an_hour_without_a_regression_leans_on_the_nearest_on_the_clock(regression: Regression) -> None:
    assert len(regression.hours) == 2
    assert regression.place.tolist() == [0] * 7 + [1] * 11 + [0] * 6


def test_it_survives_its_tensors(
    regression: Regression, origin_features: OriginFeatures, residual: np.ndarray
) -> None:
    again = Regression.from_tensors(regression.tensors())
    origins = later_midnights(origin_features)[:3]
    np.testing.assert_array_equal(
        again.forecast_recursively(origin_features, residual, origins, 24, largest_error=LARGEST_ERROR),
        regression.forecast_recursively(origin_features, residual, origins, 24, largest_error=LARGEST_ERROR),
    )


@pytest.mark.parametrize("name", ["scales", "weights", "rest.duals", "rest.marks", "calendar.centres"])
def test_tensors_that_do_not_fit_each_other_are_refused(regression: Regression, name: str) -> None:
    tensors = regression.tensors()
    tensors[name] = tensors[name][:-1]
    with pytest.raises(ValueError, match=r"has shape|zip"):
        Regression.from_tensors(tensors)


def test_too_few_windows_are_refused(origin_features: OriginFeatures, residual: np.ndarray) -> None:
    clean = np.arange(TAIL + 24, TAIL + 24 * 10)
    with (
        one_thread_pool() as pool,
        pytest.raises(DataError, match="no hour of the day has 20 training windows"),
    ):
        fit_regression(origin_features, residual, clean, None, pool)


def test_a_regression_kept_without_a_half_life_is_as_slow_as_when_it_was_made(regression: Regression) -> None:
    tensors = regression.tensors()
    assert Regression.from_tensors(tensors).error_half_life == 5.0
    del tensors["error_half_life"]
    assert Regression.from_tensors(tensors).error_half_life == 10.0
