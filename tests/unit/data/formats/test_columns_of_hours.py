"""Tables of days whose columns number their hours in ways of their own."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days, region_in
from tests.unit.data.formats.workbook import workbook
from tests.unit.data.formats.written import AUTUMN, BERLIN, SUMMER, Rows, local, naive, read, same, text
from trainer.errors import DataError


def _days(demand: pd.Series[float], zone: str = "Europe/Berlin") -> list[tuple[str, list[float]]]:
    return [(f"{day}", of_day.to_list()) for day, of_day in demand.groupby(local(demand, zone).date)]


@pytest.mark.parametrize("nothing", [0, "0.0", ""])
def test_a_25th_hour_of_every_day_that_is_zero_on_all_but_one(nothing: object, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [(day, *of_day, *[nothing] * (25 - len(of_day))) for day, of_day in _days(demand)]
    header = "date," + ",".join(f"hour{hour:02d}" for hour in range(1, 26))
    same(read(text(header, rows), tmp_path, unit="MW"), demand)


def test_a_25th_hour_of_every_day_is_not_taken_for_half_hours(tmp_path: Path) -> None:
    rows: Rows = [(day, *of_day, of_day[-1] + 0.1) for day, of_day in _days(days(BERLIN, SUMMER))]
    header = "date," + ",".join(f"hour{hour:02d}" for hour in range(1, 26))
    with pytest.raises(DataError, match=r"'2022-06-06 25' .* numbers no hour"):
        read(text(header, rows), tmp_path, unit="MW")


@pytest.mark.parametrize("minutes", [60, 15])
def test_a_file_of_the_one_day_that_has_an_hour_more(minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, "2021-10-31", minutes=minutes)
    demand = demand[local(demand).day == 31]
    rows: Rows = [("2021-10-31", place, value) for place, value in enumerate(demand, start=1)]
    same(read(text("Date,Period,demand", rows), tmp_path), by_hour(demand))


def test_times_of_day_with_points_in_a_workbook(tmp_path: Path) -> None:
    bangkok = region_in("Asia/Bangkok", "TH")
    demand = days(bangkok, SUMMER, minutes=30)
    ends = [f"{minutes // 60:02d}.{minutes % 60:02d}" for minutes in range(30, 1441, 30)]
    rows = [[day, *of_day] for day, of_day in _days(demand, "Asia/Bangkok")]
    content = workbook({"2565": [["Demand (MW)"], ["date", *ends], *rows]})
    same(read(content, tmp_path, bangkok), by_hour(demand))


def test_half_hours_that_a_spreadsheet_took_for_numbers_are_refused(tmp_path: Path) -> None:
    ends = [
        f"{minutes // 60}.{minutes % 60}".replace(".30", ".3").replace(".0", "")
        for minutes in range(0, 1440, 30)
    ]
    rows: Rows = [(day, *of_day) for day, of_day in _days(days(BERLIN, SUMMER, minutes=30))]
    with pytest.raises(
        DataError, match=r"'0\.3', '1\.3', '2\.3'. seem to be half hours .* write them as 00:30"
    ):
        read(text("date," + ",".join(ends), rows), tmp_path, unit="MW", date_columns=["date"])


@pytest.mark.parametrize("head", ["Values_Hour{:02d}", "Hora {}", "Std.{}"])
def test_columns_of_one_name_that_count_the_hours_of_a_day_need_no_setting(head: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [("Sistema", *of_day, day) for day, of_day in _days(demand)]
    header = ",".join(["Id", *(head.format(hour) for hour in range(1, 25)), "วันที่"])
    same(read(text(header, rows), tmp_path, unit="MW"), demand)


def test_columns_of_one_name_beside_demand_are_no_hours(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(stamp, value, *[11, 12] * 12) for stamp, value in naive(demand)]
    header = "time,demand," + ",".join(f"feature_{place}" for place in range(1, 25))
    same(read(text(header, rows), tmp_path), demand)


@pytest.mark.parametrize("named", ["Feeder3", "Leistung"])
def test_feeders_of_one_name_are_no_hours_where_the_region_names_demand(named: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    feeders = [f"Feeder{place}" for place in range(1, 25)]
    rows: Rows = [(stamp, *[value] * 24, value) for stamp, value in naive(demand)]
    content = text(",".join(["time", *feeders, "Leistung"]), rows)
    same(read(content, tmp_path, columns={named: "demand"}), demand)


def test_numbered_columns_beside_whole_times_are_no_hours(tmp_path: Path) -> None:
    rows: Rows = [(stamp, *[value] * 24) for stamp, value in naive(days(BERLIN, SUMMER))]
    header = "time," + ",".join(f"Feeder{place}" for place in range(1, 25))
    with pytest.raises(DataError, match="no column for 'demand'"):
        read(text(header, rows), tmp_path)


@pytest.mark.parametrize("midnight", ["0:00:00", "12:00:00 AM", "00:00"])
def test_days_written_as_their_midnights_are_days(midnight: str, tmp_path: Path) -> None:
    demand = days(BERLIN, "2022-06-06")
    hours = ",".join(f"hour{hour:02d}" for hour in range(1, 25))
    rows: Rows = [
        (f"{day.month}/{day.day}/{day.year} {midnight}", 101, *values)
        for day, values in demand.groupby(local(demand).normalize())
    ]
    same(read(text(f"plan_date,respondent,{hours}", rows), tmp_path, unit="MW"), demand)


def test_days_in_columns_of_parquet_are_turned(tmp_path: Path) -> None:
    demand = days(BERLIN, "2022-06-06")
    by_day = demand.groupby(local(demand).strftime("%Y-%m-%d"))
    table = pd.DataFrame({"hour": range(1, 25), **{day: values.to_list() for day, values in by_day}})
    content = io.BytesIO()
    table.to_parquet(content)
    same(read(content.getvalue(), tmp_path, unit="MW"), demand)
