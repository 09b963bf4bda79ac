"""How times are written: formats, day and month, seconds since 1970."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.written import (
    AUTUMN,
    BERLIN,
    SUMMER,
    Rows,
    local,
    naive,
    read,
    same,
    text,
)
from trainer.errors import DataError


@pytest.mark.parametrize(
    "time_format", ["%d.%m.%y %H:%M", "%y%m%d%H%M", "%H:%M %d-%b-%Y", "%A, %d %B %Y %I:%M %p", "%Y%j %H:%M"]
)
def test_a_format_of_times(time_format: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [
        (f'"{stamp.strftime(time_format)}"', value)
        for stamp, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("time,demand", rows), tmp_path, time_format=time_format), demand)


def test_a_time_that_is_not_as_its_format_says_is_refused_by_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 2, is not as time_format '%d/%m/%Y %H:%M' says"):
        read(text("time,demand", naive(days(BERLIN, SUMMER))), tmp_path, time_format="%d/%m/%Y %H:%M")


@pytest.mark.parametrize("time_format", ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"])
def test_day_and_month_are_told_apart_by_how_the_rows_follow_each_other(
    time_format: str, tmp_path: Path
) -> None:
    demand = days(BERLIN, SUMMER).iloc[:120]  # 6 to 10 June: each could be a month as well
    rows: Rows = [
        (f"{s.strftime(time_format)}", value) for s, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("time,demand", rows), tmp_path), demand)


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_seconds_since_1970(unit: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    seconds = demand.index.as_unit("s").asi8 * (1000 if unit == "ms" else 1)
    same(read(text("time,demand", list(zip(seconds, demand, strict=True))), tmp_path), demand)


@pytest.mark.parametrize("places", [3, 6, 9])
def test_finer_counts_since_1970(places: int, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN, minutes=15)
    seconds = demand.index.as_unit("s").asi8
    rows: Rows = [(f"{second}{'0' * places}", value) for second, value in zip(seconds, demand, strict=True)]
    same(read(text("time,demand", rows), tmp_path), by_hour(demand))


@pytest.mark.parametrize("spelling", ["{:d}.0", "{:d}.000", "{:.9e}"])
def test_counts_since_1970_that_went_through_a_float(spelling: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    seconds = demand.index.as_unit("s").asi8
    rows: Rows = [
        (spelling.format(int(second)), value) for second, value in zip(seconds, demand, strict=True)
    ]
    same(read(text("time,demand", rows), tmp_path), demand)


@pytest.mark.parametrize("kind", ["int64", "float64"])
def test_counts_since_1970_in_parquet(kind: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    frame = pd.DataFrame({"time": demand.index.as_unit("ms").asi8.astype(kind), "demand": demand.to_numpy()})
    path = tmp_path / "b.parquet"
    frame.to_parquet(path)
    same(read(path.read_bytes(), tmp_path), demand)


@pytest.mark.parametrize(
    "spelling", ["%d/%m/%Y %HZ", "%d/%m/%Y %H UTC", "%Y-%m-%d %HZ", "%d.%m.%Y %H+00", "%d-%b-%Y %-H Z"]
)
def test_an_hour_beside_an_offset_is_that_hour(spelling: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [(stamp.strftime(spelling), value) for stamp, value in demand.items()]
    same(read(text("time,demand", rows), tmp_path), demand)


def test_an_hour_24_beside_an_offset_says_ends(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [(f"{stamp:%d/%m/%Y} {stamp.hour + 1:02d}Z", value) for stamp, value in demand.items()]
    same(read(text("time,demand", rows), tmp_path), demand)


def test_an_hour_beyond_24_beside_an_offset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'25/10/2021 25Z' in column 'time', line 2"):
        read(text("time,demand", [("25/10/2021 25Z", 5)]), tmp_path)
