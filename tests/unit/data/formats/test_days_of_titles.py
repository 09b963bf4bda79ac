"""Days that a table does not say whole are read where a title, a sheet or a file names their month or day."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import days, region_in
from tests.unit.data.formats.workbook import workbook
from tests.unit.data.formats.written import Rows, packed, read, same, text
from tests.unit.data.series import NOW
from trainer.contract import FileSettings
from trainer.data.hours import hours_of
from trainer.data.sources import read_source
from trainer.errors import DataError

DUBAI = region_in("Asia/Dubai", "AE")
DEMAND = pd.concat([days(DUBAI, "2022-02-01"), days(DUBAI, "2022-02-17")])
FEBRUARY = DEMAND[: 28 * 24]
MARCH = pd.concat([days(DUBAI, first) for first in ("2022-03-01", "2022-03-17")])[: 31 * 24]


def by_hour(demand: pd.Series[float]) -> Rows:
    """A row for each hour, with a value for each day."""
    table = demand.to_numpy().reshape(-1, 24).T
    return [(hour, *values) for hour, values in enumerate(table.tolist(), start=1)]


def by_day(demand: pd.Series[float]) -> Rows:
    return [(day, *values) for day, values in enumerate(demand.to_numpy().reshape(-1, 24).tolist(), start=1)]


def numbered(count: int, first: str) -> list[object]:
    return [first, *range(1, count + 1)]


def header(cells: Sequence[object]) -> str:
    return ",".join(map(str, cells))


@pytest.mark.parametrize(
    "title",
    [
        *(
            "Hourly load, March 2022",
            "Load 2022-03 (MW)",
            "03/2022",
            "2022年3月",
            "2022년 3월",
            "Marzo de 2022",
        ),
        *("Lastgang März 2022", "load_202203", "2022 Mar"),
    ],
)
def test_the_month_of_numbered_days_in_columns_stands_in_a_title(title: str, tmp_path: Path) -> None:
    content = f"{title}\n\n".encode() + text(header(numbered(31, "Hour")), by_hour(MARCH))
    found = read(content, tmp_path, DUBAI, unit="MW")
    same(found, MARCH)
    assert any("their month, 2022-03, read from its title" in finding.text for finding in found.findings)


@pytest.mark.parametrize("names", [("Feb 2022", "Mar 2022"), ("2022-02", "2022-03"), ("Feb 22", "Mar 22")])
def test_the_month_of_numbered_days_is_the_name_of_their_sheet(
    names: tuple[str, str], tmp_path: Path
) -> None:
    sheets = {
        name: [numbered(count, "Hour"), *by_hour(demand)]
        for name, count, demand in zip(names, (28, 31), (FEBRUARY, MARCH), strict=True)
    }
    same(read(workbook(sheets), tmp_path, DUBAI, unit="MW"), pd.concat([FEBRUARY, MARCH]))


@pytest.mark.parametrize("name", ["load_2022-03.csv", "Load March 2022.csv", "2022_03.csv.txt"])
def test_the_month_of_numbered_days_is_the_name_of_their_file(name: str, tmp_path: Path) -> None:
    content = text(header(numbered(31, "Hour")), by_hour(MARCH))
    path = tmp_path / name
    path.write_bytes(content)
    region = replace(DUBAI, files=FileSettings(unit="MW"))
    same(hours_of(read_source(region, source=str(path)), region, as_of=None, now=NOW), MARCH)


def test_the_year_of_sheets_named_by_months_stands_in_their_titles(tmp_path: Path) -> None:
    sheets = {
        name: [["Load 2022, MW"], [], numbered(31, "Hour"), *by_hour(demand)]
        for name, demand in (("March", MARCH),)
    }
    same(read(workbook({**sheets, "Notes": [["a", "b"], ["c", "d"]]}), tmp_path, DUBAI, unit="MW"), MARCH)


def test_a_title_that_names_another_month_than_its_sheet_is_not_believed(tmp_path: Path) -> None:
    sheets = {
        name: [["Load of January 2022"], [], numbered(31, "Hour"), *by_hour(MARCH)]
        for name in ("January 2022", "March 2022")
    }
    with pytest.raises(DataError, match=r"March 2022: hours stand in rows .* are no whole dates"):
        read(workbook(sheets), tmp_path, DUBAI, unit="MW")


def test_numbered_days_in_rows_with_hours_in_columns_are_of_the_month_of_their_sheet(tmp_path: Path) -> None:
    hours = ["Day", *(f"H{hour}" for hour in range(1, 25))]
    sheets = {"February 2022": [hours, *by_day(FEBRUARY)], "March 2022": [hours, *by_day(MARCH)]}
    same(read(workbook(sheets), tmp_path, DUBAI, unit="MW"), pd.concat([FEBRUARY, MARCH]))


def test_numbered_days_beside_their_hours_are_of_the_month_of_their_title(tmp_path: Path) -> None:
    rows: Rows = [
        (day, hour, value)
        for (day, hour), value in zip(itertools.product(range(1, 32), range(24)), MARCH, strict=True)
    ]
    content = b"Load of March 2022 in MW\n" + text("Day,Hour,demand", rows)
    same(read(content, tmp_path, DUBAI), MARCH)


def test_days_that_a_month_does_not_have_are_left_out_where_they_are_empty(tmp_path: Path) -> None:
    rows: Rows = [(*row, "", "", "") for row in by_hour(FEBRUARY)]
    content = b"February 2022\n" + text(header(numbered(31, "Hour")), rows)
    same(read(content, tmp_path, DUBAI, unit="MW"), FEBRUARY)


@pytest.mark.parametrize(
    "title", ["Market 2022", "Load, made 2022", "March 2022, revised April 2022", "2022"]
)
def test_a_title_that_names_no_month_or_two_of_them_is_not_believed(title: str, tmp_path: Path) -> None:
    content = f"{title}\n".encode() + text(header(numbered(31, "Hour")), by_hour(MARCH))
    with pytest.raises(DataError, match=r"are no whole dates; .* name the month of numbered days in a line"):
        read(content, tmp_path, DUBAI, unit="MW")


@pytest.mark.parametrize("name", ["load_20220301.csv", "Demand v1_2022-03-01.csv"])
def test_hours_alone_are_of_the_day_that_their_file_is_named_for(name: str, tmp_path: Path) -> None:
    files = {
        name.replace("01.csv", f"{day:02d}.csv"): text("Hour,area,demand", rows)
        for day in range(1, 32)
        if (rows := _of_day(day))
    }
    found = read(packed(files), tmp_path, DUBAI, where={"area": "N"})
    same(found, MARCH)
    assert any("its day, 2022-03-01, read from the name" in finding.text for finding in found.findings)


def test_hours_of_many_days_are_not_of_the_day_that_their_file_is_named_for(tmp_path: Path) -> None:
    rows: Rows = [(hour, value) for hour, value in zip([*range(24)] * 31, MARCH, strict=True)]
    with pytest.raises(DataError):
        read(packed({"made 2022-04-01.csv": text("Hour,demand", rows)}), tmp_path, DUBAI)


def _of_day(day: int) -> Rows:
    values = MARCH.to_numpy()[24 * (day - 1) : 24 * day].tolist()
    return [
        (hour, area, value * size) for area, size in (("N", 1), ("S", 2)) for hour, value in enumerate(values)
    ]
