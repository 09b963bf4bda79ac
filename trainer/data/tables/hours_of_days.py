"""Columns that hold the days and the hours of days, found by what stands in them, whatever their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

FEWEST_HOURS: Final = 23
"""Of the day on which clocks are put forward: from so many hours on a table is taken for one of days."""
SHORTEST_MONTH: Final = 28
"""Days."""
_DAY: Final = (
    r"(?:19|20)\d{2}[-/.년年]?\s?\d{1,2}[-/.월月]?\s?\d{1,2}[일日.]?"
    r"|\d{1,2}[-/. ](?:\d{1,2}|[^\W\d]{3,9})\.?[-/. ](?:\d{4}|\d{2})\.?"
)
_DAY_OF_ANOTHER_CALENDAR: Final = (
    r"(?:(?:(?:中華)?民[國国]|令和|平成|昭和|[RHS])\s?(?:\d{1,3}|元)|1\d\d|1[34]\d\d)"
    r"(?:[-/.]|\s?年)\s?\d{1,2}(?:[-/.]|\s?月)\s?\d{1,2}日?"
)
"""Of Taiwan, Japan or Iran."""
_ANY_DAY: Final = rf"{_DAY}|{_DAY_OF_ANOTHER_CALENDAR}"
_CLOCK: Final = r"(\d{1,2})[AB]?[:.hH](\d{2})(?::00)?"
_OF_CLOCK: Final = rf"{_CLOCK}(?:\s*[-\N{{EN DASH}}~\N{{FULLWIDTH TILDE}}]\s*{_CLOCK})?"
_OF_NUMBER: Final = (
    r"(?i:[a-z]{0,6}[ .]?)(\d{1,3})\s?[A-Za-z*시時]{0,3}(?:\s*[-\N{EN DASH}~]\s*\d{1,2}\s?[hH시時]?)?"
)
_PER_DAY: Final = (24, 48, 96, 144, 288)
_MINUTES: Final = 24 * 60
_MOSTLY: Final = 0.9


_WEEKDAY: Final = r"\(?[^\W\d]{1,9}\.?\)?"
_DAY_ALONE: Final = re.compile(
    rf"(?:{_WEEKDAY},?\s+)?(?P<day>{_ANY_DAY}|[^\W\d]{{3,9}}\.? \d{{1,2}},? (?:19|20)\d\d)"
    rf"(?:[ T]00:00(?::00(?:\.0+)?)?)?(?:,?\s*{_WEEKDAY})?"
)
_WORD: Final = (
    r"(?:hours?(?: ending| beginning)?|hr|he|hb|h|horas?|stunden?|std|heures?|ora|ore|uur|godz(?:ina)?|saat"
    r"|jam|kl|час|period|p|sp|제|第)?[ ._#]*"
)
_MARK: Final = r"\s*([AB*X]|DST)?"
_NUMBERED: Final = re.compile(rf"{_WORD}(\d{{1,3}})\s*(?:h|hrs?|uhr|시|時)?{_MARK}", re.IGNORECASE)
_CLOCKED: Final = re.compile(
    r"(\d{1,2})\s*([AB*]?)[:.hH시時]\s*(\d{2})분?(?::00)?(?:\s*-\s*(\d{1,2})[:.hH시時]\s*(\d{2})분?(?::00)?)?"
    + _MARK,
    re.IGNORECASE,
)
_RANGE: Final = re.compile(r"(\d{1,2})\s*-\s*(\d{1,2})\s*(?:h|hrs?|uhr|시|時)?", re.IGNORECASE)
_TWELVE: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*([ap])\.?m\.?", re.IGNORECASE)
_DASHES: Final = str.maketrans(dict.fromkeys("\N{EN DASH}~\N{FULLWIDTH TILDE}\N{WAVE DASH}", "-"))


def day_in(text: str) -> str | None:
    """The day that `text` is, without its midnight or day of the week; None for anything else."""
    found = _DAY_ALONE.fullmatch(text.strip())
    return found["day"] if found else None


def hour_in(text: str) -> str | None:
    """The hour or period of a day that `text` is, as `7`, `07:00`, `7:00-8:00`, with a mark of the hour that
    clocks repeat behind it; None for anything else."""
    plain = text.strip().translate(_DASHES)
    if found := _TWELVE.fullmatch(plain):
        hour = int(found[1]) % 12 + 12 * (found[3] in "pP")
        return f"{hour:02d}:{found[2] or '00'}"
    if (
        (found := _RANGE.fullmatch(plain))
        and (int(found[2]) - int(found[1])) % 24 == 1
        and int(found[2]) <= 24
    ):
        return f"{int(found[1]):02d}:00-{int(found[2]):02d}:00"
    if found := _CLOCKED.fullmatch(plain):
        if int(found[1]) > 24 or int(found[3]) > 59:
            return None
        until = f"-{found[4]}:{found[5]}" if found[4] else ""
        return f"{found[1]}{found[2]}:{found[3]}{until}{found[6] or ''}"
    if found := _NUMBERED.fullmatch(plain):
        return f"{found[1]}{found[2] or ''}" if int(found[1]) <= _PER_DAY[-1] * 25 // 24 else None
    return None


def are_days_across(row: Sequence[str]) -> bool:
    """Whether half of what stands in `row`, or more, are days."""
    filled = [cell for cell in row if cell.strip()]
    days = sum(day_in(cell) is not None for cell in filled)
    return days > 0 and days >= len(filled) / 2


def heads_days(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether `row` heads a table with a day in each column: the rows `below` it are hours of them, the first
    perhaps units or days of the week."""
    if not are_days_across(row):
        return False
    days = [place for place, cell in enumerate(row) if day_in(cell)]
    rows = [each for each in below if any(cell.strip() for cell in each)]
    if any(day_in(cell) for each in rows for cell in each):
        return False
    if rows and not any(cell.strip() for cell in rows[0][: days[0]]):
        rows = rows[1:]
    return bool(rows) and any(hour_in(cell) for cell in rows[0][: days[0]])


def are_days(cells: pd.Series[str]) -> bool:
    """Whether the filled ones of `cells` (no midnights behind the days) are days without a time."""
    filled = cells[cells.str.contains(r"\d", regex=True)]
    return bool(filled.str.fullmatch(_ANY_DAY).mean() > _MOSTLY)


def are_hours(cells: pd.Series[str], days: pd.Series[str]) -> bool:
    """Whether `cells` are the same hours or periods on nearly every one of `days` (of the same rows): all
    clock times of one distance, or all numbers from 0 or 1 to as many as a day has. No other quantity goes
    through such numbers every day.
    """
    known = days.str.fullmatch(_ANY_DAY)
    cells, days = cells[known], days[known]
    if cells.empty or cells.nunique() > 2 * _PER_DAY[-1]:
        return False
    clock = cells.str.extract(f"^{_OF_CLOCK}$")
    if clock[0].notna().mean() > _MOSTLY:
        places = clock[0].astype("float64") * 60 + clock[1].astype("float64")
        whole = _whole_clock(places)
    else:
        places = pd.to_numeric(cells.str.extract(f"^{_OF_NUMBER}$")[0]).astype("float64")
        whole = _whole_count(places)
    if not whole or places.isna().mean() > 1 - _MOSTLY:
        return False
    return bool((places.groupby(days).nunique() >= whole - 1).mean() > _MOSTLY)


def look_like_hours(texts: Sequence[str], *, fewest: int = _PER_DAY[0] - 1) -> bool:
    """Whether `texts`, so many at least, are all numbers or clock times of a day; units below a header are no
    matter."""
    numbers = [text for text in texts if any(sign.isdigit() for sign in text)]
    return len(numbers) >= fewest and all(
        re.fullmatch(_OF_CLOCK, text) or re.fullmatch(_OF_NUMBER, text) for text in numbers
    )


def _whole_clock(minutes: pd.Series[float]) -> int:
    """How many times of one distance a day has, where `minutes` since midnight are these; else 0."""
    there = np.unique(minutes.dropna() % _MINUTES)
    steps = np.unique(np.diff(there))
    count = int(_MINUTES // steps[0]) if len(steps) == 1 else 0
    return count if count in _PER_DAY and len(there) == count else 0


def _whole_count(numbers: pd.Series[float]) -> int:
    """The last number of an ordinary day, where `numbers` are all from 0 or 1 to it, or to that of the day
    on which clocks go back; else 0."""
    there = np.unique(numbers.dropna())
    first, last = (int(there[0]), int(there[-1])) if len(there) else (0, 0)
    if first > 1 or len(there) != last - first + 1:
        return 0
    count = last - first + 1
    return next((n for n in _PER_DAY if count == n or (first == 1 and count == n * 25 // 24)), 0)
