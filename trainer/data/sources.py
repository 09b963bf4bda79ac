"""Reading what a region's source holds: a file or URL, the sample series, or the table raw_demand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import pandas as pd

from trainer.contract import NOTHING_SAID, RAW_DEMAND_SOURCE, SAMPLE_SOURCE, FileSettings, Region
from trainer.data.files.content import contents_of
from trainer.data.files.days_across import with_days_in_rows
from trainer.data.files.days_of_titles import with_days_of_titles
from trainer.data.files.declared import is_declared, read_declared
from trainer.data.files.delimited import read_delimited
from trainer.data.files.json_text import is_json, read_json
from trainer.data.files.nem12 import is_nem12, read_nem12
from trainer.data.files.other_kinds import refuse_other_kinds
from trainer.data.files.parquet import ARROW, read_parquet
from trainer.data.files.parts import PARTS, one_table
from trainer.data.files.spreadsheet import read_spreadsheet
from trainer.data.files.table import Table
from trainer.data.files.web_page import is_web_page, read_web_page
from trainer.data.files.xml_text import is_xml, read_xml
from trainer.data.raw_demand import read_raw_demand
from trainer.data.report import Finding
from trainer.data.sample import read_sample
from trainer.errors import DataError, UsageError
from trainer.redaction import redacted

_WORD: Final = re.compile(r"[\w:-]*")
"""What names no file, where none is there: it has neither an ending nor a folder."""
_PARQUET: Final = b"PAR1"
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How xlsx and ods begin, and xls; grids also publish text and web pages under the name .xls."""
_BY_WHAT_THEY_HOLD: Final = (
    (is_nem12, read_nem12),
    (is_declared, read_declared),
    (is_json, read_json),
    (is_xml, read_xml),
    (is_web_page, read_web_page),
)
"""Text that is more than a table; all other is."""


@dataclass(frozen=True)
class SourceFrame:
    """What a source holds, with its own headers, before any judgement."""

    frame: pd.DataFrame
    """Rows labelled by numbers from 0, unique."""
    place: str
    """Where it was read, for messages: as `redacted` gives it."""
    first_line: int | None = None
    """Line in the file of the row with index label 0; None where rows have no line numbers."""
    cells: int = 1
    """Rows that one line of the file gives: more than one where a line is a day."""
    lines_of_hours: tuple[int, ...] = ()
    """Where a column of the file is a day: the lines of its hours; of the row with index label n that at n
    modulo their count."""
    is_file: bool = False
    files: FileSettings = NOTHING_SAID
    """What the region says of its files; nothing for what is no file."""
    above: tuple[str, ...] = ()
    """The lines above the header."""
    findings: tuple[Finding, ...] = ()
    """What reading it left out."""
    others: tuple[tuple[str, SourceFrame], ...] = ()
    """What it holds under other headers and perhaps of other hours, as where a publisher changed his columns,
    and what each is called for people."""
    question: str | None = None
    """What is to be asked if these are of the same hours."""
    has_means_of_places: bool = False
    """Its weather of several places stands beside their mean already, under our names."""

    def row_name(self, label: int) -> str:
        """How a person finds the row: its line in the file, or its number from 1, that of its sheet or file
        where several were joined."""
        if self.lines_of_hours:
            return f"line {self.lines_of_hours[label % len(self.lines_of_hours)]}"
        line = label // self.cells
        if self.first_line is None and (part := next((name for name in PARTS if name in self.frame), None)):
            name = str(self.frame[part].loc[label])
            return f"row {label - self._first_of_part[name] + 1} of {name!r}"
        return f"row {line + 1}" if self.first_line is None else f"line {line + self.first_line}"

    @cached_property
    def _first_of_part(self) -> dict[str, int]:
        """Of each sheet or file the label of its first row."""
        names = self.frame[next(name for name in PARTS if name in self.frame)].astype("str")
        first = names[~names.duplicated()]
        return {name: int(str(label)) for label, name in first.items()}


def first_label(rows: pd.Series[bool]) -> int:
    """Label of the first row that is True."""
    return int(rows.index[int(rows.to_numpy().argmax())])


def read_source(
    region: Region, *, source: str | None = None, environ: Mapping[str, str] | None = None
) -> SourceFrame:
    """Read `source`, or the region's own: `sample:greece`, `raw_demand`, or a file (text with delimiters or
    blanks, a workbook, JSON, XML, NEM12, ARFF, TSF, Parquet, Arrow; packed or not, whatever its name) by path
    or any fsspec URL (s3://, https://), or a folder of such files, which is read as a zip file of them is.

    Raises UsageError for a source that does not exist, DataError for an empty, damaged or undecodable file,
    InfrastructureError when a server or the disk refuses.
    """
    source = region.source if source is None else source
    if source == RAW_DEMAND_SOURCE:
        stored, place = read_raw_demand(region, environ=environ), f"table raw_demand, region {region.name}"
        return SourceFrame(stored, place, has_means_of_places=True)
    if source == SAMPLE_SOURCE:
        return SourceFrame(read_sample(), "sample:greece (package power-markets)")
    suffixes, place = Path(source.split("?")[0].lower().removesuffix(".gz")).suffixes, redacted(source)
    if _WORD.fullmatch(source) and not (source and Path(source).exists()):
        raise UsageError(
            f"source {place!r} is not understood; use a .csv, .xlsx, .json or .parquet file (packed as .gz "
            f"or .zip, or not) by path or URL, {RAW_DEMAND_SOURCE!r} or {SAMPLE_SOURCE!r}"
        )
    contents = contents_of(source)
    if len(contents) == 1 and isinstance(content := next(iter(contents.values())), bytes):
        table = _table(content, region, place, suffixes)
    else:
        table = _table_of_several(contents, region, place)
    return _source_of(table, region, place)


def _source_of(table: Table, region: Region, place: str) -> SourceFrame:
    findings = table.findings
    if table.is_across:
        text = f"hours stand in rows and days in columns: {len(table.frame)} days"
        findings = (*findings, Finding("days_across", len(table.frame), text))
    return SourceFrame(
        table.frame,
        place,
        table.first_line,
        is_file=True,
        files=region.files,
        above=table.above,
        lines_of_hours=table.lines_of_hours,
        findings=findings,
        others=tuple((name, _source_of(other, region, f"{place}: {name}")) for name, other in table.others),
        question=table.question,
    )


def _table(content: bytes, region: Region, place: str, suffixes: Sequence[str]) -> Table:
    if content.startswith((_PARQUET, *ARROW)) or {".parquet", ".pq"} & set(suffixes):
        return with_days_in_rows(with_days_of_titles(read_parquet(content, place), place), region, place)
    if content.startswith(_WORKBOOKS):
        return read_spreadsheet(content, region, place)
    refuse_other_kinds(content, region, place)
    try:
        for holds, reader in _BY_WHAT_THEY_HOLD:
            if holds(content):
                return reader(content, region, place)
    except RecursionError as error:
        raise DataError(f"{place} has values nested too deeply; give a file of rows") from error
    return read_delimited(content, region, place)


def _table_of_several(contents: Mapping[str, bytes | DataError], region: Region, place: str) -> Table:
    """Of the files of a zip file or a folder; those that hold no table, such as a licence, are told of."""
    tables, errors = [], []
    for name, content in sorted(contents.items()):
        if isinstance(content, DataError):
            errors.append((name, content))
            continue
        try:
            table = _table(content, region, f"{place}: {name}", Path(name.lower()).suffixes)
        except DataError as error:
            errors.append((name, error))
        else:
            tables.append((name, replace(table, others=(), question=None)))
            tables += [(f"{name}, {told}", other) for told, other in table.others]
    if not tables:
        raise errors[0][1]
    table = one_table(tables, "file", region, place)
    if not errors:
        return table
    text = f"files that hold no table that can be read, left out: {len(errors)}, the first: {errors[0][1]}"
    return replace(table, findings=(*table.findings, Finding("files_left_out", len(errors), text)))
