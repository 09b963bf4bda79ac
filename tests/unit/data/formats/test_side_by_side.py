"""Tables beside each other are read one below the other; headers that repeat, or are none, mislead nobody."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.workbook import workbook
from tests.unit.data.formats.written import (
    AUTUMN,
    BERLIN,
    SPRING,
    Rows,
    local,
    naive,
    read,
    same,
    text,
)
from trainer.data.proposal import proposal
from trainer.data.sources import read_source
from trainer.errors import DataError

DEMAND = days(BERLIN, AUTUMN)
HALF = len(DEMAND) // 2


def beside(demand: pd.Series[float]) -> Rows:
    """Its first half and the second, with an empty column between them."""
    rows = naive(demand)
    return [
        (*left, "", *right)
        for left, right in zip(rows[: len(rows) // 2], rows[len(rows) // 2 :], strict=True)
    ]


@pytest.mark.parametrize("gap", ["", "note"])
def test_tables_of_the_same_headers_beside_each_other_are_one(gap: str, tmp_path: Path) -> None:
    even = DEMAND[: 2 * HALF]
    rows = [(time, value, gap, then, later) for time, value, _, then, later in beside(even)]
    rows = rows if gap else [(a, b, c, d) for a, b, _, c, d in rows]
    header = "time,demand,gap,time,demand,gap" if gap else "time,demand,time,demand"
    if gap:
        rows = [(*row, gap) for row in rows]
    same(read(text(header, rows), tmp_path), even)


@pytest.mark.parametrize("over", [("Actual", "Forecast"), ("MW", "kW")])
def test_tables_whose_titles_say_different_things_stay_two(over: tuple[str, str], tmp_path: Path) -> None:
    even = DEMAND[: 2 * HALF]
    rows = [(a, b, c, d) for a, b, _, c, d in beside(even)]
    content = f"{over[0]},,{over[1]},\n".encode() + text("time,demand,time,demand", rows)
    columns = {f"{over[0]} time": "time", f"{over[0]} demand": "demand"}
    same(read(content, tmp_path, columns=columns), even[:HALF])


def test_rows_that_two_of_them_share_count_once(tmp_path: Path) -> None:
    rows = naive(DEMAND)
    left, right = rows[: HALF + 5], rows[HALF - 5 :]
    even = [(*one, *other) for one, other in itertools.zip_longest(left, right, fillvalue=("", ""))]
    same(read(text("time,demand,time,demand", even), tmp_path), DEMAND)


def test_an_empty_column_between_them_is_no_matter_in_a_workbook(tmp_path: Path) -> None:
    even = DEMAND[: 2 * HALF]
    sheet = [["time", "demand", "", "time", "demand"], *beside(even)]
    same(read(workbook({"a": sheet}), tmp_path), even)


def test_tables_of_the_same_times_beside_each_other_stay_two(tmp_path: Path) -> None:
    rows: Rows = [(time, value, time, value * 2) for time, value in naive(DEMAND)]
    sheet = [["time", "demand", "time", "demand"], *rows]
    for content in (text("time,demand,time,demand", rows), workbook({"a": sheet})):
        same(read(content, tmp_path), DEMAND)
        same(read(content, tmp_path, columns={"demand.1": "demand"}), DEMAND * 2)


@pytest.mark.parametrize("merged", [False, True])
def test_headers_that_repeat_are_told_apart_by_the_titles_over_them(merged: bool, tmp_path: Path) -> None:
    rows: Rows = [(time, value, value * 2, value * 3, value * 4) for time, value in naive(DEMAND)]
    titles = ["", "DE", "" if merged else "DE", "FR", "" if merged else "FR"]
    headers = ["time", "load [MW]", "wind [MW]", "load [MW]", "wind [MW]"]
    columns = {"FR load [MW]": "demand"}
    csv = ",".join(titles).encode() + b"\n" + text(",".join(headers), rows)
    for content in (csv, workbook({"a": [titles, headers, *rows]})):
        same(read(content, tmp_path, columns=columns), DEMAND * 3)
        with pytest.raises(DataError, match="no column for 'demand'"):
            read(content, tmp_path)


def test_a_region_that_names_such_a_header_by_its_number_reads_it_as_before(tmp_path: Path) -> None:
    rows: Rows = [(time, value, value * 2) for time, value in naive(DEMAND)]
    content = b",DE,FR\n" + text("time,load,load", rows)
    same(read(content, tmp_path, columns={"load.1": "demand"}), DEMAND * 2)


def test_rows_that_begin_with_the_name_of_their_kind_are_read_by_what_they_measure(tmp_path: Path) -> None:
    utc = pd.DatetimeIndex(DEMAND.index)
    lines = [
        "C,GRID,DEMAND,PUBLIC,2021/11/10,00:05:00,1",
        "I,DEMAND,ACTUAL,3,TIME,DEMAND",
        *(
            f'D,DEMAND,ACTUAL,3,"{t:%Y/%m/%d %H:%M:%S}Z",{value}'
            for t, value in zip(utc, DEMAND, strict=True)
        ),
        "C,END OF REPORT,386",
    ]
    same(read("\n".join(lines).encode(), tmp_path), DEMAND)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_file_without_headers_is_read_from_its_first_row_on(
    day: str, delimiter: str, tmp_path: Path
) -> None:
    demand = days(BERLIN, day)
    rows = [
        f"{t:%d.%m.%Y %H:%M}{delimiter}{value:.1f}" for t, value in zip(local(demand), demand, strict=True)
    ]
    content = "\n".join(map(_comma, rows) if delimiter == ";" else rows)
    path = tmp_path / "b.csv"
    path.write_text(content)
    found = proposal(read_source(BERLIN, source=str(path)), BERLIN)
    assert found.columns == {"column 1": "time", "column 2": "demand"}
    read_hours = read(content.encode(), tmp_path, columns=found.columns)
    same(read_hours, demand)
    assert any("has no headers" in finding.text for finding in read_hours.findings)


def test_a_row_without_headers_is_told_by_its_own_line(tmp_path: Path) -> None:
    lines = [f"{time},{value}" for time, value in naive(DEMAND)]
    lines[3] = lines[3].split(",")[0] + ",broken"
    found = read("\n".join(lines).encode(), tmp_path, columns={"column 1": "time", "column 2": "demand"})
    assert any("'broken' in column 'column 2', line 4" in finding.text for finding in found.findings)


def _comma(row: str) -> str:
    time, value = row.split(";")
    return f"{time};{value.replace('.', ',')}"
