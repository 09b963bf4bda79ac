"""Several tables in one file of text: which one is read, and what is told of the others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days, region_in
from tests.unit.data.formats.written import (
    AUTUMN,
    BERLIN,
    SUMMER,
    Rows,
    local,
    naive,
    packed,
    read,
    same,
    text,
)
from trainer.data.hours import SourceHours
from trainer.errors import DataError

TOKYO = region_in("Asia/Tokyo", "JP")
PEAKS = """2022/6/6 23:55 UPDATE
ピーク時供給力(万kW),時間帯,供給力情報更新日,供給力情報更新時刻
5102,17:00～18:00,6/6,17:30

予想最大電力(万kW),時間帯,予想最大電力情報更新日,予想最大電力情報更新時刻
4621,17:00～18:00,6/6,17:30

"""
FIVE = "当日実績(５分間隔値)(万kW)"


def _day() -> pd.Series[float]:
    return (days(TOKYO, SUMMER).iloc[:24] / 10).round() * 10


def _five_minutes(demand: pd.Series[float]) -> pd.Series[float]:
    index = pd.date_range(demand.index[0], periods=12 * len(demand), freq="5min", name="time")
    return demand.reindex(index).ffill() + 10


def _rows(demand: pd.Series[float], *more: object) -> Rows:
    stamps = local(demand, "Asia/Tokyo")
    return [
        (f"{stamp:%Y/%-m/%-d}", f"{stamp:%-H:%M}", f"{value / 10:.0f}", *more)
        for stamp, value in zip(stamps, demand, strict=True)
    ]


def _tepco(demand: pd.Series[float], *, ending: str = "\r\n", by_five_first: bool = False) -> bytes:
    hours = text(
        "DATE,TIME,当日実績(万kW),予測値(万kW),使用率(%),供給力(万kW)", _rows(demand, 4400, 88, 5000)
    )
    fives = text(f"DATE,TIME,{FIVE},太陽光発電実績(５分間隔値)(万kW)", _rows(_five_minutes(demand), 0))
    tables = [fives, hours] if by_five_first else [hours, fives]
    return (PEAKS + b"\n".join(tables).decode()).replace("\n", ending).encode("cp932")


def _told(found: SourceHours, kind: str = "tables") -> str:
    return next((finding.text for finding in found.findings if finding.kind == kind), "")


@pytest.mark.parametrize("by_five_first", [False, True])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_of_a_japanese_utility_s_day_the_hours_are_read(
    ending: str, *, by_five_first: bool, tmp_path: Path
) -> None:
    demand = _day()
    found = read(_tepco(demand, ending=ending, by_five_first=by_five_first), tmp_path, TOKYO)
    same(found, demand)
    number = 4 if by_five_first else 3
    assert (
        f"the file holds 4 tables; table {number} (line {298 if by_five_first else 8}, rows: 24, DATE"
        in _told(found)
    )
    assert "left out: table 1 (line 2, rows: 1, ピーク時供給力(万kW)" in _told(found)
    assert f"rows: 288, DATE, TIME, {FIVE}" in _told(found)


def test_a_month_of_such_days_in_a_zip_file_is_one_series_told_of_once(tmp_path: Path) -> None:
    demand = (days(TOKYO, SUMMER) / 10).round() * 10
    by_day = demand.groupby(local(demand, "Asia/Tokyo").day)
    files = {f"202206{day:02d}_power_usage.csv": _tepco(of_day) for day, of_day in by_day}
    found = read(packed(files), tmp_path, TOKYO)
    same(found, demand)
    (told,) = [finding.text for finding in found.findings if finding.kind == "tables"]
    assert told.endswith("; likewise in 15 more files")


def test_its_five_minutes_are_read_where_the_region_names_their_column(tmp_path: Path) -> None:
    demand = _day()
    found = read(_tepco(demand), tmp_path, TOKYO, columns={FIVE: "demand"})
    same(found, demand + 10)
    assert "table 4 (line 34, rows: 288, " in _told(found)


def test_its_five_minutes_are_read_where_the_region_numbers_their_table(tmp_path: Path) -> None:
    demand = _day()
    said = {"where": {"table": 4}, "columns": {FIVE: "demand"}}
    same(read(_tepco(demand), tmp_path, TOKYO, **said), demand + 10)
    with pytest.raises(DataError, match=r"has no table '5', as `where` says; there are table 1 \(line 2, "):
        read(_tepco(demand), tmp_path, TOKYO, where={"table": 5})


def test_lines_that_are_skipped_choose_the_table_below_them(tmp_path: Path) -> None:
    demand = _day()
    found = read(_tepco(demand), tmp_path, TOKYO, skip_lines=33, columns={FIVE: "demand"}, unit="万kW")
    same(found, demand + 10)
    found = read(_tepco(demand), tmp_path, TOKYO, skip_lines=7)
    same(found, demand)


def _two(first: bytes, second: bytes, gap: str = "\n") -> bytes:
    return first + gap.encode() + second


WEATHER = text("time,temp,wind", [(stamp, 20, 3) for stamp, _ in naive(days(BERLIN, SUMMER))])


@pytest.mark.parametrize(
    "gap", ["\n", "\n\n,,\n", "\nWeather\n", "\n\nStation: Tempelhof, 48 m\nhourly\n", ""]
)
def test_a_table_of_something_else_below_is_left_out_and_told_of(gap: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    found = read(_two(text("time,demand", naive(demand)), WEATHER, gap), tmp_path)
    same(found, demand)
    assert "table 1 (line 1, rows: 384, time, demand) was read, left out: table 2 " in _told(found)


@pytest.mark.parametrize("gap", ["\n", "\n\nLoad\n"])
def test_a_table_of_something_else_above_is_left_out_and_told_of(gap: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    found = read(_two(WEATHER, text("time;demand".replace(";", ","), naive(demand)), gap), tmp_path)
    same(found, demand)
    assert "was read, left out: table 1 (line 1, rows: 384, time, temp, wind)" in _told(found)


def test_titles_above_another_table_say_its_unit(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    second = b"\nUnit: kW\n" + text("time,demand", naive(demand))
    same(read(WEATHER + second, tmp_path), demand / 1000)


def test_sums_of_days_beside_the_hours_are_a_summary(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    sums: Rows = [(f"{day}", value) for day, value in demand.groupby(local(demand).date).sum().items()]
    for content in (
        _two(text("day,demand", sums), text("time,demand", naive(demand))),
        _two(text("time,demand", naive(demand)), text("day,demand", sums)),
    ):
        same(read(content, tmp_path), demand)


def test_two_tables_that_say_demand_alike_are_asked_about(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    content = _two(
        text("time,demand", naive(demand)),
        text("time,load,quality", [(*row, 1) for row in naive(demand * 2)]),
    )
    with pytest.raises(
        DataError,
        match=r"more than one can be demand: table 1 \(line 1, rows: 384, time, demand\); "
        r"table 2 \(line 387, .*where = \{table = 1\}, or name the column",
    ):
        read(content, tmp_path)
    same(read(content, tmp_path, where={"table": 2}), demand * 2)
    same(read(content, tmp_path, columns={"load": "demand"}), demand * 2)


def test_tables_of_zones_with_the_same_headers_are_asked_about_and_added_up(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    zones = [f"Zone {n}\n".encode() + text("time,demand", naive(demand * n)) for n in (1, 2)]
    content = b"\n".join(zones)
    with pytest.raises(DataError, match=r"where = \{table = 1\}"):
        read(content, tmp_path)
    same(read(content, tmp_path, where={"table": "2"}), demand * 2)
    same(read(content, tmp_path, where={"table": [1, 2]}), demand * 3)


@pytest.mark.parametrize("gap", ["", "\n", "\n\nNovember\n"])
def test_a_header_that_is_repeated_begins_no_other_table(gap: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    halves = [text("time,demand", naive(part)) for part in (demand.iloc[:200], demand.iloc[200:])]
    found = read(_two(*halves, gap), tmp_path)
    same(found, demand)
    assert not _told(found)


@pytest.mark.parametrize("gap", ["\n", "\n\n\n", "\nMay,,\n", "\n,,\n", "\nNovember 2021,MW,state\n"])
def test_an_empty_line_alone_parts_no_tables(gap: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows = [(*row, "ok") for row in naive(demand)]
    found = read(text("time,demand,quality", rows[:200]) + gap.encode() + text("", rows[200:])[1:], tmp_path)
    same(found, demand)
    assert not _told(found)


@pytest.mark.parametrize(
    "below",
    ["\nSum,16512000\n", "\nSource: grid\nLicence: CC-BY\n", "\nNote,Value\n", "\nn/a,n/a\nn/a,n/a\n"],
)
def test_notes_below_are_no_table(below: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    found = read(text("time,demand", naive(demand)) + below.encode(), tmp_path)
    same(found, demand)
    assert not _told(found)


def test_rows_without_a_number_below_an_empty_line_are_no_header(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    times = [f"{stamp:%d-%b-%Y %H:%M}" for stamp in local(demand)]
    rows: Rows = list(zip(times, demand, strict=True))
    rows[100] = (times[100], "n/e")
    content = text("time,demand", rows[:100]) + b"\n" + text("", rows[100:])[1:]
    found = read(content, tmp_path)
    same(found, demand.where(demand.index != demand.index[100]))
    assert not _told(found)


def test_a_row_without_a_number_before_another_month_is_no_header(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [
        ("Last Mitte", f"{stamp:%d-%b-%Y %H:%M}", value)
        for stamp, value in zip(local(demand), demand, strict=True)
    ]
    place = 168  # the last hour of October, of which the clocks repeated one
    assert str(rows[place][1]).startswith("31-Oct-2021 23")
    rows[place] = (*rows[place][:2], "n/e")
    found = read(text("Last,time,demand", rows), tmp_path)
    same(found, demand.where(demand.index != demand.index[place]))
    assert not _told(found)


def test_tables_of_days_by_zone_are_asked_about(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    of_days = [(f"{day}", of_day.to_list()) for day, of_day in demand.groupby(local(demand).date)]
    header = "date," + ",".join(f"{hour:02d}" for hour in range(1, 25))
    tables = [
        text(header, [(day, *(value * n for value in of_day)) for day, of_day in of_days]) for n in (1, 2)
    ]
    content = b"\n".join(tables)
    with pytest.raises(DataError, match=r"where = \{table = 1\}"):
        read(content, tmp_path, unit="MW")
    same(read(content, tmp_path, unit="MW", where={"table": 2}), demand * 2)


def test_a_column_named_table_is_a_column(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    content = text(
        "time,table,demand", [(stamp, n, value * n) for stamp, value in naive(demand) for n in (1, 2)]
    )
    same(read(content, tmp_path, where={"table": 2}), demand * 2)


def test_quarters_of_an_hour_beside_the_hours_are_asked_about(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    quarters = days(BERLIN, SUMMER, minutes=15)
    content = _two(text("time,demand", naive(demand)), text("time,actual load", naive(quarters)))
    with pytest.raises(DataError, match="more than one can be demand"):
        read(content, tmp_path)
    same(read(content, tmp_path, where={"table": 2}), by_hour(quarters))
