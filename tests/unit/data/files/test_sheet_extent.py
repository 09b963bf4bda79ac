"""A workbook whose values lie as far apart as a sheet allows is refused: its reader would end the process."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pytest

from tests.unit.data.formats.workbook import workbook
from tests.unit.data.series import KOREA
from trainer.data.files.sheet_extent import refuse_boundless
from trainer.data.files.spreadsheet import read_spreadsheet
from trainer.errors import DataError

SHEET = "xl/worksheets/sheet1.xml"
HOURS = [["time", "demand"], *([f"2024-01-01T{hour:02d}:00", 100 + hour] for hour in range(24))]


def with_cells(cells: Sequence[str]) -> bytes:
    """A workbook of a day's hours, with these cells at the end of its sheet."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook({"Load": HOURS}))) as file, zipfile.ZipFile(made, "w") as other:
        for name in file.namelist():
            content = file.read(name)
            if name == SHEET:
                rows = f"<row>{''.join(cells)}</row></sheetData>"
                content = content.replace(b"</sheetData>", rows.encode())
            other.writestr(name, content)
    return made.getvalue()


def test_values_at_both_ends_of_a_sheet_are_refused() -> None:
    far = with_cells(['<c r="A1"><v>1</v></c>', '<c r="XFD1048576"><v>1</v></c>'])
    with pytest.raises(DataError, match=r"1,048,576 rows and 16,384 columns apart"):
        read_spreadsheet(far, KOREA, "load.xlsx")


@pytest.mark.parametrize(
    "cells",
    [
        ['<c r="XFD1048576" s="1"/>'],
        ['<c r="B1048576"><v>1</v></c>'],
        ['<c r="XFD3"><v>1</v></c>'],
    ],
)
def test_a_format_far_off_and_what_is_long_or_wide_alone_are_not(cells: list[str]) -> None:
    refuse_boundless(with_cells(['<c r="A1"><v>1</v></c>', *cells]), "load.xlsx")


@pytest.mark.parametrize("content", [b"PK", b"no zip file", workbook({"Load": HOURS})[:-40]])
def test_a_damaged_workbook_is_the_reader_s_to_tell_of(content: bytes) -> None:
    refuse_boundless(content, "load.xlsx")
