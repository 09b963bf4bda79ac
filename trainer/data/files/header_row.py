"""Where a table begins: files have titles, dates of making and licences above their header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from trainer.contract.units import parse_unit
from trainer.data.tables.hours_of_days import FEWEST_HOURS, heads_days
from trainer.data.tables.hours_of_years import heads_years
from trainer.data.tables.month_names import month_of_word

_SEEN: Final = 60
"""Rows from the beginning that tell how wide the table is."""
_VALUE: Final = re.compile(r"[\s\d.,:;/+\-\N{MINUS SIGN}'TZ]*\d[\s\d.,:;/+\-\N{MINUS SIGN}'TZ]*")
"""A cell of digits and their signs only: a number or a time."""
_NUMBER: Final = re.compile(r"[+\-\N{MINUS SIGN}]?[\d.,' ]+")
_NO_UNITS: Final = (
    *("-", "%", "°C", "C", "H", "HH:MM", "DATETIME", "DATE", "TIME", "STRING", "TEXT", "NUMBER", "INTEGER"),
    *("UTC", "GMT", "CET", "CEST", "CET/CEST", "MEZ", "MEZ/MESZ", "EET/EEST", "WET/WEST", "LOCAL"),
    *("M/S", "KM/H", "MM", "HPA", "W/M2", "W/M²", "°F", "EUR/MWH", "€/MWH"),
)
"""What stands among units where a column has none, or one of weather or money."""
_SPEAKS_OF_TIME: Final = re.compile(
    r"\d:\d\d|\d[-/. ][^\W\d]{3,9}[-/. ]\d|(?:19|20)\d\d[-/.]\d|\d[-/.]\d{1,2}[-/.]\d"
)
"""What stands in a row of text with a time, not in headers."""
_MONTH: Final = re.compile(r"\s*([^\W\d_]+)\.?\s*(?:\d{2,4})?\s*")
"""What begins a title between the rows of a table, as `February, MW`, where its word is one of a month."""
_HOUR: Final = re.compile(r"\D{0,7}\d{1,2}(?::\d{2}|\.[0-5][05])?\D{0,4}")


def header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Index of the row with the headers: of those above the first row of values that are as wide as most of
    the table, the fullest, the last of alike ones. None where there is none.

    `rows`: the cells of the first rows; empty rows count for nothing.
    """
    usual = _usual_width(rows[:_SEEN])
    if usual < 2:
        return None
    found: int | None = None
    for index, row in enumerate(rows[:_SEEN]):
        if heads_days(row, rows[index + 1 : index + 4]):
            return index  # a month below it may be wider
        if _width(row) < usual:
            continue
        if are_hours_of_a_day(row) or heads_years(row):
            return index
        if has_values(row) and not _is_constant(row, rows[index + 1 : index + 2]):
            if _width(row) == usual or not _begins_below(rows[index + 1 : _SEEN], usual):
                break
            found = None  # a little table of its own, of what the file was made for
            continue
        if found is None or (_told(row) >= _told(rows[found]) and not _are_units(row)):
            found = index
    return found


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    """How wide most rows are that hold something, the wider of two that are as frequent; 0 where none is."""
    widths = Counter(_width(row) for row in rows if _width(row))
    most = max(widths.values(), default=0)
    return max((width for width, count in widths.items() if count == most), default=0)


def are_hours_of_a_day(headers: Sequence[str]) -> bool:
    """Whether they head a table with a day in each row."""
    return len({cell.strip() for cell in headers if _HOUR.fullmatch(cell.strip())}) >= FEWEST_HOURS


def can_head(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether `row` names columns of the rows `below` it, of which the first may be one of units: where they
    have values it has none, or the hours of a day one after the other, or days that these are hours of."""
    rows = [each for each in below if not _are_units(each)][:1]
    names = [cell for cell in row if cell.strip()]
    if heads_days(row, below):
        return True
    if not rows or not has_values(rows[0]) or _are_units(row) or _width(rows[0]) < 2:
        return False
    if len(names) < max(2, _width(rows[0]) - 1) or any(
        _are_alike(*pair) for pair in zip(row, rows[0], strict=False)
    ):
        return False
    if _count_on(row):
        return True
    return not (has_values(row) or any(map(_SPEAKS_OF_TIME.search, row)) or _is_month(names[0]))


def _is_month(cell: str) -> bool:
    found = _MONTH.fullmatch(cell)
    return bool(found and month_of_word(found[1]))


def _count_on(row: Sequence[str]) -> bool:
    """Whether they are hours of a day in their order, as no row of measurements is."""
    hours = [re.search(r"\d+", cell) for cell in row if _HOUR.fullmatch(cell.strip())]
    numbers = [int(hour[0]) for hour in hours if hour]
    return len(numbers) >= FEWEST_HOURS and numbers == sorted(numbers) and numbers[0] <= 1


def has_values(row: Sequence[str]) -> bool:
    """Whether a cell of it is a number or a time."""
    return any(_VALUE.fullmatch(cell.strip()) for cell in row)


def _is_constant(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether all values of `row` stand in the row below too, which has more: a version, no measurement. With
    times or names as those below it is one of the table's, whose measurement is missing."""
    if any(_are_alike(*pair) for other in below for pair in zip(row, other, strict=False)):
        return False
    here = {place for place, cell in enumerate(row) if _VALUE.fullmatch(cell.strip())}
    there = [place for row in below for place, cell in enumerate(row) if _VALUE.fullmatch(cell.strip())]
    return (
        len(there) > len(here) and all(row[p] == below[0][p] for p in here & set(there)) and here <= {*there}
    )


def are_of_one_table(row: Sequence[str], other: Sequence[str]) -> bool:
    """Whether each cell of `row` is of the kind that the cell of `other` at its place is: a number, or times
    written alike; text without a digit, and nothing, are anywhere."""
    kinds = [(_kind(cell), _kind(there)) for cell, there in zip(row, other, strict=False)]
    return _width(row) > 0 and len(row) == len(other) and all(a == b for a, b in kinds if a and b)


def _kind(cell: str) -> str:
    text = cell.strip()
    if _NUMBER.fullmatch(text) and text.count(".") != 2:
        return "0"
    words = re.sub(r"[^\W\d]+", "a", text)  # such as months
    return re.sub(r"\d+", "0", words) if any(map(str.isdigit, text)) else ""


def _are_alike(cell: str, below: str) -> bool:
    """Whether both are text that differs by digits alone, such as 01-JAN-2022 and 02-JAN-2022."""
    here, there = cell.strip(), below.strip()
    return (
        here != there
        and not _VALUE.fullmatch(here)
        and re.sub(r"\d+", "0", here) == re.sub(r"\d+", "0", there)
    )


def _begins_below(rows: Sequence[Sequence[str]], usual: int) -> bool:
    """Whether a row of headers stands above the first row of values that is as wide as most."""
    for place, row in enumerate(rows):
        heads = not has_values(row) or _is_constant(row, rows[place + 1 : place + 2])
        if _width(row) >= usual and heads:
            return True
        if _width(row) == usual:
            return False
    return False


def _width(row: Sequence[str]) -> int:
    """Cells up to the last one that holds something."""
    return max((place for place, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _told(row: Sequence[str]) -> int:
    """Cells that say different things: a row of kinds (`string`, `number`) repeats itself, headers do not."""
    return len({cell.strip() for cell in row if cell.strip()})


def _are_units(row: Sequence[str]) -> bool:
    """Whether it stands below headers and names their units."""
    cells = [cell.strip().strip("[]()") for cell in row if cell.strip()]
    units = [cell for cell in cells if parse_unit(cell) or cell.upper() in _NO_UNITS]
    return any(map(parse_unit, units)) and len(units) > len(cells) / 2
