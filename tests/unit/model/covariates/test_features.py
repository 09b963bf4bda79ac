"""An hour has the same features whenever they are asked for, and nothing of the days after it."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from trainer.contract import Region
from trainer.model.covariates.days import FAR, day_table
from trainer.model.covariates.features import WARM_UP_DAYS, HourCovariates, Scaler, flags, measures
from trainer.model.decomposition.regressors import RegressorPlan, build


def test_demand_does_not_enter(history: pd.DataFrame, region: Region) -> None:
    doubled = history.assign(demand=history["demand"] * 2)
    one, two = HourCovariates.of(history, region), HourCovariates.of(doubled, region)
    for name, values in one.weather.items():
        np.testing.assert_array_equal(values, two.weather[name])


def test_weather_after_a_local_day_changes_nothing_on_it_or_before(
    history: pd.DataFrame, region: Region
) -> None:
    midnight = history.index.tz_convert(region.zone).normalize() == history.index.tz_convert(region.zone)
    cut = int(np.flatnonzero(midnight)[60])
    other = history.copy()
    other.iloc[cut:, 1:] += 7.0
    one, two = HourCovariates.of(history, region), HourCovariates.of(other, region)
    for name, values in one.weather.items():
        np.testing.assert_array_equal(values[:cut], two.weather[name][:cut], err_msg=name)


def test_the_last_weeks_alone_give_the_same_features_as_the_whole_history(
    history: pd.DataFrame, region: Region
) -> None:
    tail = HourCovariates.of(history.iloc[-24 * 30 :], region)
    whole = HourCovariates.of(history, region)
    settled = 24 * WARM_UP_DAYS
    for name, values in tail.weather.items():
        np.testing.assert_allclose(
            values[settled:], whole.weather[name][-24 * 30 + settled :], atol=1e-9, err_msg=name
        )
    np.testing.assert_array_equal(flags(tail.calendar), flags(whole.calendar)[-24 * 30 :])


def test_a_region_without_weather_has_calendar_and_sun(history: pd.DataFrame, bare_region: Region) -> None:
    facts = HourCovariates.of(history, bare_region)
    assert facts.weather == {}
    assert set(measures(facts, np.zeros(len(history)), history.index[0].isoformat())) == {
        "seasonality",
        "sun",
        "sun*years",
    }


def test_the_sun_is_up_at_noon_and_down_at_midnight(history: pd.DataFrame, region: Region) -> None:
    facts = HourCovariates.of(history, region)
    assert (facts.sun[facts.calendar.hour == 12] > 0.4).all()
    assert (facts.sun[facts.calendar.hour == 0] == 0).all()


def test_dry_midday_counts_as_sun_and_wet_midday_as_cloud(history: pd.DataFrame, region: Region) -> None:
    facts = HourCovariates.of(history, region)
    noon = facts.calendar.hour == 12
    dry = history["humidity"].to_numpy()[noon]
    sign = facts.weather["humidity_midday"][noon]
    assert np.corrcoef(dry, sign)[0, 1] > 0.2


def test_a_festival_is_felt_four_days_around_it(region: Region) -> None:
    table = day_table(np.datetime64("2021-02-05"), np.datetime64("2021-02-20"), region)
    distance = dict(zip(table.days.astype(str), table.festival, strict=True))
    assert [distance[f"2021-02-{day}"] for day in (11, 12, 13)] == [0, 0, 0]  # Seollal
    assert distance["2021-02-07"] == -4
    assert distance["2021-02-17"] == 4
    assert distance["2021-02-06"] == FAR


@pytest.mark.parametrize("first", ["2020-12-30", "2021-01-01", "2021-02-12"])
def test_a_day_s_facts_do_not_depend_on_the_days_asked_for_with_it(region: Region, first: str) -> None:
    some = day_table(np.datetime64(first), np.datetime64("2021-02-20"), region)
    many = day_table(np.datetime64("2018-03-01"), np.datetime64("2023-11-30"), region)
    rows = np.isin(many.days, some.days)
    for column in fields(some):
        np.testing.assert_array_equal(getattr(some, column.name), getattr(many, column.name)[rows])


def test_a_day_s_facts_are_kept_so_nobody_may_write_to_them(region: Region) -> None:
    table = day_table(np.datetime64("2021-02-05"), np.datetime64("2021-02-20"), region)
    with pytest.raises(ValueError, match="read-only"):
        table.holiday[0] = 1.0


def test_a_region_with_other_holidays_has_a_table_of_its_own(region: Region) -> None:
    christmas = np.datetime64("2021-12-26")
    assert day_table(christmas, christmas, region).holiday.tolist() == [0]
    assert day_table(christmas, christmas, replace(region, country="GR")).holiday.tolist() == [1]


def test_days_that_only_some_keep_are_told_from_public_holidays(region: Region) -> None:
    table = day_table(np.datetime64("2023-04-30"), np.datetime64("2023-05-05"), region)
    assert table.partial.tolist() == [0, 1, 0, 0, 0, 0]  # 1 May, Labour Day
    assert table.holiday.tolist() == [0, 0, 0, 0, 0, 1]  # 5 May, Children's Day


@pytest.mark.parametrize("country", ["GR", "US", "DE", "AE"])
def test_every_country_has_the_same_columns(history: pd.DataFrame, region: Region, country: str) -> None:
    elsewhere = replace(region, country=country, timezone="Europe/Athens")
    ours, theirs = HourCovariates.of(history, region), HourCovariates.of(history, elsewhere)
    assert flags(theirs.calendar).shape == flags(ours.calendar).shape


def test_a_holiday_unknown_in_training_still_counts_as_one(history: pd.DataFrame, region: Region) -> None:
    spring = HourCovariates.of(history.iloc[24 * 75 : 24 * 110], region)  # no public holiday
    plan = RegressorPlan.of(spring)
    assert plan.families == ()
    whole = HourCovariates.of(history, region)
    columns = build(plan, whole)
    new_year = columns.of_rows(np.arange(1))[0, columns.names.index("holiday_on_workday")]
    assert new_year == 1


def test_what_the_columns_explain_needs_no_matrix(history: pd.DataFrame, region: Region) -> None:
    facts = HourCovariates.of(history, region)
    plan = RegressorPlan.of(facts)
    columns = build(plan, facts)
    coefficients = np.random.default_rng(5).standard_normal(len(columns.names))
    whole = columns.of_rows(np.arange(len(history)))
    np.testing.assert_allclose(columns.explained(coefficients), whole @ coefficients, rtol=0, atol=1e-10)


def test_the_scaler_learns_from_the_rows_it_is_given(history: pd.DataFrame, region: Region) -> None:
    columns = HourCovariates.of(history, region).weather
    half = slice(0, len(history) // 2)
    scaled = Scaler.fit(columns, half)(columns)
    np.testing.assert_allclose(scaled[half].mean(axis=0), 0, atol=1e-9)
    again = Scaler.from_dict(Scaler.fit(columns, half).to_dict())
    np.testing.assert_array_equal(again(columns), scaled)
