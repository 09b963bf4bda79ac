"""Tables with an hour in each row and a day in each column -> a day in each row, an hour in each column."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.contract.units import parse_unit
from trainer.data.files.table import Table, as_in_file
from trainer.data.report import Finding
from trainer.data.tables.columns import unit_in
from trainer.data.tables.hours_of_days import FEWEST_HOURS, SHORTEST_MONTH, day_in, heads_days, hour_in
from trainer.data.tables.month_names import month_number
from trainer.errors import DataError

DATE: Final = "date"
"""The header of the days."""
_LOOK: Final = 100
"""Rows that tell whether days stand in a column."""
_SHOWN: Final = 6
_WITHOUT_YEAR: Final = re.compile(
    r"\d{1,2}[-/. ](?:\d{1,2}|(?P<after>[^\W\d]{3,12})\.?)\.?|(?P<before>[^\W\d]{3,12})\.?[- ]\d{1,2}\.?"
    r"|\d{1,2}[월月] ?\d{1,2}[일日]"
)
_PLACE: Final = re.compile(r"(\d+)[AB*]?(?::(\d\d))?")
_OTHER_THINGS: Final = re.compile(
    r"zone|area|region|feeder|station|node|meter|plant|circuit|customer|\b(?:id|nr|no|code|bus|state|line)\b",
    re.IGNORECASE,
)
"""What numbers from 1 on may be of, instead of hours."""
_MOSTLY: Final = 0.9


@dataclass(frozen=True)
class _Across:
    """Where such a table has what."""

    days: dict[int, str]
    """Place of a column -> its day."""
    hours: dict[int, str]
    """Place of a row -> its hour, as a header of a table of days would have it."""
    labels: tuple[int, ...]
    """Places of the columns of hours."""


def with_days_in_rows(table: Table, region: Region, place: str) -> Table:
    """`table` turned where its headers are days and its rows the hours of them; any other as it is.

    Months that stand one below the other, each below a row of its own days, are one table. A column that
    tells several series apart stays, one that says the same in all rows too; sums and other things beside
    hours and days are left out and told of.
    Raises DataError for days that say no year, and for months in different units.
    """
    if region.files.wide is False or (not region.files.wide and _is_named(table, region)):
        return table
    headers = [header if day_in(header) else as_in_file(header) for header in map(str, table.frame.columns)]
    if not any(map(day_in, headers)):
        _refuse_days_without_year(headers, table.frame, region, place)
        return table
    blocks = _blocks(headers, _texts(table.frame), fewest=1 if region.files.wide else FEWEST_HOURS)
    if blocks is None:
        return table
    turned = [_turned(of_block, table.frame.iloc[first:last]) for of_block, first, last in blocks]
    frame = below_each_other([each for each, _ in turned], place)
    left = list(dict.fromkeys(name for _, names in turned for name in names))
    findings = list(table.findings)
    if left:
        more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
        text = f"beside hours and days, left out: {', '.join(map(repr, left[:_SHOWN]))}{more}"
        findings.append(Finding("beside_days", len(left), text))
    lines: tuple[int, ...] = ()
    if table.first_line is not None and len(blocks) == 1 and len(frame) == len(blocks[0][0].days):
        lines = tuple(table.first_line + int(table.frame.index[row]) for row in blocks[0][0].hours)
    return replace(
        table,
        frame=frame,
        first_line=None,
        lines_of_hours=lines,
        is_across=True,
        findings=tuple(findings),
    )


def _is_named(table: Table, region: Region) -> bool:
    """Whether the region takes a column of `table` for demand: it is no day then."""
    named = {*region.files.demand, *(theirs for theirs, ours in region.columns.items() if ours == "demand")}
    return not named.isdisjoint(map(str, table.frame.columns))


def below_each_other(frames: Sequence[pd.DataFrame], place: str) -> pd.DataFrame:
    """Tables of days, turned, as one. Raises DataError where they are in different units."""
    units = {unit for frame in frames for header in frame if (unit := unit_in(str(header)))}
    if len(units) > 1:
        raise DataError(
            f"{place}: tables of hours in rows and days in columns are in different units, "
            f"{', '.join(sorted(units))}; write them in one, or choose one by `where`"
        )
    return pd.concat(frames, ignore_index=True)


def _texts(frame: pd.DataFrame) -> list[list[str]]:
    """Cells without blanks about them, empty where there is nothing."""
    return [
        [str(cell).strip() for cell in row] for row in frame.astype("object").fillna("").to_numpy().tolist()
    ]


def _blocks(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, fewest: int
) -> list[tuple[_Across, int, int]] | None:
    """What lies below each row of days, with its first row and the one after its last; None where that is not
    the hours of a day."""
    heads: list[tuple[Sequence[str], int]] = [(headers, 0)]
    heads += [
        (row, number + 1) for number, row in enumerate(rows) if heads_days(row, rows[number + 1 : number + 4])
    ]
    ends = [first - 1 for _, first in heads[1:]] + [len(rows)]
    found = []
    for (head, first), last in zip(heads, ends, strict=True):
        across = _across(head, rows[first:last], fewest)
        if across is None:
            return None
        found.append((across, first, last))
    return found


def _across(head: Sequence[str], rows: Sequence[Sequence[str]], fewest: int) -> _Across | None:
    days = {place: day for place, cell in enumerate(head) if (day := day_in(str(cell)))}
    others = [place for place in range(len(head)) if place not in days]
    if any(_begins_with_day(row[place]) for row in rows for place in others):
        return None  # each row has its own time
    for place, after in zip(others, [*others[1:], None], strict=True):
        hours = _hours_in(place, rows)
        if len(hours) < fewest or not _go_up(list(hours.values())):
            continue
        if _OTHER_THINGS.search(str(head[place])) and all(hour.isdecimal() for hour in hours.values()):
            continue
        ends = _hours_in(after, rows) if after is not None else {}
        if ends.keys() == hours.keys() and all(":" in text for text in (*hours.values(), *ends.values())):
            return _Across(days, {row: f"{hours[row]}-{ends[row]}" for row in hours}, (place, after or 0))
        return _Across(days, hours, (place,))
    return None


def _begins_with_day(cell: str) -> bool:
    return ":" in cell and day_in(re.split(r"[ T]", cell)[0]) is not None


def _hours_in(place: int, rows: Sequence[Sequence[str]]) -> dict[int, str]:
    return {number: hour for number, row in enumerate(rows) if (hour := hour_in(row[place]))}


def _go_up(hours: Sequence[str]) -> bool:
    """Whether they count through a day, or several one after the other, as no other quantity does."""
    places = [float(found[1]) + float(found[2] or 0) / 60 for hour in hours if (found := _PLACE.match(hour))]
    falls = sum(after < before for before, after in itertools.pairwise(places))
    return falls <= len(places) / FEWEST_HOURS and min(places) <= 1


def _turned(of: _Across, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """A row for each day, for each of several series that a column tells apart, and what is left out."""
    names, texts = [str(header) for header in frame.columns], _texts(frame)
    others = [place for place in range(len(names)) if place not in of.days and place not in of.labels]
    beside = {place: [texts[row][place] for row in of.hours] for place in others}
    constant = {place: cells[0] for place, cells in beside.items() if len(set(cells)) == 1 and cells[0]}
    key = _key(of, {place: cells for place, cells in beside.items() if place not in constant})
    said = next(filter(None, (unit_in(names[place]) for place in of.labels)), None)
    rest = [[texts[row][day] for day in of.days] for row in range(len(texts)) if row not in of.hours]
    unit = said or _unit_of({cell for row in rest for cell in row if cell})
    series = beside[key] if key is not None else [""] * len(of.hours)
    parts = []
    for value in dict.fromkeys(series):
        rows = [row for row, one in zip(of.hours, series, strict=True) if one == value]
        headers = _headers([of.hours[row] for row in rows], unit)
        part = pd.DataFrame(frame.iloc[rows, [*of.days]].to_numpy().T, columns=headers, dtype=object)
        said_beside = {names[place]: cell for place, cell in constant.items()}
        if key is not None:
            said_beside[names[key]] = value
        parts.append(part.assign(**{DATE: list(of.days.values()), **said_beside}))
    left = [names[p] for p in others if p != key and p not in constant and any(row[p] for row in texts)]
    left += [
        texts[row][of.labels[0]]
        for row in range(len(texts))
        if row not in of.hours and texts[row][of.labels[0]] and any(texts[row][day] for day in of.days)
    ]
    return pd.concat(parts, ignore_index=True), left


def _unit_of(cells: set[str]) -> str | None:
    """Of rows that are no hours: the only thing that they say, where that is a unit."""
    only = next(iter(cells)).strip("[]()") if len(cells) == 1 else ""
    return only if parse_unit(only) else None


def _key(of: _Across, beside: Mapping[int, list[str]]) -> int | None:
    """The column that tells series apart, where hours are there several times; None where they are not."""
    hours = list(of.hours.values())
    if len(set(hours)) > len(hours) / 2 + 1:
        return None
    pairs = {place: len({*zip(hours, cells, strict=True)}) for place, cells in beside.items()}
    return next((place for place, different in pairs.items() if different >= _MOSTLY * len(hours)), None)


def _headers(hours: Sequence[str], unit: str | None) -> list[str]:
    """One for each hour, of the same text where one is there again, but in brackets."""
    found: list[str] = []
    for place, hour in enumerate(hours):
        again = hours[:place].count(hour)
        found.append(f"{hour} (again {again})" if again else f"{hour} [{unit}]" if unit else hour)
    return found


def _refuse_days_without_year(
    headers: Sequence[str], frame: pd.DataFrame, region: Region, place: str
) -> None:
    named = region.files.date_columns or region.files.demand or "demand" in region.columns.values()
    days = [header for header in headers if _is_day_without_year(header.strip())]
    numbers = [header for header in headers if header.strip().isdecimal()]
    month = [str(day) for day in range(1, len(numbers) + 1)]
    if len(numbers) >= SHORTEST_MONTH and [str(int(number)) for number in numbers] == month:
        days = numbers
    if named or not days or len(days) < len(headers) / 2:
        return
    rows = _texts(frame)
    if any(day_in(cell) for row in rows[:_LOOK] for cell in row):
        return  # they stand in a column
    if any(len(hours := _hours_in(at, rows)) >= FEWEST_HOURS and _go_up([*hours.values()]) for at in (0, 1)):
        raise DataError(
            f"{place}: hours stand in rows and days in columns, but the headers of these ({days[0]}, "
            f"{days[1 % len(days)]}, ...) are no whole dates; write them with their year, as 2022-06-01, or "
            "name the month of numbered days in a line above them or in the name of their sheet"
        )


def _is_day_without_year(text: str) -> bool:
    found = _WITHOUT_YEAR.fullmatch(text)
    if found is None:
        return False
    word = found["after"] or found["before"]
    return word is None or month_number(word) is not None
