"""Local days: the UTC hour at which each begins, whatever its zone does to the clocks.

The arithmetic is of dates, and only its result is put into the zone: in Santiago and Cairo a day in spring
has no 00:00 and begins at 01:00, in Havana one in autumn has two and begins at the first. All data are full
hours of UTC, so where midnight lies within one, as in India, the day begins with that hour.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo


class HasZone(Protocol):
    """What has local days, such as a Region."""

    @property
    def zone(self) -> ZoneInfo: ...


def midnight(day: date, region: HasZone) -> datetime:
    """The beginning of the local day: the full hour of UTC at or before its 00:00."""
    # fold=0 reads a repeated 00:00 as the first, and a skipped one by the clock before the change.
    return datetime.combine(day, time(), region.zone).astimezone(UTC).replace(minute=0, second=0)


def midnights(first: date, after: date, region: HasZone) -> list[datetime]:
    """The beginnings, in UTC, of the local days from `first` to the one before `after`.

    A day that the calendar skipped, as 30 December 2011 in Samoa, has none.
    """
    days = [first + timedelta(days=n) for n in range((after - first).days + 1)]
    return [start for start, end in pairwise(midnight(day, region) for day in days) if start < end]


def day_ahead_hours(origin: datetime, region: HasZone) -> int:
    """The number of hours that a day ahead of `origin` (aware, a full hour) has: 24, or 25 where it begins
    with the day on which the clocks are put back."""
    day = day_of(origin, region)
    start, end = midnight(day, region), midnight(day + timedelta(days=1), region)
    return max(24, (end - start) // timedelta(hours=1)) if origin == start else 24


def daily_forecast_at(region: HasZone, year: int) -> time:
    """Local time at which the day's forecast is made, within the hour that the day begins with: 00:30, and
    00:20 where midnight is half past an hour of UTC at some time of `year`, since 00:30 begins the next."""
    zone = region.zone
    moments = (datetime(year, month, 15, tzinfo=UTC).astimezone(zone) for month in range(1, 13))
    offsets = {moment.utcoffset() or timedelta() for moment in moments}
    half_past = any(offset % timedelta(hours=1) == timedelta(minutes=30) for offset in offsets)
    return time(0, 20) if half_past else time(0, 30)


def day_of(moment: datetime, region: HasZone) -> date:
    """The local day that `moment` (aware) lies in, by the `midnight` of each."""
    day = moment.astimezone(region.zone).date()
    following = day + timedelta(days=1)
    return following if midnight(following, region) <= moment else day
