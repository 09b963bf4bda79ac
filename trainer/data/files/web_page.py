"""The table of a web page: grids publish such under the name .xls, and spreadsheets open them."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.data.files.cells import table_of_cells
from trainer.data.files.encoding import decoded
from trainer.data.files.table import Table
from trainer.errors import DataError

_BEGINS: Final = re.compile(
    rb"(?i)<(?:!doctype|!--|\?xml|(?:html|head|body|meta|style|div|center|table)[\s>])"
)
_WIDEST: Final = 1000
"""Columns over which a cell may reach; more is a slip."""


def is_web_page(content: bytes) -> bool:
    """Whether it begins with a tag of HTML."""
    return _BEGINS.match(content.lstrip(b"\xef\xbb\xbf \t\r\n")) is not None


def read_web_page(content: bytes, region: Region, place: str) -> Table:
    """Its longest table, as `read_spreadsheet`; rows have no line numbers.

    Raises DataError for a page without a table, such as a server's refusal.
    """
    text = decoded(content, region, place)
    page = _Page()
    page.feed(text)
    page.close()
    rows = max(page.tables, key=len, default=[])
    width = max(map(len, rows), default=0)
    cells = pd.DataFrame([row + [None] * (width - len(row)) for row in rows], dtype=object)
    table = table_of_cells(cells.where(cells != "", None), region, place) if len(rows) > 1 else None
    if table is None:
        raise DataError(
            f"{place} is a web page without a table of hours, such as a log-in or a refusal; open it in a "
            "browser to see what it says, and give the file itself"
        )
    return replace(table, first_line=None, lines_of_hours=())


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str | None]]] = []
        self._cell: list[str] | None = None
        self._width = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("table", "tr", "td", "th"):
            self._end_cell()
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            width = dict(attrs).get("colspan") or ""
            self._cell, self._width = [], min(int(width), _WIDEST) if width.isdecimal() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None:
            text = " ".join("".join(self._cell).split())
            self.tables[-1][-1] += [text, *[""] * (self._width - 1)]
        self._cell = None
