"""Tables with a column for each year: which hour of any year a row is, by month, day and hour or a number."""

from __future__ import annotations

import itertools
import re
from calendar import isleap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from trainer.data.tables.columns import normalised
from trainer.data.tables.month_names import month_number
from trainer.data.tables.names_of_parts import DAYS_OF_MONTHS, HOURS, MONTHS, PERIODS

_YEAR: Final = re.compile(r"((?:19|20)\d\d)(?:\.0)?\s*(?:[(\[][^)\]]*[)\]])?")
_FEWEST: Final = 2
_REST: Final = r"(?:[T ]+(?P<rest>\d.*))?"
_MONTH_AND_DAY: Final = tuple(
    re.compile(date + _REST)
    for date in (
        r"(?P<month>\d{1,2})(?:[-/.]|\s?[월月]\s?)(?P<day>\d{1,2})(?:\.|\s?[일日])?",
        r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})\.?",
        r"(?P<day>\d{1,2})[-. ]{1,2}(?P<month>[^\W\d_]{3,10})\.?",
        r"(?P<month>[^\W\d_]{3,10})\.?[-. ]{1,2}(?P<day>\d{1,2})",
    )
)
_FEWEST_DAYS: Final = 28
_A_DAY: Final = 24
_ORDINARY, _LEAP = 365 * _A_DAY, 366 * _A_DAY
_29_FEBRUARY: Final = (31 + 28) * _A_DAY
"""Hours of a year before it."""

Times = tuple[pd.Series, "pd.Series | None"]
"""Of each row its date, none where the year did not have it; and its hour, where the date does not say it."""


@dataclass(frozen=True)
class HoursOfYears:
    """What says which hour of its year a row is."""

    headers: tuple[str, ...]
    """The columns that say it."""
    times: Callable[[int], Times]
    """Of a year."""


def years_of(headers: Sequence[str]) -> dict[str, int]:
    """Header -> year of those that are years, two or more, each once; none for any other table."""
    found = {header: int(match[1]) for header in headers if (match := _YEAR.fullmatch(header.strip()))}
    return found if len(found) >= _FEWEST and len({*found.values()}) == len(found) else {}


def heads_years(row: Sequence[str]) -> bool:
    """Whether `row` heads such a table: years one after the other, beside a usual name of part of a time."""
    years = [*years_of(row).values()]
    names = {normalised(cell) for cell in row if not _YEAR.fullmatch(cell.strip())}
    steps = {after - before for before, after in itertools.pairwise(years)}
    return len(steps) == 1 and steps <= {1, -1} and bool(names & (MONTHS | HOURS | PERIODS | DAYS_OF_MONTHS))


def by_months_and_days(rows: pd.DataFrame) -> HoursOfYears | None:
    """By columns named as a month, a day and an hour, or by one that holds a month and a day, with the hour
    behind them or in a column of that name; none where nothing, or more than one column, says so."""
    months, days, hours = (
        [header for header in rows.columns if normalised(header) in names]
        for names in (MONTHS, DAYS_OF_MONTHS, HOURS | PERIODS)
    )
    if len(months) == len(days) == len(hours) == 1 and len({*months, *days, *hours}) == 3:
        month, day = _month(rows[months[0]]), pd.to_numeric(rows[days[0]], errors="coerce")
        return _of_dates((months[0], days[0], hours[0]), month, day, None, rows[hours[0]])
    found = []
    for header in rows.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in rows.dtypes]]:
        cells = rows[header].astype("str").str.strip()
        for pattern in _MONTH_AND_DAY:
            parts = cells.str.extract(f"^{pattern.pattern}$")
            month, day = _month(parts["month"]), pd.to_numeric(parts["day"], errors="coerce")
            is_day = month.between(1, 12) & day.between(1, 31)
            if is_day.all() and len({*zip(month, day, strict=True)}) >= _FEWEST_DAYS:
                found.append((header, month, day, parts["rest"]))
    if len(found) != 1:
        return None
    header, month, day, rest = found[0]
    if rest.notna().all():
        return _of_dates((header,), month, day, rest, None)
    hours = [each for each in hours if each != header]
    return _of_dates((header, hours[0]), month, day, None, rows[hours[0]]) if len(hours) == 1 else None


def _of_dates(
    headers: tuple[str, ...],
    month: pd.Series,
    day: pd.Series,
    rest: pd.Series | None,
    hour: pd.Series | None,
) -> HoursOfYears | None:
    if not (month.between(1, 12) & day.between(1, 31)).all():
        return None
    numbers = [part.astype("int64").astype("str").str.zfill(2) for part in (month, day)]

    def times(year: int) -> Times:
        text = f"{year}-" + numbers[0] + "-" + numbers[1]
        there = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").notna()
        return (text if rest is None else text + " " + rest).where(there), hour

    return HoursOfYears(headers, times)


def _month(cells: pd.Series) -> pd.Series:
    """By its number or its name."""
    named = cells.astype("str").str.strip().map(month_number, na_action="ignore")
    return pd.to_numeric(cells, errors="coerce").fillna(named.astype("float64"))


def by_numbers(rows: pd.DataFrame, years: Mapping[int, pd.Series[bool]]) -> HoursOfYears | None:
    """By the only column that numbers the hours of a year, all 8,760 or 8,784 of them from 0 or 1 on; none
    where there is no such column.

    `years`: in which rows a year has demand. Of 8,784 a year without a 29th of February leaves out the hours
    of that day, or those at the end; none where that cannot be told, nor where a leap year has 8,760.
    """
    found = [
        (header, numbers)
        for header in rows.columns
        if len(numbers := pd.to_numeric(rows[header], errors="coerce")) in (_ORDINARY, _LEAP)
        and numbers.min() in (0, 1)
        and numbers.nunique() == len(numbers) == numbers.max() - numbers.min() + 1
    ]
    if len(found) != 1:
        return None
    header, numbers = found[0]
    from_one = int(numbers.min())
    place = (numbers - from_one).astype("int64")
    ordinary = [filled for year, filled in years.items() if not isleap(year) and filled.any()]
    if len(place) == _ORDINARY and len(ordinary) < sum(filled.any() for filled in years.values()):
        return None
    of_29, at_the_end = place.between(_29_FEBRUARY, _29_FEBRUARY + _A_DAY - 1), place >= _ORDINARY
    skips = any((filled & at_the_end).any() for filled in ordinary)
    counts_on = any((filled & of_29).any() for filled in ordinary)
    if len(place) == _LEAP and ordinary and skips == counts_on:
        return None

    def times(year: int) -> Times:
        of_year, there = place, place >= 0
        if not isleap(year):
            there = ~of_29 if skips else ~at_the_end
            of_year = place.where(place < _29_FEBRUARY, place - _A_DAY) if skips else place
        dates = pd.Timestamp(year, 1, 1) + pd.to_timedelta(of_year // _A_DAY, unit="D")
        hour = (of_year % _A_DAY + from_one).astype("str")
        return dates.dt.strftime("%Y-%m-%d").where(there), hour

    return HoursOfYears((header,), times)
