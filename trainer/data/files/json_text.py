"""Text of JSON, one value or one in each line, as the table in it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from trainer.contract import Region
from trainer.data.files.encoding import decoded
from trainer.data.files.json_tables import JsonTable, tables_in
from trainer.data.files.parts import TABLE, chosen_by_region
from trainer.data.files.table import Table
from trainer.data.report import Finding
from trainer.data.tables.columns import claimed
from trainer.data.tables.likely_columns import likely_demand, speaks_of_another, speaks_of_forecast
from trainer.errors import DataError

_BEGINS: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{\]])')
_SHOWN: Final = 60
_ABOUT_AS_LONG: Final = 0.2
"""Share of the rows of the longest table from which on another may be the one."""
_FEWEST: Final = 24
"""Rows of a series."""


def is_json(content: bytes) -> bool:
    """Whether it begins as an object or a list of JSON does."""
    return _BEGINS.match(content[:1000]) is not None


def read_json(content: bytes, region: Region, place: str) -> Table:
    """A table in it, see `tables_in` and `table_of_tables`; numbers as they are written, rows without line
    numbers.

    Raises DataError for damaged text, where nothing in it has a row for each of several times, and where
    several tables could be demand alike.
    """
    text = decoded(content, region, place)
    tables = tables_at(_parsed(text, place), place)
    if not tables:
        raise DataError(
            f"{place} is JSON without a table of hours, such as an error or a refusal: it begins with "
            f"{text.strip()[:_SHOWN]!r}; see what it says, and give the file itself"
        )
    return table_of_tables(tables, region, place)


def tables_at(value: Any, place: str) -> list[JsonTable]:
    """As `tables_in`, whose errors name the place."""
    try:
        return tables_in(value)
    except DataError as error:
        raise DataError(f"{place}: {error}") from error


def table_of_tables(tables: Sequence[JsonTable], region: Region, place: str) -> Table:
    """Of tables of one value the one that the region's `where` names, by `table` and its path; else the
    longest, of several about as long the one whose headers or path speak of demand. Others are told of.

    Raises DataError for a path that no table has, and where nothing tells which it is.
    """
    by_path = {table.path: table for table in tables}
    told = "; ".join(f"{path!r} ({len(table.rows):,} rows)" for path, table in by_path.items())
    chosen = chosen_by_region(region, TABLE, [*by_path], told, place)
    likely = [by_path[path] for path in chosen] or _likely(list(by_path.values()))
    if len(likely) > 1:
        raise DataError(
            f"{place} holds several tables, and more than one can be demand: {told}; say which in the "
            f"region: where = {{{TABLE} = {json.dumps(likely[0].path, ensure_ascii=False)}}}"
        )
    (table,) = likely
    frame = pd.DataFrame(table.rows, dtype=object)
    frame = frame.where(frame.notna() & (frame != ""), None).dropna(how="all").reset_index(drop=True)
    if chosen:
        frame = frame.assign(**{TABLE: table.path})
    others = "" if len(by_path) == 1 else f"; of {told} where = {{{TABLE} = ...}} chooses another"
    if not chosen and speaks_of_forecast(table.path.rpartition(".")[2]) and not _is_named(table):
        raise DataError(
            f"{place}: {table.path!r} speaks of a forecast, not of measured demand{others}; if it is demand "
            f"all the same, say so in the region: where = {{{TABLE} = {json.dumps(table.path)}}}"
        )
    finding = Finding("rows_of", len(frame), f"rows read from {table.path!r}{others}")
    return Table(frame, above=table.above, findings=(finding,) if table.path else ())


def _is_named(table: JsonTable) -> bool:
    return bool(claimed("demand", [*table.rows[0]]))


def _likely(tables: Sequence[JsonTable]) -> list[JsonTable]:
    """Those that can be demand."""
    most = max(len(table.rows) for table in tables)
    long = [table for table in tables if len(table.rows) >= _ABOUT_AS_LONG * most]
    alike = [table for table in long if _is_named(table)] or long
    if len(alike) == 1:
        series = [table for table in tables if len(table.rows) >= _FEWEST]
        others = [table for table in series if not speaks_of_another(table.path)]
        return others if others and speaks_of_another(alike[0].path) else alike
    paths = likely_demand([table.path for table in alike])
    return [table for table in alike if table.path in paths]


def _parsed(text: str, place: str) -> Any:
    """One value; those of the lines as a list where each line is one."""
    try:
        return _value(text)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise DataError(f"{place} is damaged JSON: {error}; fetch it again") from error
    try:
        return [_value(line) for line in lines]
    except json.JSONDecodeError as error:
        raise DataError(f"{place} is damaged JSON: {error}; fetch it again") from error


def _value(text: str) -> Any:
    """With numbers as text: what a file says is read as that of a file of text is."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda _: None)
