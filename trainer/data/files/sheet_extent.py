"""How far the cells of a workbook's sheets reach: whoever reads one makes room for all between them."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from contextlib import suppress
from typing import Final

from trainer.errors import DataError

_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
_MOST_CELLS: Final = 30_000_000
"""A gigabyte of them: all rows that a sheet may have, of 28 columns."""
_FAR_DOWN: Final = re.compile(rb' r="[A-Z]{1,3}\d{5,}"')
_FAR_OUT: Final = re.compile(rb' r="[A-Z]{2,3}\d')
_VERY_FAR_OUT: Final = re.compile(rb' r="[A-Z]{3}\d')
_CELL: Final = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d+)"(?:[^>]*[^>/])?>')
"""Of a cell with a value: one that has a format alone ends at once, and takes no room."""


def refuse_boundless(content: bytes, place: str) -> None:
    """Raises DataError for a workbook (xlsx) in which a sheet's outermost values span more than 30 million
    cells: a file of a kilobyte can, and the process that made room for them would be ended, not refused.
    """
    # Of a damaged workbook, or one of another kind, the reader tells.
    damaged = suppress(zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError)
    with damaged, zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in filter(_SHEET.fullmatch, packed.namelist()):
            rows, columns = _extent(packed.read(name))
            if rows * columns > _MOST_CELLS:
                raise DataError(
                    f"{place}: values of {name} lie {rows:,} rows and {columns:,} columns apart, which no "
                    "series needs; take out what stands far off the table"
                )


def _extent(sheet: bytes) -> tuple[int, int]:
    """Rows and columns between the outermost values; (0, 0) where a glance tells that they are few."""
    far = _FAR_DOWN.search(sheet) and _FAR_OUT.search(sheet)
    if not (far or _VERY_FAR_OUT.search(sheet)):
        return 0, 0
    cells = {(column, int(row)) for column, row in _CELL.findall(sheet)}
    rows = [row for _, row in cells]
    columns = [_number(column) for column in {column for column, _ in cells}]
    return (max(rows) - min(rows) + 1, max(columns) - min(columns) + 1) if cells else (0, 0)


def _number(column: bytes) -> int:
    """Of a column's letters, from 1."""
    number = 0
    for letter in column:
        number = number * 26 + letter - ord("A") + 1
    return number
