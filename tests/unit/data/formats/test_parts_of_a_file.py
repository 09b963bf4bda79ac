"""Workbooks of several sheets and zip files of several files: parts of one series, or several series."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.workbook import workbook
from tests.unit.data.formats.written import (
    AUTUMN,
    BERLIN,
    SPRING,
    SUMMER,
    Rows,
    local,
    naive,
    packed,
    read,
    same,
    text,
)
from trainer.data.proposal import proposal
from trainer.data.sources import read_source
from trainer.errors import DataError

HEADER = ["time", "demand"]


def _by_day(demand: pd.Series[float]) -> dict[str, Rows]:
    rows: dict[str, Rows] = {}
    for stamp, value in naive(demand):
        rows.setdefault(stamp[:10], []).append((stamp, value))
    return rows


def test_a_zip_file_of_days_beside_what_is_no_table(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    files = {f"{day}.csv": text("time,demand", rows) for day, rows in _by_day(demand).items()}
    content = {
        "LICENCE.txt": b"free to use\n",
        "__MACOSX/._a.csv": b"\0\5",
        "notes.txt": b"a,b\n1,2\n",
        **files,
    }
    found = read(packed(content), tmp_path)
    same(found, demand)
    assert "16 files ('2021-10-25.csv', " in found.findings[0].text
    assert "'notes.txt' left out" in found.findings[0].text


def test_a_file_that_a_zip_file_packs_and_nobody_can_read_is_told_of(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    files = {"1.csv": text("time,demand", naive(demand)), "2.csv": b"time,demand\n"}
    found = read(packed(files), tmp_path)
    same(found, demand)
    (told,) = [finding.text for finding in found.findings if finding.kind == "files_left_out"]
    assert "left out: 1, the first: " in told
    assert "a.csv: 2.csv is empty: it has a header and no rows" in told


def test_a_second_table_of_the_same_hours_in_a_file_of_several_is_left_out_and_told_of(
    tmp_path: Path,
) -> None:
    demand = days(BERLIN, AUTUMN)
    again = text("time,load,ok", [(*row, 1) for row in naive(demand)])
    two = text("time,demand", naive(demand)) + b"\n" + again
    found = read(packed({"1.csv": text("time,demand", naive(demand)), "2.csv": two}), tmp_path)
    same(found, demand)
    (told,) = [finding.text for finding in found.findings if finding.kind == "other_table_left_out"]
    assert told.startswith("file '2.csv, table 2 (line 388, rows: 385, time, load, ok)', which")


def test_sheets_of_the_same_headers_are_one_series(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    notes = {"Notes": [["Load of Germany"], ["made", "2022"]]}
    found = read(
        workbook({**notes, **{day: [HEADER, *rows] for day, rows in _by_day(demand).items()}}), tmp_path
    )
    same(found, demand)
    assert found.findings[0].text.startswith("16 sheets ('2021-10-25', ")


def test_sheets_of_the_same_times_are_several_series_of_which_one_is_chosen(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    zones = {"ME": [HEADER, *naive(demand)], "NH": [HEADER, *naive(demand * 2)]}
    content = workbook(zones)
    with pytest.raises(
        DataError, match=r"told apart by column 'sheet': ME, NH; .* where = .\"sheet\" = \"ME\""
    ):
        read(content, tmp_path)
    same(read(content, tmp_path, where={"sheet": "NH"}), demand * 2)
    with pytest.raises(DataError, match=r"has no sheet 'VT', as `where` says; there are 'ME', 'NH'"):
        read(content, tmp_path, where={"sheet": "VT"})


def test_a_summary_before_the_hours_is_left_out_and_told_of(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    months = [["month", "energy"], ["10.2021", 5.1], ["11.2021", 7.2]]
    found = read(workbook({"Overview": months, "Hours": [HEADER, *naive(demand)]}), tmp_path)
    same(found, demand)
    assert found.findings[0].text == (
        "sheet 'Hours' was read; 'Overview' left out: where = {sheet = ...} chooses one"
    )


def test_a_sheet_of_another_kind_is_read_where_the_region_chooses_it(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    more = [["time", "wind", "demand"], *[(stamp, 1, value) for stamp, value in naive(demand * 3)]]
    content = workbook({"A": [HEADER, *naive(demand)], "B": more})
    same(read(content, tmp_path), demand)
    same(read(content, tmp_path, where={"sheet": "B"}), demand * 3)


def test_years_that_name_sheets_are_not_proposed_as_demand(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    sheets = {str(2000 + n): [["time", "MW"], *rows] for n, rows in enumerate(_by_day(demand).values())}
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(sheets))
    region = replace(BERLIN, source=str(path))
    assert proposal(read_source(region), region).columns == {"MW": "demand"}


def test_a_day_s_hours_before_a_long_table_of_another_kind_are_read(tmp_path: Path) -> None:
    """A daily export with the codes of all substations behind it: by its length it seems to be a summary."""
    demand = days(BERLIN, SUMMER).iloc[:48]
    codes = [["code", "name"], *[[f"C{place}", f"station {place}"] for place in range(2000)]]
    same(read(workbook({"Load": [HEADER, *naive(demand)], "Codes": codes}), tmp_path), demand)


def test_a_row_of_a_table_of_days_counts_as_its_hours(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = [[day, *[value for _, value in of_day]] for day, of_day in _by_day(demand).items()]
    weather = [["date", "temp"], *[[stamp, 12] for stamp, _ in naive(demand)]]
    sheets = {"MW": [["date", *[f"H{hour}" for hour in range(1, 25)]], *rows], "Weather": weather}
    same(read(workbook(sheets), tmp_path, unit="MW"), demand)


def test_a_part_that_says_another_demand_at_many_of_the_same_times_is_asked_about(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    other = [HEADER, *naive(demand.iloc[-96:] + 100)]
    content = workbook({"All": [HEADER, *naive(demand)], "Last": other})
    with pytest.raises(DataError, match=r"sheet 'Last' says another demand .* where = .sheet = \"All\""):
        read(content, tmp_path)
    same(read(content, tmp_path, where={"sheet": "All"}), demand)


def test_a_part_that_says_another_demand_at_a_few_times_leaves_these_in_doubt(tmp_path: Path) -> None:
    """Whatever else it says is not believed either: it may be a forecast."""
    demand = days(BERLIN, SUMMER)
    other = [HEADER, *naive(demand.iloc[280:370] + 100)]
    found = read(workbook({"All": [HEADER, *naive(demand.iloc[:330])], "Last": other}), tmp_path)
    known = demand.iloc[:330].copy()
    known.iloc[280:] = float("nan")
    pd.testing.assert_series_equal(
        found.frame["demand"].iloc[:330], known, check_freq=False, check_index_type=False
    )
    assert found.frame["demand"].iloc[330:].isna().all()
    assert len(found.reasons) == 50
    assert "(row 281 of 'All': demand " in found.reasons[demand.index[280]]
    (told,) = [finding.text for finding in found.findings if finding.kind == "parts_disagree"]
    assert told == (
        "sheet 'Last' says another demand than others at the same times: in doubt 50, of its others left out "
        "40; take out what is wrong"
    )


def test_files_that_overlap_where_clocks_go_back_and_were_revised_there(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    old, new = naive(demand.iloc[:200]), naive(demand.iloc[100:] + 1)
    found = read(packed({"1.csv": text("time,demand", old), "2.csv": text("time,demand", new)}), tmp_path)
    revised = demand + 1
    revised.iloc[:100], revised.iloc[100:200] = demand.iloc[:100], float("nan")
    same(found, revised)


@pytest.mark.parametrize("begins", [150, 200])
def test_a_part_that_is_named_for_a_forecast_is_left_out_and_told_of(begins: int, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    ahead = [HEADER, *naive(demand.iloc[begins:] + 100)]
    content = workbook({"Forecast": ahead, "Actual": [HEADER, *naive(demand.iloc[:200])]})
    found = read(content, tmp_path)
    same(found, demand.iloc[:200])
    assert any("'Forecast' left out: where = {sheet = ...}" in finding.text for finding in found.findings)


def test_a_few_hours_that_a_later_sheet_revises_are_doubts(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    later = [*naive(demand.iloc[180:200] + 100), *naive(demand.iloc[200:])]
    found = read(workbook({"1": [HEADER, *naive(demand.iloc[:200])], "2": [HEADER, *later]}), tmp_path)
    assert len(found.reasons) == 20


def test_a_copy_of_a_sheet_is_left_out_and_told_of(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows = [HEADER, *naive(demand)]
    found = read(workbook({"Data": rows, "Backup": rows}), tmp_path)
    same(found, demand)
    assert "sheet 'Data' was read; 'Backup' left out" in found.findings[0].text


@pytest.mark.parametrize("day", [AUTUMN, SPRING])
def test_tables_of_one_day_each_are_one_whatever_the_hours_of_a_day(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    files = {}
    for date, of_day in demand.groupby(local(demand).strftime("%Y-%m-%d")):
        hours = ",".join(map(str, range(1, len(of_day) + 1)))
        files[f"{date}.csv"] = text(f"Date,{hours}", [(date, *of_day)])
    assert len({len(content.split(b"\n")[0]) for content in files.values()}) > 1
    same(read(packed(files), tmp_path, unit="MW"), demand)
