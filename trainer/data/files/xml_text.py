"""XML as the table in it: a market document of IEC 62325, a workbook of 2003, or a list of records."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from xml.etree import ElementTree

import pandas as pd

from trainer.contract import Region
from trainer.data.files.cells import table_of_cells
from trainer.data.files.json_text import table_of_tables, tables_at
from trainer.data.files.parts import one_table
from trainer.data.files.table import Table
from trainer.data.report import Finding
from trainer.errors import DataError

_BEGINS: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|[A-Za-z_][\w.-]*(?::[\w.-]+)?[\s>])")
_OF_A_PAGE: Final = re.compile(
    rb"(?i)<(?:!doctype html|html|body)[\s>]|^\W*<(?:head|meta|style|div|center|table|tr|p)[\s>]"
)
_NAMESPACE: Final = re.compile(r"\{.*\}")
_UNITS: Final = {"MAW": "MW", "KWT": "kW", "GWT": "GW", "MWH": "MWh", "KWH": "kWh", "GWH": "GWh"}
"""Codes of UN/CEFACT in market documents."""
_FORECASTS: Final = frozenset(("A01", "A31", "A32", "A33", "A40"))
"""Processes (`process.processType`) of a day, week, month and year ahead and of the day itself."""
_KINDS: Final = {
    **dict.fromkeys(("A09", "A11"), "exchange"),
    **dict.fromkeys(("A69", "A71"), "generation forecast"),
    **dict.fromkeys(("A73", "A74", "A75"), "generation"),
    **{"A68": "capacity", "A72": "reservoir"},
}
"""Types of documents that are of no load."""
_BLOCKS: Final = "A03"
"""The curve whose points hold until the next one."""
_OF_THE_CALENDAR: Final = re.compile(r"P\d+[YM]")
"""A resolution of months or years."""
_MOST_POINTS: Final = 2_000_000
"""Of a market document: quarters of an hour of 57 years. Of a curve of blocks one point may stand for any
number."""
_WIDEST: Final = 2000
"""Columns of a sheet; a cell that says to stand beyond them would fill the memory with those before it."""
_LOOK: Final = 2000
_SHOWN: Final = 120


def is_xml(content: bytes) -> bool:
    """Whether it begins and ends as XML does that is no web page."""
    begins = _BEGINS.match(content[:_LOOK]) is not None and not _OF_A_PAGE.search(content[:_LOOK])
    return begins and (b"<?xml" in content[:_LOOK] or content.rstrip().endswith(b">"))


def read_xml(content: bytes, region: Region, place: str) -> Table:
    """The points of a market document by their times in UTC; the sheets of a workbook; else its records, as
    `table_of_tables` finds them.

    Raises DataError for damaged XML, for a document that holds or claims more than any series of hours, and
    where it has no rows, such as the acknowledgement of a refusal.
    """
    try:
        root = ElementTree.fromstring(content.lstrip(b" \t\r\n"))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise DataError(f"{place} is damaged XML: {error}; fetch it again") from error
    for element in root.iter():
        element.tag = _NAMESPACE.sub("", element.tag) if isinstance(element.tag, str) else "comment"
    if root.tag == "Workbook":
        return _workbook(root, region, place)
    what = _KINDS.get(root.findtext("type") or "", "quantity")
    if root.findtext("process.processType") in _FORECASTS:
        what = f"forecast {what}"
    points = (row for series in root.iter("TimeSeries") for row in _points(series, what, place))
    if rows := list(itertools.islice(points, _MOST_POINTS + 1)):
        if len(rows) > _MOST_POINTS:
            raise DataError(f"{place} holds more than {_MOST_POINTS:,} points; give a file for each year")
        frame = pd.DataFrame(rows, dtype=object)
        return Table(frame, findings=(Finding("xml", len(frame), f"read as a market document, {root.tag}"),))
    tables = tables_at({root.tag: _value(root)}, place)
    if not tables:
        said = " ".join(" ".join(root.itertext()).split())[:_SHOWN]
        raise DataError(f"{place} is XML without a table of hours, such as a refusal; it says {said!r}")
    return table_of_tables(tables, region, place)


def _value(element: ElementTree.Element) -> Any:
    """As JSON would have it: text, or an object of attributes and children, those of one name as a list."""
    children: dict[str, list[Any]] = {}
    for child in element:
        children.setdefault(child.tag, []).append(_value(child))
    said: dict[str, Any] = {_NAMESPACE.sub("", key): text for key, text in element.attrib.items()}
    said |= {tag: values if len(values) > 1 else values[0] for tag, values in children.items()}
    text = (element.text or "").strip()
    if not said:
        return text or None
    return {**said, "value": text} if text and not children else said


def _points(series: ElementTree.Element, what: str, place: str) -> Iterator[dict[str, Any]]:
    """A row for each interval of a time series: its time, `what` it is a quantity of, and what is said of the
    series."""
    said = {child.tag: child.text for child in series if not len(child) and child.text}
    code = said.get("quantity_Measure_Unit.name") or said.get("measurement_Unit.name") or ""
    header = f"{what} [{_UNITS[code]}]" if code in _UNITS else what
    for period in series.iter("Period"):
        try:
            first = pd.Timestamp(period.findtext("timeInterval/start") or "")
            last = pd.Timestamp(period.findtext("timeInterval/end") or "")
            step = _length_of(period.findtext("resolution") or "")
            points: Iterable[tuple[int, str | None]] = [
                (int(point.findtext("position") or ""), point.findtext("quantity"))
                for point in period.iter("Point")
            ]
            if said.get("curveType") == _BLOCKS:
                points = _until_the_next(dict(points), round((last - first) / step))
            for number, quantity in points:
                yield {"time": (first + (number - 1) * step).isoformat(), header: quantity, **said}
        except (ValueError, TypeError, ArithmeticError) as error:
            raise DataError(
                f"{place}: a period of the market document has no readable times: {error}"
            ) from error


def _until_the_next(blocks: Mapping[int, str | None], count: int) -> Iterator[tuple[int, str | None]]:
    """All `count` points of a period, by the blocks that begin at some of them; unknown before the first."""
    quantity = None
    for number in range(1, count + 1):
        quantity = blocks.get(number, quantity)
        yield number, quantity


def _length_of(resolution: str) -> pd.Timedelta:
    """Raises ValueError for months and years, which pandas reads as minutes or not at all, and for none."""
    if _OF_THE_CALENDAR.match(resolution):
        raise ValueError(f"its resolution {resolution} is no hour or part of one")
    length = pd.Timedelta(resolution)
    if not length > pd.Timedelta(0):
        raise ValueError(f"its resolution {resolution!r} is no length of time")
    return length


def _workbook(root: ElementTree.Element, region: Region, place: str) -> Table:
    """The sheets, as those of any other workbook."""
    tables = []
    for number, sheet in enumerate(root.iter("Worksheet"), start=1):
        name = next((text for key, text in sheet.attrib.items() if key.endswith("Name")), str(number))
        rows = [_cells(row, place) for row in sheet.iter("Row")]
        width = max(map(len, rows), default=0)
        cells = pd.DataFrame([row + [None] * (width - len(row)) for row in rows], dtype=object)
        table = table_of_cells(cells, region, f"{place}: {name}") if width else None
        if table is not None:
            tables.append((name, table))
    if not tables:
        raise DataError(f"{place}: no sheet holds a table; it needs a header and one row per hour")
    return one_table(tables, "sheet", region, place)


def _cells(row: ElementTree.Element, place: str) -> list[str | None]:
    """Of a row; a cell may say its place, where those before it are empty."""
    found: list[str | None] = []
    for cell in row.iter("Cell"):
        index = next((text for key, text in cell.attrib.items() if key.endswith("Index")), "")
        column = int(index) if index.isdecimal() else 0
        if column > _WIDEST:
            raise DataError(f"{place}: a cell stands in column {column:,} of its sheet; no table is as wide")
        found += [None] * (column - 1 - len(found))
        data = cell.find("Data")
        text = "" if data is None else "".join(data.itertext()).strip()
        found.append(re.sub(r"(?<=\d)T(?=\d\d:\d\d:\d\d)", " ", text.removesuffix(".000")) or None)
    return found
