"""The day regression reads a week of demand and the whole day ahead, and says the day's demand at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from tests.unit.model.series import TINY, TRAIN_UNTIL
from trainer.contract import Region
from trainer.errors import DataError
from trainer.model.covariates.windows import TAIL
from trainer.model.decomposition import Series
from trainer.model.regressions.day_features import DayFeatures
from trainer.model.regressions.day_regression import DayRegression
from trainer.model.regressions.hourly import LEARNT_DAYS
from trainer.model.training.solving import solve
from trainer.model.training.training_series import training_series
from trainer.model.training.training_set import TrainingSet

CPU = torch.device("cpu")
MIDNIGHT = (0,)
LARGEST_ERROR = 0.03
"""Log MW."""


def training_set_of(history: pd.DataFrame, region: Region) -> TrainingSet:
    series = training_series(history, region, TRAIN_UNTIL)
    return TrainingSet.of(series, region, TINY, len(series) - 28 * 24, CPU)


def regression_of(training_set: TrainingSet) -> DayRegression:
    return solve(training_set, MIDNIGHT, with_trees=False).days


@pytest.fixture(scope="module")
def training_set(history: pd.DataFrame, region: Region) -> TrainingSet:
    return training_set_of(history, region)


@pytest.fixture(scope="module")
def solved(training_set: TrainingSet) -> DayRegression:
    return regression_of(training_set)


@pytest.fixture(scope="module")
def origins(training_set: TrainingSet) -> np.ndarray:
    return training_set.validation_origins(72, 24).numpy()


def forecast(
    training_set: TrainingSet,
    solved: DayRegression,
    origins: np.ndarray,
    hours: int,
    demand: np.ndarray | None = None,
) -> np.ndarray:
    known = training_set.transformed if demand is None else demand
    return solved.forecast_recursively(training_set.days, known, origins, hours, largest_error=LARGEST_ERROR)


def tails(training_set: TrainingSet, origins: np.ndarray) -> np.ndarray:
    return np.asarray(training_set.transformed[origins[:, None] + np.arange(-TAIL, 0)])


def error(training_set: TrainingSet, solved: DayRegression, origins: np.ndarray) -> float:
    actual = training_set.transformed[origins[:, None] + np.arange(24)]
    return float(np.abs(forecast(training_set, solved, origins, 24) - actual).mean())


def test_what_it_learns_holds_on_days_not_seen(
    training_set: TrainingSet, solved: DayRegression, origins: np.ndarray
) -> None:
    """The series' noise alone is 0.8 % in the mean; the day before is a poorer guess."""
    day_before = training_set.transformed[origins[:, None] + np.arange(-24, 0)]
    actual = training_set.transformed[origins[:, None] + np.arange(24)]
    assert error(training_set, solved, origins) < 0.6 * np.abs(day_before - actual).mean()


def test_nothing_at_or_after_an_origin_is_read(
    training_set: TrainingSet, solved: DayRegression, origins: np.ndarray
) -> None:
    changed = training_set.transformed.copy()
    changed[origins[0] :] += 1
    first = origins[:1]
    np.testing.assert_array_equal(
        forecast(training_set, solved, first, 72, changed), forecast(training_set, solved, first, 72)
    )


def test_origins_together_and_alone_forecast_the_same(
    training_set: TrainingSet, solved: DayRegression, origins: np.ndarray
) -> None:
    together = forecast(training_set, solved, origins[:5], 48)
    for row, origin in enumerate(origins[:5]):
        alone = forecast(training_set, solved, np.array([origin]), 48)
        np.testing.assert_allclose(alone[0], together[row], atol=1e-4)


def test_a_level_that_rises_is_followed(
    training_set: TrainingSet, solved: DayRegression, origins: np.ndarray
) -> None:
    before = forecast(training_set, solved, origins, 24)
    np.testing.assert_allclose(
        forecast(training_set, solved, origins, 24, training_set.transformed + 0.5), before + 0.5, atol=1e-3
    )


def test_a_region_without_weather_has_it_too(history: pd.DataFrame, bare_region: Region) -> None:
    training_set = training_set_of(history, bare_region)
    assert (
        error(
            training_set,
            regression_of(training_set),
            training_set.validation_origins(24, 24).numpy(),
        )
        < 0.03
    )


def test_a_kind_of_day_that_was_never_seen_has_no_effect_in_proportion(
    training_set: TrainingSet, solved: DayRegression, origins: np.ndarray
) -> None:
    """A flag that the first bridge day after the training sets was not learnt from."""
    seen = training_set.days.dates[training_set.days.date[: training_set.until]]
    (never, *_) = np.flatnonzero(seen.max(0) == 0)
    dates = training_set.days.dates.copy()
    dates[training_set.days.date[origins[0]], never] = 1
    (hour,) = solved.hours
    straight = replace(solved, hours=(replace(hour, duals={k: 0 * v for k, v in hour.duals.items()}),))
    np.testing.assert_array_equal(
        straight.predict(
            replace(training_set.days, dates=dates), origins[:1], tails(training_set, origins[:1])
        ),
        straight.predict(training_set.days, origins[:1], tails(training_set, origins[:1])),
    )


def test_it_survives_its_tensors(
    training_set: TrainingSet, solved: DayRegression, origins: np.ndarray
) -> None:
    again = DayRegression.from_tensors(solved.tensors())
    np.testing.assert_array_equal(
        forecast(training_set, again, origins, 24), forecast(training_set, solved, origins, 24)
    )


def test_weeks_with_gaps_teach_too(history: pd.DataFrame, region: Region) -> None:
    """Or a short history would be refused for one gap."""
    gappy = history.copy()
    gappy.iloc[1000:1100, gappy.columns.get_loc("demand")] = np.nan
    training_set = training_set_of(gappy, region)
    assert (
        error(
            training_set,
            regression_of(training_set),
            training_set.validation_origins(24, 24).numpy(),
        )
        < 0.03
    )


def test_a_series_without_one_known_day_is_refused(history: pd.DataFrame, region: Region) -> None:
    gappy = history.copy()
    gappy.loc[gappy.index.hour == 3, "demand"] = np.nan
    series = Series.of(gappy.loc[gappy.index < TRAIN_UNTIL], region)
    with pytest.raises(DataError, match="training windows without unknown demand"):
        regression_of(TrainingSet.of(series, region, TINY, len(series), CPU))


def forward_at_three(day_features: DayFeatures, midnight: int) -> DayFeatures:
    """Clocks are put forward at 3:00 of the day that begins at `midnight`."""
    hours = day_features.local_hour.copy()
    hours[midnight + 3 :] = (hours[midnight + 3 :] + 1) % 24
    return replace(day_features, origin_features=replace(day_features.origin_features, local_hour=hours))


def test_it_is_in_step_where_the_clock_says_what_it_did_in_training(
    training_set: TrainingSet, solved: DayRegression, origins: np.ndarray
) -> None:
    midnight = origins[:1]
    assert solved.follows_training_clock(training_set.days, midnight, 48).all()
    assert not solved.follows_training_clock(
        training_set.days, midnight + 1, 48
    ).any()  # it leans on midnight's
    found = solved.follows_training_clock(forward_at_three(training_set.days, midnight[0]), midnight, 24)[0]
    assert found[:3].all()
    assert not found[3:].any()


def test_errors_out_of_step_do_not_correct_the_days_after(
    training_set: TrainingSet, solved: DayRegression, origins: np.ndarray
) -> None:
    """Of all days but the last, the clock said another hour."""
    changed = forward_at_three(training_set.days, 0)
    hours = changed.local_hour.copy()
    hours[origins[1] :] = training_set.days.local_hour[origins[1] :]
    changed = replace(changed, origin_features=replace(changed.origin_features, local_hour=hours))
    days = origins[1] - 24 * np.arange(LEARNT_DAYS, -1, -1)  # as one batch: single precision differs by it
    uncorrected = solved.predict(changed, days, tails(training_set, days))[-1:]
    np.testing.assert_array_equal(
        solved.forecast_recursively(
            changed, training_set.transformed, origins[1:2], 24, largest_error=LARGEST_ERROR
        ),
        uncorrected,
    )
