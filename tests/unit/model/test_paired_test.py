"""An improvement counts when chance does not explain it, day by day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.data.series import KOREA
from trainer.errors import DataError
from trainer.model.arrays import Vector
from trainer.model.paired_test import MIN_DAYS, Improvement, daily_errors, improvement

days_of_errors = st.lists(
    st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=MIN_DAYS, max_size=60
).map(np.array)


def found(ours: Vector, theirs: Vector) -> Improvement:
    tested = improvement(ours, theirs)
    assert tested is not None
    return tested


def resembling(random: np.random.Generator, days: int) -> Vector:
    """Errors of days of which each resembles the one before, without any mean."""
    noise = random.normal(size=days + 20)
    for day in range(1, noise.size):
        noise[day] += 0.3 * noise[day - 1]
    return noise[20:]


def test_what_is_saved_alike_on_each_day_is_no_chance() -> None:
    theirs = np.linspace(1, 2, 28)
    tested = found(theirs - 0.25, theirs)
    assert (tested.days, tested.mean, tested.p_value) == (28, pytest.approx(0.25), pytest.approx(0))


def test_the_same_forecast_is_no_improvement() -> None:
    errors = np.linspace(1, 2, 28)
    assert found(errors, errors).p_value == 1


def test_one_lucky_day_does_not_make_a_better_model() -> None:
    theirs = np.random.default_rng(0).normal(2, 0.3, 28)
    ours = np.random.default_rng(1).permutation(theirs)
    ours[3] = 0.0
    tested = found(ours, theirs)
    assert tested.mean > 0
    assert tested.p_value > 0.05
    assert tested.lower < 0 < tested.upper


def test_a_model_as_good_is_taken_for_better_hardly_more_often_than_asked() -> None:
    random = np.random.default_rng(2)
    wrong = [found(-resembling(random, 28), np.zeros(28)).p_value <= 0.05 for _ in range(1000)]
    assert 0.02 < np.mean(wrong) < 0.09


def test_a_model_that_is_better_by_half_a_day_s_scatter_is_mostly_found_in_two_months() -> None:
    random = np.random.default_rng(3)
    right = [found(-resembling(random, 60) - 0.5, np.zeros(60)).p_value <= 0.05 for _ in range(300)]
    assert np.mean(right) > 0.7


@given(days_of_errors)
def test_what_the_one_wins_the_other_loses(errors: Vector) -> None:
    one, other = found(errors[:, 0], errors[:, 1]), found(errors[:, 1], errors[:, 0])
    assert one.mean == pytest.approx(-other.mean)
    assert one.lower == pytest.approx(-other.upper)
    if one.lower < one.upper:
        assert one.p_value == pytest.approx(1 - other.p_value)


@given(days_of_errors, st.floats(0.01, 100))
def test_the_unit_of_the_errors_changes_no_probability(errors: Vector, factor: float) -> None:
    plain = found(errors[:, 0], errors[:, 1])
    scaled = found(errors[:, 0] * factor, errors[:, 1] * factor)
    if plain.upper - plain.lower > 1e-6:
        assert scaled.p_value == pytest.approx(plain.p_value, abs=1e-6)


@given(days_of_errors)
def test_the_interval_lies_above_zero_just_where_p_is_below_a_twentieth(errors: Vector) -> None:
    tested = found(errors[:, 0], errors[:, 1])
    if tested.lower < tested.upper and abs(tested.p_value - 0.05) > 1e-9:
        assert (tested.lower > 0) == (tested.p_value < 0.05)


def test_a_few_days_tell_nothing() -> None:
    few = np.ones(MIN_DAYS - 1)
    assert improvement(few, few * 2) is None


@pytest.mark.parametrize("broken", [np.ones(9), np.array([np.nan, *np.ones(9)])])
def test_what_cannot_be_compared_is_refused(broken: Vector) -> None:
    with pytest.raises(DataError, match="cannot compare"):
        improvement(np.ones(10), broken)


def test_errors_are_of_local_days_in_percent_of_demand() -> None:
    hours = pd.date_range("2024-01-01", periods=48, freq="h", tz="Asia/Seoul").tz_convert("UTC")
    actual = pd.Series(1000.0, hours)
    forecast = actual + np.repeat([10.0, 40.0], 24)
    assert daily_errors(actual, pd.DataFrame({"model": forecast}), KOREA)["model"].tolist() == pytest.approx(
        [1, 4]
    )


def test_a_day_of_changing_clocks_is_one_day() -> None:
    paris = replace(KOREA, timezone="Europe/Paris")
    hours = pd.date_range("2024-03-30", "2024-04-01", freq="h", tz="Europe/Paris", inclusive="left")
    actual = pd.Series(1000.0, hours.tz_convert("UTC"))
    assert len(daily_errors(actual, pd.DataFrame({"model": actual}), paris)) == 2
    assert len(actual) == 47


def test_a_day_that_was_not_measured_is_left_out() -> None:
    hours = pd.date_range("2024-01-01", periods=72, freq="h", tz="Asia/Seoul").tz_convert("UTC")
    actual = pd.Series(1000.0, hours).drop(hours[24:48])
    assert len(daily_errors(actual, pd.DataFrame({"model": actual}), KOREA)) == 2


def test_where_demand_passes_zero_errors_are_in_megawatts() -> None:
    hours = pd.date_range("2024-01-01", periods=24, freq="h", tz="Asia/Seoul").tz_convert("UTC")
    actual = pd.Series(np.linspace(-5, 5, 24), hours)
    assert daily_errors(actual, pd.DataFrame({"model": actual + 3}), KOREA)[
        "model"
    ].tolist() == pytest.approx([3])
