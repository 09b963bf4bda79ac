"""Text with delimiters: its encoding, what stands above its header, its delimiter, its cells as text."""

from __future__ import annotations

import io
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.data.files.blanks import with_blanks_as_tabs
from trainer.data.files.days_across import with_days_in_rows
from trainer.data.files.days_of_titles import with_days_of_titles
from trainer.data.files.encoding import decoded
from trainer.data.files.framed import without_frame
from trainer.data.files.header_row import header_row
from trainer.data.files.headers_of_text import cells_of, is_row
from trainer.data.files.side_by_side import one_below_the_other, without_marks_of_records
from trainer.data.files.table import Table, headers_of
from trainer.data.files.tables_of_text import Place, choose, joined, tables_of, told_as
from trainer.data.report import Finding
from trainer.errors import DataError

_DELIMITERS: Final = ",;\t|"
_UNNAMED: Final = re.compile(r"Unnamed: \d+")
"""What pandas calls a column without a header."""
_FORMULA: Final = re.compile(r'(?m)(?:^|(?<=[,;\t|]))="')
"""How a cell begins that a spreadsheet shall make no number or time of."""
_DELIMITING_COMMA: Final = re.compile(r"(?<!\d),|,(?!\d)")
"""One that is no decimal sign."""
_SAMPLE: Final = 200
"""Lines that tell the delimiter and the header."""
_FEWEST_FROM_A_ROW_ON: Final = 4
"""Rows at the end of a file that have a column more: fewer are slips."""
_SURPLUS: Final = 0.01
"""Largest share of the lines that may hold more fields than the others: more say that it is another table."""


def read_delimited(content: bytes, region: Region, place: str) -> Table:
    """Cells as text under their headers, NaN where empty.

    Raises DataError for text in no known encoding, for an empty file and for one that is no table.
    """
    text = decoded(content, region, place)
    if '="' in text:
        text = _FORMULA.sub('"', text)
    lines, framed = text.splitlines(), list[Finding]()
    if region.files.skip_lines is None:
        lines, framed = without_frame(lines, region.columns)
    if region.files.delimiter is None:
        lines = with_blanks_as_tabs(lines, _DELIMITERS)
    delimiter, header = _layout(lines, region, place)
    has_header = region.files.skip_lines is not None or not is_row(lines, header, delimiter)
    if not has_header:
        width = len(cells_of(lines[header], delimiter))
        lines.insert(header, delimiter.join(f"column {number}" for number in range(1, width + 1)))
    tables = tables_of(lines, delimiter, header, region.files.skip_lines or 0)
    chosen = choose(tables, header, region, place)
    above = _above(lines, tables, header)
    read = [(number, _read(lines, each, above, delimiter, region, place)) for number, each in chosen.places]
    table = joined(read, place, numbered=chosen.by_region)
    others = tuple(
        (told_as(number, each), _read(lines, each, above, delimiter, region, place))
        for number, each in chosen.others
    )
    table = replace(table, others=others, question=chosen.question)
    if not has_header:
        told = Finding("no_header", len(table.frame), "the file has no headers: its columns are numbered")
        line = None if table.first_line is None else table.first_line - 1
        table = replace(table, first_line=line, findings=(told, *table.findings))
    return replace(table, findings=(*framed, *table.findings, *chosen.findings))


def _above(lines: Sequence[str], tables: Sequence[Place], first: int) -> list[int]:
    """The lines that stand above a table: all above that of line `first`, and those below it that are no
    row."""
    rows = {index for table in tables if table.header >= first for index in range(table.header, table.end)}
    return [index for index, line in enumerate(lines) if index not in rows and line.strip()]


def _read(
    lines: list[str], table: Place, above_it: Sequence[int], delimiter: str, region: Region, place: str
) -> Table:
    """`table`, perhaps one of several. `above_it`: those of `lines` that are no row."""
    header = table.header
    body = "\n".join(lines[header : table.end])
    frame, findings = _table(body, delimiter, place, header + 1)
    if not isinstance(frame.index, pd.RangeIndex):  # pandas took the surplus field for an index
        if isinstance(frame.index, pd.MultiIndex) or not frame.iloc[:, -1].isna().all():
            raise DataError(
                f"{place}: rows have more fields than the header; take out the surplus {delimiter!r}"
            )
        # Every row ends with a delimiter, and the header does not.
        frame = frame.reset_index().iloc[:, :-1].set_axis(frame.columns, axis=1)
    frame = frame.dropna(how="all")
    headers = [str(header) for header in frame]
    if not frame.empty and any(map(_UNNAMED.fullmatch, headers)):
        written = ["" if _UNNAMED.fullmatch(header) else header for header in headers]
        frame = frame.set_axis(headers_of(written, frame.iloc[0].tolist()), axis=1)
    if frame.empty:
        raise DataError(f"{place} is empty: it has a header and no rows")
    above = tuple(lines[index] for index in above_it if index < header)
    titles = cells_of(lines[header - 1], delimiter) if header else []
    whole = one_below_the_other(without_marks_of_records(frame), titles, region.columns)
    line = header + 2 if len(whole) == len(frame) else None
    read = Table(whole, line, above, (*_told_above(above), *findings))
    return with_days_in_rows(with_days_of_titles(read, place), region, place)


def _table(body: str, delimiter: str, place: str, line: int) -> tuple[pd.DataFrame, list[Finding]]:
    """`body` from its header on, which is on `line` of the file, without a few lines that are too long."""
    try:
        try:
            return _parsed(body, delimiter), []
        except pd.errors.ParserError:
            body, findings = _without_surplus(body, delimiter, line)
            return _parsed(body, delimiter), findings
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{place} is not a well-formed CSV file: {error}") from error


def _parsed(body: str, delimiter: str) -> pd.DataFrame:
    # Blank lines are kept for now so that a row's label still tells its line.
    return pd.read_csv(
        io.StringIO(body), sep=delimiter, skip_blank_lines=False, dtype=str, skipinitialspace=True
    )


def _without_surplus(body: str, delimiter: str, line: int) -> tuple[str, list[Finding]]:
    """`body` with blank lines in place of those that hold more fields than most, where these are few, or all
    from one of them on, as where a column was added and its header was not."""
    lines = body.splitlines()
    widths = [len(cells_of(each, delimiter)) for each in lines]
    usual = Counter(widths).most_common(1)[0][0]
    surplus = [number for number, width in enumerate(widths) if width > usual]
    if not surplus:
        return body, []
    from_there_on = len(surplus) >= _FEWEST_FROM_A_ROW_ON and surplus == [*range(surplus[0], len(lines))]
    if len(surplus) > _SURPLUS * len(lines) and not from_there_on:
        return body, []
    text = (
        f"rows with more fields than the others, left out: {len(surplus)}, the first in line "
        f"{line + surplus[0]}: {lines[surplus[0]][:60]!r}"
    )
    if from_there_on:
        text += "; where a column is added, its header has to stand above these rows"
    for number in surplus:
        lines[number] = ""
    return "\n".join(lines), [Finding("surplus_fields", len(surplus), text)]


def _layout(lines: list[str], region: Region, place: str) -> tuple[str, int]:
    """The delimiter, and the index of the line with the headers."""
    if not any(line.strip() for line in lines):
        raise DataError(f"{place} is empty; it needs a header and one row per hour")
    skipped = region.files.skip_lines
    if skipped is not None:
        if not any(line.strip() for line in lines[skipped:]):
            raise DataError(f"{place} has {len(lines)} lines; skip_lines = {skipped} leaves no table")
        begin = skipped + next(n for n, line in enumerate(lines[skipped:]) if line.strip())
        return region.files.delimiter or max(_DELIMITERS, key=lines[begin].count), begin
    found = []
    for delimiter in region.files.delimiter or _DELIMITERS:
        rows = [cells_of(line, delimiter) for line in itertools.islice(lines, _SAMPLE)]
        index = header_row(rows)
        if index is not None:
            found.append((-index, len(rows[index]), delimiter))
    if not found:
        begin = next(n for n, line in enumerate(lines) if line.strip())
        likely = _DELIMITERS.replace(",", "") if _decimal_alone(lines[:_SAMPLE]) else _DELIMITERS
        if not any(map(lines[begin].count, likely)):
            likely = _DELIMITERS
        return region.files.delimiter or max(likely, key=lines[begin].count), begin
    if len(found) > 1 and _decimal_alone(lines[:_SAMPLE]):
        found = [each for each in found if each[2] != ","]
    index, _, delimiter = max(found, key=lambda each: each[:2])
    return delimiter, -index


def _decimal_alone(lines: list[str]) -> bool:
    """Whether the commas of rows (the later ones of `lines`, below titles) stand between digits only."""
    return not any(_DELIMITING_COMMA.search(line) for line in lines[len(lines) // 2 :])


def _told_above(lines: tuple[str, ...]) -> tuple[Finding, ...]:
    if not lines:
        return ()
    text = f"lines above the header, left out: {len(lines)}, the first {lines[0][:60]!r}"
    return (Finding("lines_above", len(lines), text),)
