"""Columns that hold a time together: a date, an hour or a period, an interval or a minute within it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from trainer.data.sources import SourceFrame
from trainer.data.tables.columns import normalised
from trainer.data.tables.hours_of_days import are_days, are_hours, look_like_hours
from trainer.data.tables.names_of_parts import DATES, DAYS_OF_MONTHS, HOURS, INTERVALS, MONTHS, PERIODS, YEARS

_NEW_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MIDNIGHT: Final = r"[ T](?:0?0:00(?::00(?:\.0+)?)?|12:00(?::00)? ?[Aa]\.?[Mm]\.?)$"
_WHOLE_DATE: Final = r".*(?:\d{8}|\d+\D+\d+\D+\d+|[^\W\d]{3}).*"
_YEAR: Final = r"(?:19|20)\d\d|1\d\d|1[34]\d\d"
"""Of our calendar, Taiwan's or Iran's."""
_YEAR_AND_MONTH: Final = r".*(?:19|20)\d\d[-/.]\d.*|.*\d[-/.](?:19|20)\d\d.*|(?:19|20)\d{6}.*"
_DATED: Final = r".*(?:(?:19|20)\d{6}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d[-/ ][^\W\d]{3,9}[-/ ]\d).*"
_HOUR: Final = r"(?i:h|he|hour)?\s*(\d{1,2})\s*(?:[:h]00)?\s*([A-Za-z*]?)"
_LOOK: Final = 200
"""Rows that tell whether a column is worth reading whole."""
_PER_HOUR: Final = (2, 3, 4, 6, 12)
"""Intervals of an hour that people number."""
_MOST: Final = _PER_HOUR[-1]
_MOSTLY: Final = 0.9


@dataclass(frozen=True)
class _Within:
    """Where in its hour an interval lies."""

    place: pd.Series[float]
    """From 0."""
    per_hour: int
    by_clock: bool
    """It is written as the minute at which it begins."""


def date_and_hour(raw: SourceFrame) -> tuple[str, ...]:
    """The headers of a date, of an hour beside it and perhaps of an interval within the hour, by usual names
    or by what stands in them; none where a column holds whole times."""
    names = _names(raw)
    return by_usual_names(raw) or _by_their_cells(raw, names)


def year_month_day(raw: SourceFrame) -> tuple[str, ...]:
    """The headers of a year, a month and a day of it as numbers, by usual names; none where a column beside
    them holds whole dates.
    """
    names = _names(raw)
    found: list[str] = []
    for usual, pattern in (
        (YEARS, _YEAR),
        (MONTHS, r"0?[1-9]|1[0-2]"),
        (DAYS_OF_MONTHS, r"0?[1-9]|[12]\d|3[01]"),
    ):
        of_name = [h for h, name in names.items() if name in usual and _each(raw, h, pattern)]
        if len(of_name) != 1:
            return ()
        found += of_name
    first = raw.frame.head(_LOOK)
    whole = any(_plain(first[h]).str.fullmatch(_DATED).mean() > _MOSTLY for h in names if h not in found)
    return () if whole else tuple(found)


def by_usual_names(raw: SourceFrame) -> tuple[str, ...]:
    """As `date_and_hour`, by their names alone."""
    names = _names(raw)
    if parts := year_month_day(raw):
        hours = _named_hours(raw, names)
        return (*parts, *hours, *_interval(names)) if len(hours) == 1 else ()
    dates, hours = _named_dates(raw, names), _named_hours(raw, names)
    if len(dates) != 1 or len(hours) != 1:
        return ()
    days = _without_midnight(_plain(raw.frame[dates[0]]))
    if days.str.contains(r"\d[:hT]\d", regex=True).any() or days.nunique() > len(days) / 2:
        return ()
    return (dates[0], hours[0], *_interval(names))


def whole_time_beside_clock(raw: SourceFrame, claims: Sequence[str]) -> str | None:
    """The only column of whole times, where the only one of `claims`, by its name of times, holds clock times
    alone, such as `date` with an offset beside `time`; None where there is none.
    """
    if len(claims) != 1 or not _each(raw, claims[0], r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?"):
        return None
    first = raw.frame.head(_LOOK)
    others = [header for header in _names(raw) if header != claims[0]]
    whole = [h for h in others if _plain(first[h]).str.fullmatch(rf"{_DATED}[T ]\d\d?:\d\d.*").all()]
    return whole[0] if len(whole) == 1 else None


def _by_their_cells(raw: SourceFrame, names: dict[str, str]) -> tuple[str, ...]:
    """What the names leave open, where one column alone can be it."""
    first = raw.frame.head(_LOOK)
    found = [header for header in names if are_days(_without_midnight(_plain(first[header])))]
    named = _named_dates(raw, names)
    dates = [header for header in found if header in named] or found
    if len(dates) != 1:
        return ()
    days = _without_midnight(_plain(raw.frame[dates[0]]))
    if 2 * days.nunique() > len(days):
        return ()
    hours = [header for header in _named_hours(raw, names) if header not in found]
    if len(hours) != 1:
        others = hours or [h for h in names if h not in found and names[h] not in INTERVALS]
        likely = [h for h in others if look_like_hours(_plain(first[h]).to_list(), fewest=1)]
        hours = [header for header in likely if are_hours(_plain(raw.frame[header]), days)]
    return (dates[0], hours[0], *_interval(names)) if len(hours) == 1 else ()


def _names(raw: SourceFrame) -> dict[str, str]:
    return {header: normalised(_NEW_WORD.sub(" ", str(header))) for header in raw.frame.columns}


def _named_dates(raw: SourceFrame, names: dict[str, str]) -> list[str]:
    return [
        header for header, name in names.items() if name in DATES and _each(raw, header, r".*\d.*\d.*\d.*")
    ]


def _named_hours(raw: SourceFrame, names: dict[str, str]) -> list[str]:
    """Those of clock times, else those of numbered periods."""
    of_clock, of_number = (
        [
            header
            for header, name in names.items()
            if name in usual and not _each(raw, header, _YEAR_AND_MONTH)
        ]
        for usual in (HOURS, PERIODS)
    )
    return of_clock or of_number


def _interval(names: dict[str, str]) -> tuple[str, ...]:
    intervals = [header for header, name in names.items() if name in INTERVALS]
    return tuple(intervals) if len(intervals) == 1 else ()


def _each(raw: SourceFrame, header: str, pattern: str) -> bool:
    """Whether most cells of a column are such; the first ones may be units, the last ones sums."""
    return bool(_plain(raw.frame[header]).str.fullmatch(pattern).mean() > _MOSTLY)


def joined_name(headers: Sequence[str]) -> str:
    """Of the column that `with_joined` makes of them."""
    return " + ".join(headers)


def with_joined(raw: SourceFrame, headers: Sequence[str]) -> SourceFrame:
    """`raw` with one more column, the texts of `headers` one after the other, an hour and an interval within
    it as one number of the day or one clock time."""
    parts = [_plain(raw.frame[header]) for header in headers]
    parts[0] = _without_midnight(parts[0])
    parts = _with_intervals_of_the_day(parts)
    text = parts[0]
    for part in parts[1:]:
        text = (text + " " + part).str.strip()
    text = text.mask(raw.frame[headers[0]].isna())
    return replace(raw, frame=raw.frame.assign(**{joined_name(headers): text}))


def dates_of(cells: pd.Series) -> pd.Series[str]:
    """As text, empty cells as none, days that were written as their midnights without these."""
    return _without_midnight(_plain(cells)).mask(cells.isna())


def _plain(cells: pd.Series) -> pd.Series[str]:
    """Whole numbers without a point, as Parquet may hold an hour; empty cells as empty text."""
    if pd.api.types.is_float_dtype(cells) and bool((cells.dropna() % 1 == 0).all()):
        cells = cells.astype("Int64")
    return cells.astype("str").where(cells.notna(), "").str.strip()


def _without_midnight(texts: pd.Series[str]) -> pd.Series[str]:
    """Days that a spreadsheet or a database wrote as their midnights."""
    filled = texts[texts.str.contains(r"\d", regex=True)]
    if not filled.str.contains(_MIDNIGHT, regex=True).all():
        return texts
    return texts.str.replace(_MIDNIGHT, "", regex=True)


def _with_intervals_of_the_day(parts: list[pd.Series[str]]) -> list[pd.Series[str]]:
    """An hour and an interval or a minute within it as one part; `parts` as they are where there are none."""
    filled = parts[0][parts[0] != ""]
    dates = 1 if filled.str.fullmatch(_WHOLE_DATE).all() else 3
    if len(parts) < dates + 2:
        return parts
    hours = parts[dates].str.extract(rf"^{_HOUR}$")
    hour = pd.to_numeric(hours[0], errors="coerce").astype("float64")
    numbers = pd.to_numeric(
        parts[dates + 1].str.extract(r"^\D{0,9}(\d{1,2})\D{0,8}$")[0], errors="coerce"
    ).astype("float64")
    known = parts[0] != ""
    if hour[known].isna().any() or numbers[known].isna().any():
        return parts
    within = _within(numbers)
    if within is None:
        return parts
    from_one = not (hour == 0).any() and bool((hour >= 24).any())
    first = hour - 1 if from_one else hour
    if within.by_clock and (not from_one or within.per_hour > _MOST):
        minute = (within.place * 60 / within.per_hour).astype("Int64").astype("str").str.zfill(2)
        text = first.astype("Int64").astype("str") + ":" + minute
    else:
        text = "P" + (first * within.per_hour + within.place + 1).astype("Int64").astype("str")
    text = (text + hours[1].fillna("")).where(known, "")
    rest = [part for part in parts[dates + 2 :] if not part[known].str.fullmatch("0+").all()]
    return [*parts[:dates], text, *rest]


def _within(numbers: pd.Series[float]) -> _Within | None:
    """What numbers beside an hour are: intervals from 0 or from 1, or the minutes at which these begin or
    end; None where they are nothing of that."""
    there = sorted({int(number) for number in numbers.dropna()})
    if not there or there[-1] > 60:
        return None
    if there[0] == 0 and there == list(range(len(there))) and len(there) in _PER_HOUR:
        return _Within(numbers, len(there), by_clock=False)
    if there[0] == 0 and there[-1] < 60:
        step = math.gcd(*there) or 60
        return _Within(numbers / step, 60 // step, by_clock=True) if 60 % step == 0 else None
    if there[0] > 0 and there[-1] <= _MOST:
        per_hour = next(count for count in _PER_HOUR if count >= there[-1])
        return _Within(numbers - 1, per_hour, by_clock=False)
    step = math.gcd(*there)
    if there[0] > 0 and there[-1] == 60 and 60 % step == 0:
        return _Within(numbers / step - 1, 60 // step, by_clock=False)
    return None
