"""Moments and days of requests: local unless they carry an offset, and only those that can be meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from trainer.api.moments import Day, Moment, local_day, utc
from trainer.contract import Region, load_regions

KR, GR = load_regions({})["KR"], load_regions({})["GR"]
MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
DAY: TypeAdapter[date] = TypeAdapter(Day)


def test_a_moment_without_an_offset_is_local() -> None:
    assert utc(MOMENT.validate_python("2023-10-31T00:00"), KR) == datetime(2023, 10, 30, 15, tzinfo=UTC)


def test_a_moment_with_an_offset_is_what_it_says() -> None:
    assert utc(MOMENT.validate_python("2023-10-31T00:00Z"), KR) == datetime(2023, 10, 31, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0", "1698678000", 1698678000, "now", "", "2023-10-31T00:00 09:00", None])
def test_what_is_no_moment_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(text)


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "yesterday", "1698678000000", 20231031])
def test_what_is_no_day_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(text)


@pytest.mark.parametrize(("day", "hours"), [(date(2020, 3, 29), 23), (date(2020, 10, 25), 25)])
def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is(day: date, hours: int) -> None:
    start, end = local_day(day, GR)
    assert end - start == timedelta(hours=hours)


@given(st.dates(date(1971, 1, 1), date(2198, 12, 31)), st.sampled_from([KR, GR]))
def test_days_follow_each_other_without_a_gap(day: date, region: Region) -> None:
    assert local_day(day, region)[1] == local_day(day + timedelta(days=1), region)[0]
