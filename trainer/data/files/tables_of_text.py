"""Several tables in one text, one below the other, parted by empty lines or by headers: which one is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.data.files.days_across import below_each_other
from trainer.data.files.header_row import are_hours_of_a_day, has_values
from trainer.data.files.headers_of_text import LinesOfText, are_of_one_time
from trainer.data.files.parts import SMALL, TABLE, chosen_by_region
from trainer.data.files.table import Table
from trainer.data.formats import FORMATS, recognised
from trainer.data.report import Finding
from trainer.data.tables.columns import claimed
from trainer.data.tables.hours_of_days import FEWEST_HOURS, are_days_across, day_in
from trainer.errors import DataError

_SHOWN: Final = 4
"""Headers by which a table is told."""


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
    others: tuple[tuple[str, Place], ...] = ()
    """Those that say demand as surely: perhaps of other hours, as where a file goes on under new headers."""
    question: str | None = None
    """What is to be asked if these are of the same hours."""


def tables_of(lines: Sequence[str], delimiter: str, first: int, begin: int) -> list[Place]:
    """The tables from line `begin` on, in their order. `first`: the line of headers that is one in any case.

    Another header stands below an empty line, titles between them or not, or begins as the first one does; it
    names at least about as many columns as the row below it has, and says other things than that of the table
    above. One that repeats it parts two tables only below an empty line, and where both begin with the same
    time. Text that names no time, between rows that go on as before, heads nothing.
    """
    text = LinesOfText(lines, delimiter, begin)
    heads = text.heads(first)
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


def _begin_alike(text: LinesOfText, before: Place, after: Place) -> bool:
    """Whether the first rows of two tables are of the same time."""
    one, other = (
        [row for row in text.below(place.header) if has_values(row)][:1] for place in (before, after)
    )
    if not one or not other or len(one[0]) < 2 or len(other[0]) < 2:
        return False
    begin, same = one[0][0].strip(), other[0][0].strip()
    is_same_day = begin == same and day_in(begin) is not None and are_hours_of_a_day(before.headers)
    return is_same_day or are_of_one_time(one[0], other[0])


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
    is_column = any(TABLE in each.headers for each in places)
    numbers = [number for number, _ in numbered]
    if not is_column and (wanted := chosen_by_region(region, TABLE, numbers, _told(numbered), place)):
        return Chosen(tuple((n, each) for n, each in numbered if n in wanted), True, ())
    if _are_parts_of_one(numbered):
        return Chosen(tuple(numbered), False, ())
    likely = [(n, each) for n, each in numbered if each.header == first]
    if region.files.skip_lines is None:
        best = max(_says_demand(each, region) for each in places)
        likely = [(n, each) for n, each in numbered if _says_demand(each, region) == best]
        if _are_parts_of_one(likely):
            return Chosen(tuple(likely), False, _left_out(likely, numbered))
        alike = likely
        most = max(_size(each) for _, each in likely)
        likely = [(n, each) for n, each in likely if _size(each) >= SMALL * most]
        if len(alike) > 1 and not any(map(_is_of_days, (each for _, each in alike))):
            return _of_one_and_others(likely, alike, numbered, place)
    if len(likely) > 1:
        raise DataError(_which(likely, place))
    ((_, chosen),) = likely
    if chosen.header == first and all(each.header <= first for each in places):
        return Chosen(tuple(likely), False, ())  # little ones above it are told as the lines that they are
    return Chosen(tuple(likely), False, _left_out(likely, numbered))


def _of_one_and_others(
    likely: Sequence[tuple[str, Place]],
    alike: Sequence[tuple[str, Place]],
    of: Sequence[tuple[str, Place]],
    place: str,
) -> Chosen:
    """The first of the `likely` tables, and beside it the others that say demand `alike`."""
    first, others = likely[0], tuple(each for each in alike if each != likely[0])
    left_out = _left_out([first, *others], of)
    question = _which(likely, place) if len(likely) > 1 else None
    return Chosen((first,), False, left_out, others, question)


def _which(likely: Sequence[tuple[str, Place]], place: str) -> str:
    return (
        f"{place} holds several tables, and more than one can be demand: {_told(likely)}; say which in "
        f"the region: where = {{{TABLE} = {likely[0][0]}}}, or name the column of demand in `columns`"
    )


def _is_of_days(place: Place) -> bool:
    return are_days_across(place.headers) or are_hours_of_a_day(place.headers)


def told_as(number: str, place: Place) -> str:
    """What people call a table."""
    return _told([(number, place)])


def _left_out(chosen: Sequence[tuple[str, Place]], of: Sequence[tuple[str, Place]]) -> tuple[Finding, ...]:
    """What is told of the tables `of` a text that were not `chosen`."""
    others = [each for each in of if each not in chosen]
    if not others:
        return ()
    text = (
        f"the file holds {len(of)} tables; {_told(chosen)} was read, left out: {_told(others)}; "
        f"where = {{{TABLE} = ...}}, or its column of demand named in `columns`, chooses another"
    )
    return (Finding("tables", len(of), text),)


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
