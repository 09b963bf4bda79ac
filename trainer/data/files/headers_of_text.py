"""Which lines of a text head a table, where there may be several."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trainer.data.files.header_row import are_hours_of_a_day, are_of_one_table, can_head, has_values
from trainer.data.formats import FORMATS, recognised
from trainer.data.tables.columns import claimed
from trainer.data.tables.hours_of_days import day_in, heads_days, hour_in
from trainer.data.tables.hours_of_years import heads_years

_MOST_TITLES: Final = 5


def cells_of(line: str, delimiter: str) -> list[str]:
    """Of one line; the whole of it where it is longer than any row."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def is_row(lines: Sequence[str], index: int, delimiter: str) -> bool:
    """Whether line `index`, taken for headers for want of others, is a row of values as those below are."""
    rows = [cells_of(line, delimiter) for line in lines[index : index + 3]]
    if len(rows) < 3 or len(rows[0]) < 2 or not all(map(str.strip, rows[0])) or rows[0] == rows[1]:
        return False
    if are_hours_of_a_day(rows[0]) or heads_years(rows[0]) or heads_days(rows[0], rows[1:]):
        return False
    values = [[any(map(str.isdigit, cell)) for cell in row] for row in rows]
    return any(values[0]) and all(
        are_of_one_table(rows[0], row) and where == values[0]
        for row, where in zip(rows[1:], values[1:], strict=True)
    )


@dataclass(frozen=True)
class LinesOfText:
    """The lines of a text from `begin` on, and which of them head a table."""

    lines: Sequence[str]
    delimiter: str
    begin: int

    def cells(self, index: int) -> list[str]:
        return cells_of(self.lines[index], self.delimiter)

    def is_empty(self, index: int) -> bool:
        return not self.lines[index].strip(self.delimiter + "\"' \t")

    def top(self, index: int) -> int:
        """Of the few titles right above line `index`, which have no values."""
        top, least = index, max(self.begin, index - _MOST_TITLES)
        while top > least and not self.is_empty(top - 1) and not has_values(self.cells(top - 1)):
            top -= 1
        return top

    def stands_free(self, index: int) -> bool:
        """Whether nothing, or an empty line, is above line `index` and its titles."""
        top = self.top(index)
        return top == self.begin or self.is_empty(top - 1)

    def below(self, index: int) -> list[list[str]]:
        """The first rows below line `index`."""
        there = range(index + 1, min(index + 4, len(self.lines)))
        return [self.cells(each) for each in there if not self.is_empty(each)][:2]

    def heads(self, first: int) -> list[int]:
        """All that head a table, `first` in any case; no second row of the same headers."""
        found: list[int] = []
        for index in self._unlike_rows(first):
            is_head = index == first or _heads(self, index, first)
            if is_head and (index == first or not found or self.top(index) > found[-1]):
                found.append(index)
        return found

    def _unlike_rows(self, first: int) -> Sequence[int]:
        """The lines from `begin` on, but those that are soon told to be rows, as most are: they begin with a
        number or a time, as line `first` does not, and stand below another line."""
        every = range(self.begin, len(self.lines))
        if self.lines[first][:1].isdecimal():
            return every
        begins_row = re.compile(r"[0-9][0-9.:/+\- TZ]*" + re.escape(self.delimiter)).match
        unlike = [index for index in every if not begins_row(self.lines[index])]
        below_empty = [index + 1 for index in unlike if index + 1 < every.stop and self.is_empty(index)]
        return sorted({*unlike, *below_empty, first, *every[:1]})


def _heads(text: LinesOfText, index: int, first: int) -> bool:
    """Whether line `index` is another header than `first`."""
    if index == first or text.is_empty(index):
        return False
    line, word = text.lines[index], text.lines[first].split(text.delimiter)[0]
    begins_alike = index > first and word != "" and line.startswith(word)
    repeats = index > first and line == text.lines[first]
    below_empty = index == text.begin or text.is_empty(index - 1)
    if not below_empty and not begins_alike and has_values(line.split(text.delimiter)):
        return False  # most lines, and soon told
    if index > first >= text.top(index):
        return False  # a second row of the same headers
    if not text.stands_free(index) and not (begins_alike and has_values(text.cells(index - 1))):
        return False
    return repeats or (
        can_head(text.cells(index), text.below(index))
        and (begins_alike or not _is_among_rows(text, index, first))
    )


def _is_among_rows(text: LinesOfText, index: int, first: int) -> bool:
    """Whether line `index` is text above or between the rows of line `first`, such as `outage,no data`."""
    names = [cell.strip() for cell in text.cells(index) if cell.strip()]
    if index < first or claimed("time", names) or recognised(names, FORMATS) is not None:
        return False
    above = (cells for at in range(first + 1, index) if has_values(cells := text.cells(at)))
    rows, below = list(itertools.islice(above, 2)), [row for row in text.below(index) if has_values(row)][:1]
    if not rows or not below:
        return not rows
    go_on = len(rows) == 2 and all(are_of_one_table(below[0], row) for row in rows)
    return go_on and not are_of_one_time(below[0], rows[0])


def are_of_one_time(row: Sequence[str], other: Sequence[str]) -> bool:
    """By their first cells: a time, a date and perhaps an hour, or the name of an area and a time."""
    (begin, more), (same, again) = ([cell.strip() for cell in cells[:2]] for cells in (row, other))
    if begin != same or not begin:
        return False
    is_time = (
        ":" in again or day_in(again) is not None or (day_in(begin) is not None and bool(hour_in(again)))
    )
    return more == again or (any(map(str.isdigit, begin)) and not is_time)
