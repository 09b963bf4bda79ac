"""Tables of one file, the sheets of a workbook or what a zip file packs, joined where they are alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Final, NamedTuple

import pandas as pd

from trainer.contract import Region
from trainer.contract.units import MEGAWATT, Unit, parse_unit
from trainer.data.files.days_across import below_each_other
from trainer.data.files.header_row import are_hours_of_a_day
from trainer.data.files.table import Table
from trainer.data.formats import FORMATS, recognised
from trainer.data.report import Finding
from trainer.data.stamps.clocks import zone_in_lines
from trainer.data.tables.columns import claimed, unit_in_lines
from trainer.data.tables.hours_of_days import hour_in
from trainer.data.tables.likely_columns import speaks_of_forecast
from trainer.errors import DataError

PARTS: Final = ("sheet", "file")
"""Headers of the column that names the part that a row is of."""
TABLE: Final = "table"
"""That of the column that numbers the table of a text, where the region chooses one."""
SMALL: Final = 0.05
"""Share of the rows of the largest kind of table up to which another is a summary or a note."""
_HOURS_OF_A_DAY: Final = 24
_TOLD_EACH: Final = 2
_SHOWN: Final = 6
_Said = tuple[Unit | None, tzinfo | None]
"""A unit, and a clock."""


class _Kind(NamedTuple):
    """What tables that are parts of one have in common."""

    headers: frozenset[str]
    above: _Said


def one_table(parts: Sequence[tuple[str, Table]], what: str, region: Region, place: str) -> Table:
    """Of `parts` (name and table, in order) those of one kind, which have the same headers, one after the
    other, with a column `what` (of PARTS) that names each row's part. Of several kinds it is the first that
    is no summary, or a small one that alone says which of its columns is demand; those of others that say so
    too stand beside it (`Table.others`). Copies of a part are left out. The region's `where` chooses parts by
    their names in that column; then, and where several are joined, the column is there.

    Raises DataError for a `where` that names no part.
    """
    is_column = any(what in table.frame for _, table in parts)
    names = [name for name, _ in parts]
    chosen = [] if is_column else chosen_by_region(region, what, names, _some(names), place)
    if chosen:
        kind, others = [(name, table) for name, table in parts if name.strip() in chosen], []
    else:
        kind, *others = _by_kind(parts, region)
    joined = _joined(kind, what, place, chosen=bool(chosen))
    beside = [
        (f"{what} {_some([name for name, _ in other])}", _joined(other, what, place, chosen=False))
        for other in others
    ]
    found = list(joined.findings)
    if len(parts) > 1:
        read, apart = [name for name, _ in kind], [name for other in others for name, _ in other]
        were = f"{what} {read[0]!r} was" if len(read) == 1 else f"{len(read)} {what}s ({_some(read)}) were"
        rest = [name for name in names if name not in {*read, *apart}]
        left = f"; {_some(rest)} left out: where = {{{what} = ...}} chooses one" if rest else ""
        found.append(Finding(f"{what}s", len(parts), f"{were} read{left}"))
    return replace(joined, findings=tuple(found), others=tuple(beside))


def _joined(parts: Sequence[tuple[str, Table]], what: str, place: str, *, chosen: bool) -> Table:
    """Those of one kind, one after the other; `chosen`: by the region, so that the column `what` is there."""
    findings = tuple(_told_of([finding for _, table in parts for finding in table.findings], what))
    if len(parts) == 1:
        name, table = parts[0]
        frame = table.frame if not chosen else table.frame.assign(**{what: name})
        return replace(table, frame=frame, findings=findings)
    frames = [table.frame.assign(**{what: name}) for name, table in parts]
    first = parts[0][1]
    is_one = first.is_across and not chosen
    frame = below_each_other(frames, place) if is_one else pd.concat(frames, ignore_index=True)
    return Table(frame, None, first.above, findings, is_across=first.is_across)


def _by_kind(parts: Sequence[tuple[str, Table]], region: Region) -> list[list[tuple[str, Table]]]:
    """Those of the kind that is read, then those of each other kind that says which of its columns is demand;
    without copies, and without forecasts beside what was measured."""
    if len(parts) == 1:
        return [list(parts)]
    kinds = _kinds([table for _, table in parts], region)
    measured = [place for place, (name, _) in enumerate(parts) if not speaks_of_forecast(name)]
    if any(_says_demand(kinds[place], region) for place in measured):
        parts, kinds = [parts[place] for place in measured], [kinds[place] for place in measured]
    first = _first_kind([table for _, table in parts], kinds, region)
    others = [kind for kind in dict.fromkeys(kinds) if kind != first and _says_demand(kind, region)]
    found = []
    for kind in [first, *others]:
        alike = [part for part, one in zip(parts, kinds, strict=True) if one == kind]
        alike = [
            (name, table)
            for number, (name, table) in enumerate(alike)
            if not any(table.frame.equals(before.frame) for _, before in alike[:number])
        ]
        found.append(alike)
    return found


def chosen_by_region(region: Region, what: str, names: Sequence[str], told: str, place: str) -> list[str]:
    """Which of `names`, of parts of the kind `what`, the region's `where` chooses, without blanks about them;
    none where it says nothing. Raises DataError for one that is not among them, with what there is as
    `told`."""
    said = region.files.where.get(what, ())
    chosen = [name.strip() for name in ([said] if isinstance(said, str) else said)]
    there = {name.strip() for name in names}
    if lacking := [name for name in chosen if name not in there]:
        raise DataError(f"{place} has no {what} {lacking[0]!r}, as `where` says; there are {told}")
    return chosen


def _told_of(findings: Sequence[Finding], what: str) -> list[Finding]:
    """Of more than a few parts that say the same the first one, and how many do."""
    by_kind: dict[str, list[Finding]] = {}
    for finding in findings:
        by_kind.setdefault(finding.kind, []).append(finding)
    found: list[Finding] = []
    for alike in by_kind.values():
        if len(alike) <= _TOLD_EACH:
            found += alike
            continue
        count = sum(finding.count for finding in alike)
        text = f"{alike[0].text}; likewise in {len(alike) - 1} more {what}s"
        found.append(Finding(alike[0].kind, count, text))
    return found


def _first_kind(tables: Sequence[Table], of: Sequence[_Kind], region: Region) -> _Kind:
    """Of the kinds `of` the tables the one that is read."""
    rows: dict[_Kind, int] = {}
    for table, kind in zip(tables, of, strict=True):
        per_row = _HOURS_OF_A_DAY if are_hours_of_a_day([str(header) for header in table.frame]) else 1
        rows[kind] = rows.get(kind, 0) + per_row * len(table.frame)
    kinds = list(rows)
    if not _says_demand(kinds[0], region) or any(_says_demand(kind, region) for kind in kinds[1:]):
        kinds = [kind for kind in kinds if rows[kind] > SMALL * max(rows.values())]
    return kinds[0]


def _says_demand(kind: _Kind, region: Region) -> bool:
    """Whether the region, a known format, a usual name or columns of hours say which of its columns hold
    demand."""
    headers = sorted(kind.headers)
    mapped = any(region.columns.get(header) == "demand" for header in headers)
    known = recognised(headers, FORMATS) is not None or bool(claimed("demand", headers))
    return mapped or known or are_hours_of_a_day(headers)


def _kinds(tables: Sequence[Table], region: Region) -> list[_Kind]:
    """Of each; of one table of days whose day has an hour less that of the longest day. Lines above a header
    that say nothing of unit and clock leave what those of the first table with these headers say."""
    own = [_headers(table) for table in tables]
    said: dict[frozenset[str], _Said] = {}
    found = []
    for headers, table in zip(own, tables, strict=True):
        alike = max((other for other in own if _has_more_hours(other, headers)), key=len, default=headers)
        above = _said_above(table, region)
        first = said.setdefault(alike, above)
        found.append(_Kind(alike, above if any(above) else first))
    return found


def _has_more_hours(other: frozenset[str], headers: frozenset[str]) -> bool:
    """Whether they differ as tables of days do when clocks change: by a column or two of 24."""
    more = other - headers
    return (
        headers < other
        and len(more) <= len(other) / 12
        and are_hours_of_a_day(sorted(headers))
        and all(map(hour_in, more))
    )


def _headers(table: Table) -> frozenset[str]:
    """Of days across, which differ by month, what they are turned to."""
    if table.is_across:
        return frozenset(("days across", *map(str, range(1, _HOURS_OF_A_DAY + 1))))
    return frozenset(str(header) for header in table.frame)


def _said_above(table: Table, region: Region) -> _Said:
    """What the lines above its header say of its numbers and its times, where it is not what is usual."""
    unit, zone = parse_unit(unit_in_lines(table.above) or ""), zone_in_lines(table.above)
    return None if unit == MEGAWATT else unit, None if zone == region.zone else zone


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more
