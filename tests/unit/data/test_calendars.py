"""What a calendar says about an hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.data.series import GREECE, KOREA, hours_of
from trainer.contract import Region
from trainer.data.calendars import calendar_features
from trainer.errors import UsageError


def days(region: Region, first: str, count: int) -> pd.DataFrame:
    """The facts of `count` local days, by local date, as of noon."""
    facts = calendar_features(hours_of(region, first, count), region)
    noon = facts[facts["hour"] == 12]
    return noon.set_axis(
        [str(stamp.date()) for stamp in pd.DatetimeIndex(noon.index).tz_convert(region.zone)]
    )


def test_hours_and_weekdays_are_local() -> None:
    facts = calendar_features(pd.DatetimeIndex(["2024-01-05T15:00Z"]), KOREA)
    assert facts["hour"].item() == 0
    assert facts["day_of_week"].item() == 5
    assert facts["year_fraction"].item() == pytest.approx(5 / 366)


def test_the_three_days_of_seollal_and_chuseok_have_kinds_of_their_own() -> None:
    for year, seollal, chuseok in ((2022, "01-31", "09-09"), (2023, "01-21", "09-28")):
        assert list(days(KOREA, f"{year}-{seollal}", 3)["holiday_kind"]) == [
            "korean_new_year_1",
            "korean_new_year_2",
            "korean_new_year_3",
        ]
        assert list(days(KOREA, f"{year}-{chuseok}", 3)["holiday_kind"]) == [
            "chuseok_1",
            "chuseok_2",
            "chuseok_3",
        ]


def test_a_lunar_holiday_goes_before_another_on_the_same_day() -> None:
    # In 2025 Chuseok's first day is 5 October; in 2028 it falls on National Foundation Day.
    facts = days(KOREA, "2028-10-02", 3)
    assert list(facts["holiday_kind"]) == ["chuseok_1", "chuseok_2", "chuseok_3"]
    assert "National Foundation Day" in facts["holiday_name"].loc["2028-10-03"]


def test_a_substitute_day_says_so() -> None:
    facts = days(KOREA, "2023-01-24", 1)
    assert facts["holiday_kind"].item() == "substitute"
    assert facts["is_substitute"].item()
    assert facts["is_holiday"].item()


def test_election_days_are_holidays_of_their_own_kind() -> None:
    assert days(KOREA, "2022-03-09", 1)["holiday_kind"].item() == "presidential_election_day"


def test_the_days_before_and_after_a_holiday() -> None:
    facts = days(KOREA, "2023-02-27", 5)  # Monday; Wednesday 1 March is a holiday
    assert list(facts["is_day_before_holiday"]) == [False, True, False, False, False]
    assert list(facts["is_day_after_holiday"]) == [False, False, False, True, False]


def test_a_working_day_between_two_days_off_is_a_bridge() -> None:
    facts = days(KOREA, "2023-06-02", 6)  # Friday; Tuesday 6 June is a holiday
    assert list(facts["is_bridge_day"]) == [False, False, False, True, False, False]


def test_a_run_of_days_off_is_counted_from_its_first_day() -> None:
    facts = days(KOREA, "2023-09-27", 8)  # Chuseok, weekend, a temporary holiday, National Foundation Day
    assert list(facts["days_off_length"]) == [0, 6, 6, 6, 6, 6, 6, 0]
    assert list(facts["days_off_position"]) == [0, 1, 2, 3, 4, 5, 6, 0]
    assert list(facts["is_long_weekend"]) == [False, *[True] * 6, False]


def test_a_run_over_new_year_is_one_run() -> None:
    facts = days(KOREA, "2023-12-29", 5)  # a weekend, then Monday 1 January
    assert list(facts["days_off_length"]) == [0, 3, 3, 3, 0]
    assert list(facts["days_off_position"]) == [0, 1, 2, 3, 0]


def test_weekends_are_the_countrys_own() -> None:
    israel = replace(GREECE, country="IL", timezone="Asia/Jerusalem")
    facts = days(israel, "2024-01-05", 3)
    assert list(facts["is_day_off"]) == [True, True, False]


def test_a_weekend_that_is_worked_is_no_day_off() -> None:
    china = replace(GREECE, country="CN", timezone="Asia/Shanghai")
    facts = days(china, "2024-02-04", 1)  # a Sunday worked for the Spring Festival
    assert facts["is_weekend"].item()
    assert not facts["is_day_off"].item()


def test_a_subdivisions_holidays_count() -> None:
    germany = replace(GREECE, country="DE", timezone="Europe/Berlin")
    bavaria = replace(germany, subdivision="BY")
    assert not days(germany, "2024-01-06", 1)["is_holiday"].item()
    assert days(bavaria, "2024-01-06", 1)["holiday_kind"].item() == "epiphany"


@pytest.mark.parametrize(("country", "subdivision"), [("XX", None), ("DE", "Atlantis")])
def test_an_unknown_calendar_is_refused_saying_what_is_known(country: str, subdivision: str | None) -> None:
    region = replace(GREECE, country=country, subdivision=subdivision)
    with pytest.raises(UsageError, match=r"no holiday calendar.*`country`"):
        calendar_features(hours_of(region, "2024-01-01", 1), region)


def test_no_hours_no_facts() -> None:
    empty = pd.DatetimeIndex([], tz="UTC")
    facts = calendar_features(empty, KOREA)
    assert len(facts) == 0
    assert list(facts) == list(calendar_features(hours_of(KOREA, "2024-01-01", 1), KOREA))


@settings(max_examples=30)
@given(first=st.dates(date(2010, 1, 1), date(2035, 1, 1)), region=st.sampled_from([KOREA, GREECE]))
def test_facts_of_an_hour_do_not_depend_on_the_hours_around_it(first: date, region: Region) -> None:
    index = hours_of(region, str(first), 30)
    whole = (
        calendar_features(index, region)
        .loc[index[300:310]]
        .astype({"holiday_kind": str, "holiday_name": str})
    )
    alone = calendar_features(index[300:310], region).astype({"holiday_kind": str, "holiday_name": str})
    pd.testing.assert_frame_equal(whole, alone, check_freq=False)


def test_five_years_of_hours_take_a_fraction_of_a_second() -> None:
    index = hours_of(KOREA, "2019-01-01", 5 * 365)
    calendar_features(index[:24], KOREA)  # the library's own import is not ours
    began = perf_counter()
    facts = calendar_features(index, KOREA)
    assert perf_counter() - began < 1.0  # 0.1 s on an idle core; the suite's machines are busy
    assert np.all(facts["is_holiday"] == (facts["holiday_kind"] != "none"))
