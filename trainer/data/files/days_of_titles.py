"""Days that a table does not say whole: a month in a title, a day in the name of a file or a sheet."""

from __future__ import annotations

import itertools
import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Final

import pandas as pd

from trainer.data.files.header_row import are_hours_of_a_day
from trainer.data.files.table import Table
from trainer.data.report import Finding
from trainer.data.tables.columns import normalised
from trainer.data.tables.hours_of_days import SHORTEST_MONTH, hour_in
from trainer.data.tables.month_names import month_of_word
from trainer.data.tables.names_of_parts import DATES, DAYS_OF_MONTHS, HOURS, PERIODS

_DAY: Final = re.compile(
    r"(?<!\d)(?P<y>20\d\d)(?P<sep>[-/._]?)(?P<m>0[1-9]|1[0-2])(?P=sep)(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
)
_MONTH: Final = (
    re.compile(r"(?<![\d./-])(20\d\d)(?:[-/._ ]|\s?[年년]\s?)(0?[1-9]|1[0-2])(?:\s?[月월])?(?![\d./-])"),
    re.compile(r"(?<![\d./-])(0[1-9]|1[0-2])[-/._](20\d\d)(?!\d)"),
    re.compile(r"(?<![\d./-])(20\d\d)(0[1-9]|1[0-2])(?!\d)"),
    re.compile(r"(?<![^\W\d_])([^\W\d_]{3,12})\.?[ ,_'-]*(?:de )?(20\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(20\d\d)[ ,_-]*([^\W\d_]{3,12})(?![^\W\d_])"),
)
"""A month and its year, not those of a whole date."""
_SHORT: Final = re.compile(r"([^\W\d_]{3,12})[ ._'-]?(\d\d)")
"""The name of a sheet, such as `Feb 24`."""
_WORDS: Final = re.compile(r"[^\W\d_]+")
_YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_DIGITS_OF_YEAR: Final = 4
_ANY_DATE: Final = re.compile(
    r"(?:19|20)\d{2}[-/.년年]?\s?\d{1,2}[-/.월月]?\s?\d{1,2}"
    r"|\d{1,2}[-/. ](?:\d{1,2}|[^\W\d]{3,9})\.?[-/. ]\d{2,4}"
)
_ENDING: Final = re.compile(r"(?:\.[A-Za-z][A-Za-z\d]{0,6})+$")
_LOOK: Final = 100
_FEWEST_HOURS: Final = 20
_MOSTLY: Final = 0.9


def with_days_of_titles(table: Table, place: str) -> Table:
    """`table` with whole days where it numbers those of a month, in its headers or in a column, and a line
    above it or the name of its sheet or file says which; with a column `date` where it has hours alone, and
    that name is a day's. Any other as it is. `place`: the path of its file, and its sheet behind `: `.
    """
    headers = [str(header) for header in table.frame.columns]
    if _has_dates(table.frame, headers):
        return table
    path, _, part = place.partition(": ")
    file = _ENDING.sub("", PurePath(path).name)
    days = _numbered_days(headers)
    column = None if days else _column_of_days(table.frame, headers)
    if days or column:
        month = _month_of(table.above, part, file)
        if month is None:
            return table
        return _with_headers(table, days, month) if column is None else _with_column(table, column, month)
    day = _only_day(part) or _only_day(file)
    if day is None or not _has_hours_of_one_day(table.frame, headers):
        return table
    found = Finding("day_of_name", len(table.frame), f"its day, {day}, read from the name {part or file!r}")
    return replace(table, frame=table.frame.assign(date=day), findings=(*table.findings, found))


def _has_dates(frame: pd.DataFrame, headers: Sequence[str]) -> bool:
    first = frame.head(_LOOK)
    in_cells = any(
        first[header].dropna().astype("str").str.contains(_ANY_DATE).mean() > _MOSTLY
        for header in first.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in first.dtypes]]
    )
    return in_cells or any(_ANY_DATE.search(header) for header in headers)


def _numbered_days(headers: Sequence[str]) -> dict[str, int]:
    """The headers that are the days of a month from 1 on; none where there are not as many as a month has."""
    numbers = {header: int(header) for header in headers if header.strip().isdecimal()}
    count = len(numbers)
    return numbers if count >= SHORTEST_MONTH and [*numbers.values()] == [*range(1, count + 1)] else {}


def _column_of_days(frame: pd.DataFrame, headers: Sequence[str]) -> str | None:
    """The column that numbers the days of a month, beside hours in columns or in a column."""
    found = [header for header in headers if normalised(header) in DAYS_OF_MONTHS | DATES]
    if len(found) != 1:
        return None
    days = pd.to_numeric(frame[found[0]], errors="coerce").dropna()
    whole = [*range(1, len(set(days)) + 1)]
    if len(whole) < SHORTEST_MONTH or sorted(set(days)) != whole or not days.is_monotonic_increasing:
        return None
    is_wide = are_hours_of_a_day(headers) and len(days) == len(whole)
    return found[0] if is_wide or any(normalised(header) in HOURS | PERIODS for header in headers) else None


def _with_headers(table: Table, days: dict[str, int], month: tuple[int, int]) -> Table:
    """With dates for headers, without days that the month does not have, where these are empty."""
    last = monthrange(*month)[1]
    beyond = [header for header, day in days.items() if day > last]
    if not table.frame[beyond].isna().all(axis=None):
        return table
    names = {header: _date(month, day) for header, day in days.items() if day <= last}
    return _told(replace(table, frame=table.frame.drop(columns=beyond).rename(columns=names)), month)


def _with_column(table: Table, column: str, month: tuple[int, int]) -> Table:
    days = pd.to_numeric(table.frame[column], errors="coerce")
    if days.max() > monthrange(*month)[1]:
        return table
    dates = [
        cell if pd.isna(day) else _date(month, int(day))
        for day, cell in zip(days, table.frame[column], strict=True)
    ]
    return _told(replace(table, frame=table.frame.assign(**{column: dates})), month)


def _told(table: Table, month: tuple[int, int]) -> Table:
    text = f"its days are numbered; their month, {month[0]}-{month[1]:02d}, read from its title or its name"
    return replace(table, findings=(*table.findings, Finding("month_of_title", len(table.frame), text)))


def _date(month: tuple[int, int], day: int) -> str:
    return f"{month[0]}-{month[1]:02d}-{day:02d}"


def _has_hours_of_one_day(frame: pd.DataFrame, headers: Sequence[str]) -> bool:
    """Whether a column has the hours or periods of a day, each once, or once for each of several series."""
    named = [header for header in headers if normalised(header) in HOURS | PERIODS]
    if len(named) != 1 or len(frame) < _FEWEST_HOURS:
        return False
    cells = frame.astype("str")
    words = [header for header in headers if pd.to_numeric(frame[header], errors="coerce").isna().all()]
    again = cells.duplicated([*named, *words]).mean()
    return bool(cells[named[0]].map(hour_in).notna().mean() > _MOSTLY and again < 1 - _MOSTLY)


def _only_day(text: str) -> str | None:
    found = {f"{day['y']}-{day['m']}-{day['d']}" for day in _DAY.finditer(text)}
    return found.pop() if len(found) == 1 else None


def _month_of(above: Sequence[str], part: str, file: str) -> tuple[int, int] | None:
    """Year and month as the lines above and the name of the part of a file say, where they agree; else as the
    name of the file does; else the month that the part is named for, in the only year of them all."""
    said = {month for text in (*above, part) if (month := _only_month(text))}
    if said:
        return said.pop() if len(said) == 1 else None
    if of_file := _only_month(file):
        return of_file
    if (short := _SHORT.fullmatch(part.strip())) and (named := month_of_word(short[1])):
        return 2000 + int(short[2]), named
    words = {number for word in _WORDS.findall(part) if (number := month_of_word(word))}
    years = {int(year) for text in (*above, part, file) for year in _YEAR.findall(text)}
    return (years.pop(), words.pop()) if len(words) == len(years) == 1 else None


def _only_month(text: str) -> tuple[int, int] | None:
    found = set()
    for match in itertools.chain.from_iterable(pattern.finditer(text) for pattern in _MONTH):
        said = [*match.groups()]
        year = next(part for part in said if part.isdecimal() and len(part) == _DIGITS_OF_YEAR)
        said.remove(year)
        month = int(said[0]) if said[0].isdecimal() else month_of_word(said[0])
        if month:
            found.add((int(year), month))
    return found.pop() if len(found) == 1 else None
