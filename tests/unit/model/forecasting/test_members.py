"""What the members say is what was known at the time."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA
from trainer.model.forecasting.members import MemberHours
from trainer.model.target_transform import TargetTransform

DAYS = 60
BEGUN = np.array([24 * 40])
"""A midnight in Seoul."""


@pytest.fixture
def frame() -> pd.DataFrame:
    index = pd.date_range("2020-12-31 15:00", periods=24 * DAYS, freq="h", tz="UTC", name="time")
    demand = 1000.0 + np.arange(24 * DAYS)
    return pd.DataFrame({"demand": demand, "reference": demand * 1.5}, index=index)


def said(frame: pd.DataFrame, name: str, hours: int, moments: np.ndarray = BEGUN) -> np.ndarray:
    """(hours,), MW, from BEGUN on."""
    transform = TargetTransform()
    members = MemberHours.of([name], frame, KOREA, transform)
    return transform.megawatts(members.forecasts(BEGUN, moments, hours)[0, :, 0])


def test_the_seasonal_one_says_the_hour_of_the_week_before(frame: pd.DataFrame) -> None:
    expected = frame["demand"].to_numpy()[BEGUN[0] - 168 : BEGUN[0]]
    np.testing.assert_allclose(said(frame, "seasonal", 168), expected)


def test_beyond_a_week_and_for_unmeasured_hours_it_looks_further_back(frame: pd.DataFrame) -> None:
    demand = frame["demand"].to_numpy().copy()
    frame.iloc[BEGUN[0] - 168 + 5, 0] = np.nan
    found = said(frame, "seasonal", 170)
    assert found[5] == pytest.approx(demand[BEGUN[0] - 336 + 5])
    assert found[169] == pytest.approx(demand[BEGUN[0] - 168 + 1])


def test_the_operator_s_own_is_less_its_usual_error_of_the_last_days(frame: pd.DataFrame) -> None:
    np.testing.assert_allclose(said(frame, "reference", 24), frame["demand"].to_numpy()[BEGUN[0] :][:24])


@pytest.mark.parametrize("column", ["demand", "reference"])
@pytest.mark.parametrize("factor", [1000.0, 0.001])
def test_a_day_before_in_another_unit_changes_the_operator_s_own_little(
    frame: pd.DataFrame, column: str, factor: float
) -> None:
    expected = said(frame, "reference", 24)
    frame.loc[frame.index[BEGUN[0] - 24 : BEGUN[0]], column] *= factor
    np.testing.assert_allclose(said(frame, "reference", 24), expected, rtol=1e-3)


def test_too_few_days_to_tell_its_usual_error_leave_the_operator_s_own_as_it_is(frame: pd.DataFrame) -> None:
    frame.loc[frame.index[: BEGUN[0] - 48], "reference"] = np.nan
    expected = frame["reference"].to_numpy()[BEGUN[0] :][:24]
    np.testing.assert_allclose(said(frame, "reference", 24), expected)


def test_the_operator_s_own_is_known_of_the_day_of_the_origin_alone(frame: pd.DataFrame) -> None:
    assert np.isfinite(said(frame, "reference", 48)).tolist() == [True] * 24 + [False] * 24


def test_a_forecast_that_begins_the_day_before_has_that_of_both_days(frame: pd.DataFrame) -> None:
    assert np.isfinite(said(frame, "reference", 60, BEGUN + 24)).sum() == 48


def test_without_the_column_it_says_nothing(frame: pd.DataFrame) -> None:
    assert np.isnan(said(frame.drop(columns="reference"), "reference", 24)).all()


@pytest.mark.parametrize("name", ["seasonal", "reference"])
def test_no_demand_from_where_it_begins_on_is_looked_at(frame: pd.DataFrame, name: str) -> None:
    changed = frame.copy()
    changed.iloc[BEGUN[0] :, 0] *= 5
    np.testing.assert_array_equal(said(changed, name, 168), said(frame, name, 168))


def test_the_past_errors_of_many_forecasts_are_not_in_memory_at_once(frame: pd.DataFrame) -> None:
    members = MemberHours.of(["reference"], frame, KOREA, TargetTransform())

    def megabytes(forecasts: int) -> float:
        many = np.repeat(BEGUN, forecasts)
        tracemalloc.start()
        members.forecasts(many, many, 24)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak / 1e6

    assert megabytes(5000) - megabytes(500) < 10
