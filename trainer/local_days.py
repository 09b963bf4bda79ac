"""Local days: where they begin in UTC, also in zones whose clocks change at midnight.

The arithmetic is of dates, and only its result is put into the zone: in Santiago and Cairo a day in spring
has no 00:00 and begins at 01:00, in Havana one in autumn has two and begins at the first.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from trainer.contract import Region


def midnight(day: date, region: Region) -> datetime:
    """The beginning of the local day, in UTC."""
    # fold=0 reads a repeated 00:00 as the first, and a skipped one by the clock before the change.
    return datetime.combine(day, time(), region.zone).astimezone(UTC)


def midnights(first: date, after: date, region: Region) -> list[datetime]:
    """The beginnings, in UTC, of the local days from `first` to the one before `after`.

    A day that the calendar skipped, as 30 December 2011 in Samoa, has none.
    """
    days = [first + timedelta(days=n) for n in range((after - first).days + 1)]
    return [start for start, end in pairwise(midnight(day, region) for day in days) if start < end]


def day_of(moment: datetime, region: Region) -> date:
    """The local day that `moment` (aware) lies in."""
    return moment.astimezone(region.zone).date()
