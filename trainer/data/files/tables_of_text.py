"""Several tables in one text, one below the other, parted by empty lines or by headers: which one is read."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.data.columns import claimed
from trainer.data.files.days_across import FEWEST_HOURS, below_each_other
from trainer.data.files.header_row import are_hours_of_a_day, can_head, has_values
from trainer.data.files.parts import SMALL, TABLE
from trainer.data.files.table import Table
from trainer.data.formats import FORMATS, recognised
from trainer.data.hours_of_days import are_days_across, day_in
from trainer.data.report import Finding
from trainer.errors import DataError

_SHOWN: Final = 4
"""Headers by which a table is told."""
_MOST_TITLES: Final = 5


@dataclass(frozen=True)
class Place:
    """Where a table lies among the lines of a text."""

    header: int
    """Index of the line with its headers."""
    end: int
    """Of the first line that is not its own."""
    headers: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Chosen:
    """The tables that are read, by their numbers in the text from 1 on."""

    places: tuple[tuple[str, Place], ...]
    by_region: bool
    """The region's `where` names them; else several are parts of one."""
    findings: tuple[Finding, ...]


def cells_of(line: str, delimiter: str) -> list[str]:
    """Of one line; the whole of it where it is longer than any row."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def tables_of(lines: Sequence[str], delimiter: str, first: int, begin: int) -> list[Place]:
    """The tables from line `begin` on, in their order. `first`: the line of headers that is one in any case.

    Another header stands below an empty line, titles between them or not, or begins as the first one does; it
    names at least about as many columns as the row below it has, and says other things than that of the table
    above. One that repeats it parts two tables only below an empty line, and where both begin with the same
    time.
    """
    text = _Text(lines, delimiter, begin)
    heads = sorted({first, *(index for index in range(begin, len(lines)) if _heads(text, index, first))})
    found: list[Place] = []
    for head, after in zip(heads, [*heads[1:], len(lines)], strict=True):
        headers = tuple(cell.strip() for cell in text.cells(head))
        end = text.top(after) if after < len(lines) else after
        rows = sum(not text.is_empty(index) for index in range(head + 1, end))
        place = Place(head, end, headers, rows)
        before = found[-1] if found else None
        if (
            before
            and before.headers == headers
            and not (text.stands_free(head) and _begin_alike(text, before, place))
        ):
            found[-1] = Place(before.header, end, headers, before.rows + rows)
        elif rows or head == first:
            found.append(place)
    return found


@dataclass(frozen=True)
class _Text:
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


def _heads(text: _Text, index: int, first: int) -> bool:
    """Whether line `index` is another header than `first`."""
    if index == first or text.is_empty(index):
        return False
    line, word = text.lines[index], text.lines[first].split(text.delimiter)[0]
    begins_alike = index > first and word != "" and line.startswith(word)
    below_empty = index == text.begin or text.is_empty(index - 1)
    if not below_empty and not begins_alike and has_values(line.split(text.delimiter)):
        return False  # most lines, and soon told
    if index > first >= text.top(index):
        return False  # a second row of the same headers
    if not text.stands_free(index) and not (begins_alike and has_values(text.cells(index - 1))):
        return False
    return can_head(text.cells(index), text.below(index))


def _begin_alike(text: _Text, before: Place, after: Place) -> bool:
    """Whether the first rows of two tables are of the same time."""
    one, other = (text.below(place.header)[:1] for place in (before, after))
    if not one or not other or len(one[0]) < 2 or len(other[0]) < 2:
        return False
    (date, hour), (same, again) = one[0][:2], other[0][:2]
    return date.strip() == same.strip() != "" and (hour.strip() == again.strip() or ":" not in again)


def joined(tables: Sequence[tuple[str, Table]], place: str, *, numbered: bool) -> Table:
    """Those of one text, one below the other; where a region's `where` names them `numbered`, with a column
    of their numbers."""
    frames = [table.frame.assign(**{TABLE: number} if numbered else {}) for number, table in tables]
    if len(tables) == 1:
        return replace(tables[0][1], frame=frames[0])
    findings = dict.fromkeys(finding for _, table in tables for finding in table.findings)
    above = dict.fromkeys(line for _, table in tables for line in table.above)
    is_across = all(table.is_across for _, table in tables) and not numbered
    frame = below_each_other(frames, place) if is_across else pd.concat(frames, ignore_index=True)
    return Table(frame, None, tuple(above), tuple(findings), is_across=tables[0][1].is_across)


def choose(places: Sequence[Place], first: int, region: Region, place: str) -> Chosen:
    """Which of the tables is read: those that the region's `where` names by number; else the one whose
    headers say best that they hold demand, because the region names that column, a known format has it or
    its name is usual; of alike ones the one beside which the others are summaries.

    `first`: the line of the headers that stand for the file, which `skip_lines` may have named.
    Raises DataError for a number that no table has, and where several say so alike, with the setting that
    chooses.
    """
    numbered = [(str(number), each) for number, each in enumerate(places, start=1)]
    said = region.files.where.get(TABLE) if not any(TABLE in each.headers for each in places) else None
    if said is not None:
        wanted = [number.strip() for number in ([said] if isinstance(said, str) else said)]
        if lacking := [number for number in wanted if number not in dict(numbered)]:
            raise DataError(
                f"{place} has no {TABLE} {lacking[0]!r}, as `where` says; there are {_told(numbered)}"
            )
        return Chosen(tuple((n, each) for n, each in numbered if n in wanted), True, ())
    if _are_parts_of_one(numbered):
        return Chosen(tuple(numbered), False, ())
    likely = [(n, each) for n, each in numbered if each.header == first]
    if region.files.skip_lines is None:
        best = max(_says_demand(each, region) for each in places)
        likely = [(n, each) for n, each in numbered if _says_demand(each, region) == best]
        if _are_parts_of_one(likely):
            return Chosen(tuple(likely), False, ())
        most = max(_size(each) for _, each in likely)
        likely = [(n, each) for n, each in likely if _size(each) >= SMALL * most]
    if len(likely) > 1:
        raise DataError(
            f"{place} holds several tables, and more than one can be demand: {_told(likely)}; say which in "
            f"the region: where = {{{TABLE} = {likely[0][0]}}}, or name the column of demand in `columns`"
        )
    ((number, chosen),) = likely
    others = [(n, each) for n, each in numbered if n != number]
    if chosen.header == first and all(each.header < first for _, each in others):
        return Chosen(tuple(likely), False, ())  # little ones above it are told as the lines that they are
    text = (
        f"the file holds {len(places)} tables; {_told(likely)} was read, left out: {_told(others)}; "
        f"where = {{{TABLE} = ...}}, or its column of demand named in `columns`, chooses another"
    )
    return Chosen(tuple(likely), False, (Finding("tables", len(places), text),))


def _says_demand(place: Place, region: Region) -> int:
    """0 where nothing does, more the surer it is."""
    headers = place.headers
    given = [theirs for theirs, ours in region.columns.items() if ours == "demand"]
    if any(theirs in headers for theirs in given) or (
        region.files.demand and all(theirs in headers for theirs in region.files.demand)
    ):
        return 3
    if recognised(headers, FORMATS) is not None:
        return 2
    across = are_days_across(headers) and place.rows >= FEWEST_HOURS
    return int(across or are_hours_of_a_day(headers) or bool(claimed("demand", headers)))


def _size(place: Place) -> int:
    if are_days_across(place.headers):
        return place.rows * sum(day_in(header) is not None for header in place.headers)
    return place.rows * (24 if are_hours_of_a_day(place.headers) else 1)


def _are_parts_of_one(tables: Sequence[tuple[str, Place]]) -> bool:
    """Whether their columns are days, and none of them is in two."""
    days = [header for _, each in tables for header in each.headers if day_in(header)]
    return all(are_days_across(each.headers) for _, each in tables) and len(set(days)) == len(days)


def _told(tables: Sequence[tuple[str, Place]]) -> str:
    return "; ".join(
        f"{TABLE} {number} (line {each.header + 1}, rows: {each.rows:,}, "
        f"{', '.join(filter(None, each.headers[:_SHOWN]))}{', ...' * (len(each.headers) > _SHOWN)})"
        for number, each in tables
    )
