"""A sheet of a workbook (xlsx, xls, ods) as cells of text."""

from __future__ import annotations

import datetime as dt
import io
import math
from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.data.files.cells import table_of_cells
from trainer.data.files.parts import one_table
from trainer.data.files.sheet_extent import refuse_boundless
from trainer.data.files.table import Table
from trainer.errors import DataError

# Names of what such files hold, as their directories write them.
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_OF_DOCUMENTS: Final = (
    *(name.encode("utf-16-le") for name in ("WordDocument", "PowerPoint Document")),
    *(b"word/document.xml", b"ppt/presentation.xml", b"opendocument.text"),
)


def read_spreadsheet(content: bytes, region: Region, place: str) -> Table:
    """As `read_delimited`, of the sheets that hold tables of one kind, see `one_table`.

    Raises DataError for a damaged workbook, for one without a table, and for one whose values lie far apart.
    """
    from python_calamine import CalamineError  # noqa: PLC0415  a file of text does without

    refuse_boundless(content, place)
    try:
        # As objects: a text such as 00.30 among numbers would become one.
        sheets = pd.read_excel(
            io.BytesIO(content), sheet_name=None, header=None, engine="calamine", dtype=object
        )
    except (CalamineError, ValueError, OSError) as error:
        raise DataError(f"{place} is not a workbook that can be read: {error}; {_remedy(content)}") from error
    tables = [
        (str(name), table)
        for name, sheet in sheets.items()
        if (table := table_of_cells(sheet.map(_text), region, f"{place}: {name}")) is not None
    ]
    if not tables:
        raise DataError(f"{place}: no sheet holds a table; it needs a header and one row per hour")
    return one_table(tables, "sheet", region, place)


def _remedy(content: bytes) -> str:
    """For what begins as workbooks do and is none, by the names of its parts."""
    if _LOCKED in content:
        return "it asks for a password: save it without one"
    if any(part in content for part in _OF_DOCUMENTS):
        return "it is a document: give its table as a workbook or as text"
    return "open it in a spreadsheet and save it as xlsx or CSV, or fetch it again"


def _text(cell: object) -> object:
    """As a person would write it in a file of text; None for an empty cell."""
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, dt.datetime):
        # A workbook counts days: an hour is a fraction that is no exact one.
        return pd.Timestamp(cell).round("s").isoformat(sep=" ")
    if isinstance(cell, dt.timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(cell, dt.time):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
