"""Text between the rows of a table, which heads no other, and headers that are repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import AUTUMN, BERLIN, SUMMER, Rows, local, naive, read, same, text
from trainer.data.hours import SourceHours


def _told(found: SourceHours) -> str:
    return "; ".join(finding.text for finding in found.findings if finding.kind == "tables")


@pytest.mark.parametrize("line", ["outage,no data,none", "outage,outage,outage", "Part two,Load,Load"])
def test_text_as_wide_as_the_table_between_its_rows_heads_nothing(line: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [
        (f"{stamp:%d-%b-%Y %H:%M}", value, "ok") for stamp, value in zip(local(demand), demand, strict=True)
    ]
    content = text("time,demand,quality", rows[:200]) + f"\n{line}\n".encode() + text("", rows[200:])[1:]
    found = read(content, tmp_path)
    same(found, demand)
    assert not _told(found)


def test_text_between_the_headers_and_the_rows_heads_nothing(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(*row, "ok") for row in naive(demand)]
    found = read(b"time,demand,quality\n\nZone Mitte,Load,Load\n" + text("", rows)[1:], tmp_path)
    same(found, demand)
    assert not _told(found)


@pytest.mark.parametrize("unit", ["m/s", "°"])
def test_a_row_of_units_below_a_header_that_is_repeated_heads_nothing(unit: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    units = ("", "kW", unit)
    rows: Rows = [(stamp, value * 1000, 3) for stamp, value in naive(demand)]
    halves = [text("time,demand,wind", [units, *part]) for part in (rows[:200], rows[200:])]
    found = read(b"\n".join(halves), tmp_path, unit="kW")
    same(found, demand)
    assert not _told(found)


def test_a_header_repeated_below_an_empty_line_within_an_area_begins_no_other_table(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    of_days = [(f"{day}", of_day.to_list()) for day, of_day in demand.groupby(local(demand).date)]
    rows: Rows = [(area, day, *of_day) for area in "NS" for day, of_day in of_days]
    header = "area,date," + ",".join(f"{hour:02d}" for hour in range(1, 25))
    content = b"\n".join(text(header, part) for part in (rows[:10], rows[10:]))
    same(read(content, tmp_path, unit="MW", where={"area": "N"}), demand)
