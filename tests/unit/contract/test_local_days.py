"""Local days follow each other without gap or overlap, in every zone of the world, on full hours of UTC."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.contract import Region, load_regions
from trainer.contract.local_days import daily_forecast_at, day_ahead_hours, day_of, midnight, midnights
from trainer.contract.products import origin_of

GREECE = load_regions({})["GR"]
ZONES = sorted(zone for zone in available_timezones() if "/" in zone)


def region_in(zone: str) -> Region:
    return replace(GREECE, timezone=zone)


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("America/Santiago", date(2024, 9, 8), datetime(2024, 9, 8, 4, tzinfo=UTC), 23),  # no 00:00
        ("Africa/Cairo", date(2024, 4, 26), datetime(2024, 4, 25, 22, tzinfo=UTC), 23),  # no 00:00
        ("America/Havana", date(2024, 11, 3), datetime(2024, 11, 3, 4, tzinfo=UTC), 25),  # 00:00 twice
        ("America/Santiago", date(2024, 4, 6), datetime(2024, 4, 6, 3, tzinfo=UTC), 25),  # 23:00 twice
    ],
)
def test_a_day_whose_clocks_change_at_midnight_begins_with_its_first_hour(
    zone: str, day: date, begins: datetime, hours: int
) -> None:
    region = region_in(zone)
    assert midnight(day, region) == begins
    assert midnight(day + timedelta(days=1), region) - begins == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("origin", "hours"),
    [
        ("2020-10-25T00:00+03:00", 25),  # clocks are put back
        ("2020-10-25T01:00+03:00", 24),
        ("2020-10-24T00:00+03:00", 24),
        ("2020-03-29T00:00+02:00", 24),  # a day of 23 hours
    ],
)
def test_a_day_ahead_from_a_day_s_beginning_is_that_whole_day(origin: str, hours: int) -> None:
    assert day_ahead_hours(datetime.fromisoformat(origin), GREECE) == hours


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Adelaide"])
def test_where_midnight_lies_within_an_hour_of_utc_the_day_begins_with_that_hour(zone: str) -> None:
    region = region_in(zone)
    start = midnight(date(2024, 3, 1), region)
    assert (start.minute, start.second) == (0, 0)
    clock = datetime(2024, 3, 1, tzinfo=region.zone)
    assert timedelta(0) < clock - start < timedelta(hours=1)
    assert day_of(start, region) == date(2024, 3, 1)
    assert day_of(start - timedelta(seconds=1), region) == date(2024, 2, 29)


@given(zone=st.sampled_from(ZONES), day=st.dates(date(2024, 1, 1), date(2024, 12, 31)))
def test_the_daily_forecast_begins_with_its_day_in_every_zone(zone: str, day: date) -> None:
    region = region_in(zone)
    made = datetime.combine(day, daily_forecast_at(region, day.year), region.zone)
    assert origin_of(made) == midnight(day, region)


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("Asia/Seoul", time(0, 30)),
        ("Asia/Kathmandu", time(0, 30)),
        ("Asia/Kolkata", time(0, 20)),
        ("Australia/Lord_Howe", time(0, 20)),
    ],
)
def test_the_daily_forecast_is_made_earlier_where_midnight_is_half_past_an_hour(zone: str, at: time) -> None:
    assert daily_forecast_at(region_in(zone), 2024) == at


def test_a_day_that_the_calendar_skipped_has_no_beginning() -> None:
    around = midnights(date(2011, 12, 29), date(2012, 1, 1), region_in("Pacific/Apia"))
    assert [day_of(start, region_in("Pacific/Apia")).day for start in around] == [29, 31]


@given(zone=st.sampled_from(ZONES), day=st.dates(date(1990, 1, 1), date(2037, 12, 1)))
def test_the_day_that_begins_at_a_midnight_is_its_own(zone: str, day: date) -> None:
    region = region_in(zone)
    for start in midnights(day, day + timedelta(days=3), region):
        assert midnight(day_of(start, region), region) == start
        assert day_of(start - timedelta(hours=1), region) < day_of(start, region)
