"""Numbers of hours or periods within a day -> their beginnings, on days when clocks change too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Final

import pandas as pd

from trainer.data.sources import SourceFrame, first_label
from trainer.data.stamps.clocks import change_on
from trainer.data.stamps.fields import StampFields
from trainer.errors import DataError

_PERIODS: Final = (24, 48, 96, 144, 288)
"""Of an ordinary day: hours, half hours, quarters, ten and five minutes."""
_FEWEST_DAYS: Final = 3
"""From which on the usual count of a day is no part of one."""
_TOLERATED: Final = 0.01
"""Share of the days whose count may be higher than the ordinary one: those on which clocks go back."""


@dataclass(frozen=True)
class NumberedPeriods:
    """What a file's numbers are found to be."""

    starts: pd.Series[pd.Timestamp]
    """By the local clock, or, with `elapsed`, midnight plus the time since, whatever the clock showed."""
    elapsed: bool
    """Whether the numbers count on over a change of the clocks (23 and 25 hours a day)."""


def numbered_periods(
    fields: StampFields, raw: SourceFrame, header: str, zone: tzinfo, stamp: str | None, *, certain: bool
) -> NumberedPeriods:
    """`fields` of rows that have numbers, not clock times.

    Numbers from 0 to 23 are the hours that the clock shows at their beginning, unless `stamp` is `end`.
    Numbers from 1 on count the day's intervals: the first one begins at midnight. A number of the last one
    beyond the ordinary, or one short of it, says that they count through a change of the clocks.
    Raises DataError for numbers that count no such intervals, for `stamp` "start" beside an hour 24, and for
    days of 24 numbers whatever the clocks did, unless the region is `certain` of its clock.
    """
    number, day = fields.number, fields.day
    odd = (number != number.round()) | (number < 0)
    if odd.any():
        raise _unread(raw, header, first_label(odd))
    last = number.groupby(day).max()
    if (number == 0).any():
        if last.max() > 23:
            raise _unread(raw, header, first_label(number == number.max()))
        back = timedelta(hours=1) if stamp == "end" else timedelta()
        return NumberedPeriods(day + pd.to_timedelta(number, unit="h") - back, elapsed=False)
    usual = _usual_count(last, zone)
    if usual < _PERIODS[0] and last.max() >= _PERIODS[0]:
        usual = _PERIODS[0]
    periods = next((count for count in _PERIODS if count >= usual), None)
    if usual * 24 / 25 in _PERIODS and len(last) >= _FEWEST_DAYS:
        periods = None  # a 25th hour of every day is no part of half hours
    most = (periods or 0) * 25 / 24
    if periods is None or last.max() > most or (last > periods).mean() > max(_TOLERATED, 1.5 / len(last)):
        raise _unread(raw, header, first_label(number == number.max()))
    if stamp == "start" and periods == _PERIODS[0] and (number == periods).any():
        raise DataError(
            f"{raw.place}: column {header!r} has an hour 24, which is the end of a day's last hour, but the "
            'region says stamp = "start"; take that out, or say stamp = "end"'
        )
    step = timedelta(days=1) / periods
    starts = day + (number - 1) * step
    return NumberedPeriods(starts, elapsed=_count_through(fields, raw, periods, zone, certain=certain))


def _usual_count(last: pd.Series[float], zone: tzinfo) -> float:
    """Of the last numbers of days (by their midnights), as an ordinary day would have it: a file of one day
    may hold the one with 23 or 25 hours."""
    hours = [24 + change_on(pd.Timestamp(str(day)), zone) / timedelta(hours=1) for day in last.index]
    ordinary = last * 24 / pd.Series(hours, index=last.index)
    return float(ordinary.where(ordinary.isin(_PERIODS), last).mode().iloc[-1])


def _count_through(
    fields: StampFields, raw: SourceFrame, periods: int, zone: tzinfo, *, certain: bool
) -> bool:
    """By the days on which clocks change: whether their numbers are 1 to 23 and 1 to 25."""
    through = False
    filled: list[pd.Timestamp] = []
    """Days short of an hour that have all their numbers."""
    for day, numbers in fields.number.groupby(fields.day):
        change = change_on(pd.Timestamp(str(day)), zone)
        if not change:
            continue
        there = set(numbers)
        expected = periods + round(change / (timedelta(days=1) / periods))
        marked = bool(fields.mark.loc[numbers.index].ne("").any())
        if there == set(range(1, expected + 1)):
            through = True
            continue
        if (change < timedelta() and len(there) == expected) or marked or bool(numbers.duplicated().any()):
            return through
        if change < timedelta() and there == set(range(1, periods + 1)):
            filled.append(pd.Timestamp(str(day)))
    if filled and not certain:
        raise DataError(
            f"{raw.place} has {periods} numbered rows on {filled[0]:%Y-%m-%d}, when the clocks of "
            f"{zone} left out an hour: these times seem to go by another clock. Say which in the region: "
            'stamp_timezone = "standard" (standard time all the year), "UTC", or another zone'
        )
    return through and not filled


def _unread(raw: SourceFrame, header: str, label: int) -> DataError:
    return DataError(
        f"{raw.place}: '{raw.frame[header].loc[label]}' in column {header!r}, {raw.row_name(label)}, numbers "
        "no hour (1 to 24, 25 when clocks go back, or 0 to 23) nor half hour, quarter or other period of a "
        "day; say how it is written in the region: time_format, date_columns"
    )
