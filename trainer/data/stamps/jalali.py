"""Days of Iran's calendar (Solar Hijri, Jalali) -> days of ours."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_LEAP: Final = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
"""Years of a cycle of 33 that have a 366th day."""
_CYCLE: Final = 33
FIRST, LAST = 1343, 1472
"""Years in which that cycle agrees with the equinox of Tehran, by which the calendar goes: 1964 to 2094."""
_BEGINS: Final = date(1964, 3, 21)
"""The first day of the year FIRST."""
_LONG_MONTHS: Final = 6
"""Months of 31 days at the beginning of the year; five of 30 follow, and the last one has 29 or 30."""


def is_leap(year: int) -> bool:
    """Whether the last month of `year` has 30 days.

    M. Heydari, "A concise review of the Iranian calendar" (2004), arXiv astro-ph/0409620.
    """
    return year % _CYCLE in _LEAP


@lru_cache(maxsize=4096)
def to_gregorian(year: int, month: int, day: int) -> date | None:
    """The day of ours; None for a day that the calendar does not have, and beyond FIRST to LAST."""
    if not (FIRST <= year <= LAST and 1 <= month <= 12 and 1 <= day <= _days_in(year, month)):
        return None
    years = 365 * (year - FIRST) + sum(map(is_leap, range(FIRST, year)))
    months = sum(_days_in(year, before) for before in range(1, month))
    return _BEGINS + timedelta(days=years + months + day - 1)


def _days_in(year: int, month: int) -> int:
    if month <= _LONG_MONTHS:
        return 31
    return 30 if month < 12 or is_leap(year) else 29
