"""Tables with a column for each period of a day, or for each interval of an hour -> one row for each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from trainer.contract import FileSettings, Region
from trainer.data.sources import SourceFrame
from trainer.data.tables.columns import claimed, unit_in
from trainer.data.tables.hours_of_days import FEWEST_HOURS, are_days
from trainer.data.tables.parts_of_times import (
    date_and_hour,
    dates_of,
    joined_name,
    with_joined,
    year_month_day,
)
from trainer.errors import DataError

_HOUR_HEADER: Final = re.compile(
    r"(?:hour|period|HE|SP|TP|QH|H|P)?[ _.#]*\d{1,3}\s*[hH시時]?\s*(?:[AB*X]|DST)?"
    r"|\d{1,2}[AB*]?(?:[:h시]\d{2}|\.[0-5][05])(?::\d{2})?(?:\s*-\s*\d{1,2}[:h.]\d{2})?\s*(?:[AB*X]|DST)?",
    re.IGNORECASE,
)
_INTERVAL_HEADER: Final = re.compile(
    r"(?:minutes?|min|interval|int|quarter|q|qh|value|v|:)?[ _.:+]*(\d{1,2})\s*(?:minutes?|mins?|m|')?",
    re.IGNORECASE,
)
_INTERVALS: Final = tuple(
    tuple(numbers)
    for step in (30, 15, 10, 5)
    for numbers in (range(0, 60, step), range(step, 61, step), range(1, 60 // step + 1))
)
"""Headers of the intervals of an hour: the minutes at which they begin or end, or their numbers."""
_NAME: Final = re.compile(r"^[^\d]+(?=\d)")
"""What stands before the number of an hour."""
_BRACKETED: Final = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$")
_HALF_HOUR: Final = re.compile(r"\d{1,2}\.3")
"""The number that a spreadsheet makes of 00.30."""
_ORDINARY: Final = (24, 48, 96)
_MOSTLY: Final = 0.9


def hour_headers(raw: SourceFrame, settings: FileSettings, *, named: bool = False) -> list[str]:
    """The columns of a table of days, or of the intervals of an hour; none for any other table. `named`:
    whether the region names the column of demand."""
    headers = list(raw.frame.columns)
    if settings.wide is False or not (raw.is_file or settings.wide):
        return []
    hours = [header for header in headers if _HOUR_HEADER.fullmatch(_bare(header))]
    if len(hours) >= FEWEST_HOURS:
        return hours
    alike = _named_alike(headers)
    usual = bool(claimed("demand", headers))
    if alike and (settings.wide or (_count_a_day(alike) and not (named or usual) and _has_days(raw, alike))):
        return alike
    if usual or len(dates := settings.date_columns or date_and_hour(raw)) < 2:
        return hours if settings.wide else []
    found = {
        header: int(match[1])
        for header in headers
        if header not in dates and (match := _INTERVAL_HEADER.fullmatch(_bare(header)))
    }
    return list(found) if tuple(sorted(found.values())) in _INTERVALS else []


def _bare(header: str) -> str:
    """Without a unit in brackets."""
    return _BRACKETED.sub("", header).strip()


def _named_alike(headers: Sequence[str]) -> list[str]:
    """The headers that are one name with numbers, such as `Hora 01` or `Values_Hour01`; none where too few
    are."""
    names = {header: _NAME.match(header.strip()) for header in headers}
    alike = [found[0] if found else "" for found in names.values()]
    return next(
        (
            [header for header, found in names.items() if found and found[0] == name]
            for name in dict.fromkeys(alike)
            if name and alike.count(name) >= FEWEST_HOURS
        ),
        [],
    )


def _has_days(raw: SourceFrame, hours: Sequence[str]) -> bool:
    """Whether a column beside `hours` holds days: beside whole times they are meters, say."""
    return any(_holds_days(raw, header) for header in raw.frame.columns if header not in hours)


def _holds_days(raw: SourceFrame, header: str) -> bool:
    return are_days(dates_of(raw.frame[header]).fillna(""))


def _count_a_day(alike: Sequence[str]) -> bool:
    """Whether headers of one name are numbered as the hours or periods of a day, and no others."""
    numbers = [int(number) for header in alike if (number := _NAME.sub("", _bare(header))).isdecimal()]
    first, count = min(numbers, default=-1), len(numbers)
    whole = count == len(alike) and sorted(numbers) == list(range(first, first + count))
    return whole and first in (0, 1) and any(count in (n, n * 25 // 24) for n in _ORDINARY)


def long(
    raw: SourceFrame,
    hours: Sequence[str],
    columns: Mapping[str, str],
    settings: FileSettings,
    region: Region,
) -> tuple[SourceFrame, dict[str, str]]:
    """Days in rows -> hours in rows, labelled so that their line can still be told; our column -> header."""
    others = [header for header in raw.frame.columns if header not in hours]
    dates = settings.date_columns or _dates_beside(raw, hours, others, columns, region)
    if halves := [header for header in others if _HALF_HOUR.fullmatch(header.strip())]:
        raise DataError(
            f"{raw.place}: columns {halves[:3]} seem to be half hours that a spreadsheet took for numbers; "
            "write them as 00:30"
        )
    cells = len(hours)
    raw = _without_filled(raw, hours)
    day = raw.frame[list(others)].copy()
    day[dates[0]] = dates_of(day[dates[0]])
    unit = next((unit for header in hours if (unit := unit_in(header))), None)
    demand = f"demand [{unit}]" if unit else "demand"
    part = next(name for name in ("hour", "interval", "heading") if name not in others)
    within = joined_name((*dates, part))
    rows = [
        day.assign(**{part: _NAME.sub("", _bare(hour))})
        .assign(**{demand: raw.frame[hour]})
        .set_axis(raw.frame.index * cells + place, axis=0)
        for place, hour in enumerate(hours)
    ]
    frame = with_joined(replace(raw, frame=pd.concat(rows).sort_index()), (*dates, part)).frame
    # An empty cell may be an hour that the day does not have, such as the 25th or the 49th half hour, or one
    # that the clocks left out. A day that has none at all stays.
    told = frame[demand].notna() | frame[within].isna()
    return replace(raw, frame=frame[told], cells=cells), {
        "time": within,
        "demand": demand,
    }


def _dates_beside(
    raw: SourceFrame,
    hours: Sequence[str],
    others: Sequence[str],
    columns: Mapping[str, str],
    region: Region,
) -> tuple[str, ...]:
    """Which of the `others` than the hours hold the day: by the region's word, by the format's, by a usual
    header, or by their cells. Raises DataError where that cannot be told, or where there are no hours."""
    named = [theirs for theirs, ours in region.columns.items() if ours == "time" and theirs in others]
    found = named or ([columns["time"]] if "time" in columns else claimed("time", others))
    parts = date_and_hour(raw) if len(hours) < FEWEST_HOURS else ()
    found = list(parts) or found or (list(others) if len(others) == 1 else [])
    found = found or [header for header in others if _holds_days(raw, header)]
    if not found and not parts:
        found = list(parts := year_month_day(raw))
    if (len(found) != 1 and not parts) or not hours:
        raise DataError(
            f"{raw.place}: a table with a day in each row needs one column of dates and one for each "
            f"hour; found {others} beside {len(hours)} hours. Name it in the region: "
            'date_columns = ["<header>"]'
        )
    return tuple(found)


def _without_filled(raw: SourceFrame, hours: Sequence[str]) -> SourceFrame:
    """`raw` with empty cells for the zeros of columns beyond an ordinary day's, such as `hour25`: they are
    there for the day on which clocks go back, and filled with zero on all others."""
    beyond = len(hours) - max((count for count in _ORDINARY if count <= len(hours)), default=len(hours))
    if not beyond:
        return raw
    cells = raw.frame[list(hours)].apply(pd.to_numeric, errors="coerce")
    nothing = cells.isna() | (cells == 0)
    extra = [header for header in hours if nothing[header].mean() > _MOSTLY]
    if not extra or len(extra) > beyond:
        return raw
    return replace(raw, frame=raw.frame.assign(**{h: raw.frame[h].mask(nothing[h]) for h in extra}))
