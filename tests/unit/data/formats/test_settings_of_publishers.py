"""What publishers write beyond plain tables is read to its hours, and never taken for something else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days, region_in
from tests.unit.data.formats.written import (
    AUTUMN,
    BERLIN,
    SPRING,
    SUMMER,
    Rows,
    local,
    read,
    same,
    text,
)

AUCKLAND = region_in("Pacific/Auckland", "NZ")


@pytest.mark.parametrize("first", ["2021-09-20", "2022-03-28"])
def test_days_of_46_48_and_50_periods_in_a_row(first: str, tmp_path: Path) -> None:
    demand = days(AUCKLAND, first, minutes=30)
    rows: Rows = [
        (f"{day}", *of_day, *[""] * (50 - len(of_day)))
        for day, of_day in demand.groupby(local(demand, "Pacific/Auckland").date)
    ]
    header = "date," + ",".join(f"TP{place}" for place in range(1, 51))
    same(read(text(header, rows), tmp_path, AUCKLAND, unit="MW"), by_hour(demand))


@pytest.mark.parametrize("head", ["Hora {:02d}", "Values_Hour{:02d}", "Std.{}"])
def test_a_day_in_each_row_under_names_of_any_language(head: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    table = demand.to_numpy().reshape(-1, 24)
    rows: Rows = [(f"{day:%Y-%m-%d}", *row) for day, row in zip(local(demand)[::24], table, strict=True)]
    header = "Fecha," + ",".join(head.format(hour) for hour in range(1, 25))
    same(read(text(header, rows), tmp_path, wide=True, date_columns=["Fecha"], unit="MW"), demand)


@pytest.mark.parametrize("minutes", [15, 60])
def test_the_midnight_that_ends_a_day_may_bear_its_date(minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER, minutes=minutes)
    ends = local(demand) + pd.Timedelta(minutes=minutes)
    rows: Rows = [
        (f"{a:%d.%m.%Y}", f"{b:%H:%M}", value)
        for a, b, value in zip(local(demand), ends, demand, strict=True)
    ]
    content = text("Datum,bis,demand", rows)
    same(read(content, tmp_path, date_columns=["Datum", "bis"], stamp="end"), by_hour(demand))
    same(read(content, tmp_path, date_columns=["Datum", "bis"]), by_hour(demand))


@pytest.mark.parametrize("minutes", [5, 60])
def test_the_repeated_hour_of_a_file_that_begins_with_the_newest(minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN, minutes=minutes)
    rows: Rows = [
        (f"{stamp:%Y-%m-%d %H:%M}", value) for stamp, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("time,demand", rows[::-1]), tmp_path), by_hour(demand))


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_words_of_a_header_may_be_written_together(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    rows: Rows = [
        (f"{stamp + pd.Timedelta(hours=1):%m/%d/%Y %H:%M:%S}", value) for stamp, value in demand.items()
    ]
    found = read(text("GMTIntervalEnd,demand", rows), tmp_path, columns={"GMTIntervalEnd": "time"})
    same(found, demand)


@pytest.mark.parametrize("units", ["UTC,kW,-", "[UTC],[kW],[MW]"])
def test_units_may_stand_below_the_header(units: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [
        tuple(units.split(",")),
        *((f"{stamp:%Y-%m-%d %H:%M}", value * 1000, 5) for stamp, value in demand.items()),
    ]
    same(read(text("Time,Load,Wind", rows), tmp_path, columns={"Time": "time"}, stamp_timezone="UTC"), demand)


@pytest.mark.parametrize("decimal", [".", ","])
def test_days_as_spreadsheets_count_them(decimal: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    serials = (local(demand).tz_localize(None) - pd.Timestamp("1899-12-30")) / pd.Timedelta(days=1)
    rows: Rows = [
        (f"{serial:.6f}".replace(".", decimal), value) for serial, value in zip(serials, demand, strict=True)
    ]
    same(read(text("time,demand", rows, ";"), tmp_path), demand)


@pytest.mark.parametrize("kind", ["periods", "text"])
def test_an_index_of_parquet_without_a_name(kind: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SPRING)
    utc = pd.DatetimeIndex(demand.index)
    index = utc.tz_localize(None).to_period("h") if kind == "periods" else utc.astype(str)
    path = tmp_path / "a.parquet"
    demand.to_frame().set_axis(index.rename(None)).to_parquet(path)
    same(read(path.read_bytes(), tmp_path, stamp_timezone="UTC"), demand)


@pytest.mark.parametrize(
    "spelling", ["%Y%m%d;%-H", "%d;%m;%Y;%H:%M", "%Y/%m/%d;%H:00\N{FULLWIDTH TILDE}24:00"]
)
def test_parts_of_a_time_in_columns_of_their_own(spelling: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SPRING)
    rows: Rows = [
        (stamp.strftime(spelling), value) for stamp, value in zip(local(demand), demand, strict=True)
    ]
    names = [f"part {place}" for place in range(spelling.count(";") + 1)]
    found = read(text(";".join([*names, "demand"]), rows, ";"), tmp_path, date_columns=names)
    same(found, demand)
