"""Times that are the ends of their intervals, as settings, a header or the file's own evidence say."""

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
    naive,
    read,
    same,
    text,
)
from trainer.errors import DataError, StampUnknownError


@pytest.mark.parametrize("day", [SPRING, AUTUMN, SUMMER])
@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_stamps_at_the_end_of_intervals(day: str, minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, day, minutes=minutes)
    same(read(text("time,demand", naive(demand, ends=True)), tmp_path, stamp="end"), by_hour(demand))


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_ends_that_were_counted_on_from_the_beginnings_by_the_clock(day: str, tmp_path: Path) -> None:
    """02:00 follows 01:00 on the day when the clocks go from 02:00 to 03:00."""
    demand = days(BERLIN, day)
    stamps = local(demand).tz_localize(None) + pd.Timedelta(hours=1)
    rows: Rows = [(f"{stamp:%Y-%m-%d %H:%M}", value) for stamp, value in zip(stamps, demand, strict=True)]
    same(read(text("time,demand", rows), tmp_path, stamp="end"), demand)


@pytest.mark.parametrize("minutes", [30, 60])
def test_whole_days_of_what_may_be_ends_are_asked_about_once(minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER, minutes=minutes)
    content = text("time,demand", naive(demand, ends=True))
    with pytest.raises(DataError, match='say it once in the region: stamp = "end" or stamp = "start"'):
        read(content, tmp_path)
    same(read(content, tmp_path, stamp="end"), by_hour(demand))
    assert read(content, tmp_path, stamp="start").frame.index[0] == demand.index[0].ceil("h") + (
        pd.Timedelta(hours=1) if minutes == 60 else pd.Timedelta(0)
    )


def test_a_header_that_speaks_of_ends_is_believed_and_told_of(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    found = read(
        text("Hour Ending,demand", naive(demand, ends=True)), tmp_path, columns={"Hour Ending": "time"}
    )
    same(found, demand)
    assert "times read as the ends of their intervals" in found.findings[0].text


def test_date_and_hours_that_end_at_24_00(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [
        (f"{s:%Y-%m-%d}", f"{s.hour + 1:02d}:00", value)
        for s, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("Day,Hour,demand", rows), tmp_path, date_columns=["Day", "Hour"]), demand)


def test_an_hour_24_speaks_against_stamps_at_the_start(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [
        (f"{s:%Y-%m-%d}", s.hour + 1, value) for s, value in zip(local(demand), demand, strict=True)
    ]
    with pytest.raises(DataError, match=r'has an hour 24.*stamp = "start"'):
        read(text("Day,Hour,demand", rows), tmp_path, date_columns=["Day", "Hour"], stamp="start")


def _hours_and_quarters(
    day: str, *, ends: bool, turned: bool, energy: bool = False
) -> tuple[Rows, pd.Series[float]]:
    """Rows of hours that become quarters midway, or the other way round; MW, or MWh of each row."""
    demand = days(BERLIN, day, minutes=15)
    hours = by_hour(demand)
    half = hours.index[len(hours) // 2 + 5]
    quarters = demand / 4 if energy else demand
    early, late = (quarters, hours) if turned else (hours, quarters)
    rows = [
        row
        for of_part, first in ((early, True), (late, False))
        for row, time in zip(naive(of_part, ends=ends), of_part.index, strict=True)
        if (time < half) is first
    ]
    return rows, hours


CHANGING = pytest.mark.parametrize(
    "day", [SPRING, AUTUMN, SUMMER, pytest.param("2022-03-19", id="turns on the day of the change")]
)


@CHANGING
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("stamp", ["start", "end"])
def test_hours_that_turn_into_quarters(day: str, stamp: str, turned: bool, tmp_path: Path) -> None:
    rows, hours = _hours_and_quarters(day, ends=stamp == "end", turned=turned)
    same(read(text("time,demand", rows), tmp_path, stamp=stamp), hours)


@CHANGING
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("stamp", ["start", "end"])
def test_energy_of_hours_that_turn_into_quarters(day: str, stamp: str, turned: bool, tmp_path: Path) -> None:
    rows, hours = _hours_and_quarters(day, ends=stamp == "end", turned=turned, energy=True)
    same(read(text("time,demand", rows), tmp_path, stamp=stamp, unit="MWh per interval"), hours)


def test_a_row_that_is_missing_makes_the_next_one_no_longer(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER, minutes=15)
    rows = naive(demand, ends=True)
    kept = [row for place, row in enumerate(rows) if place % 97 != 50]
    expected = by_hour(demand.drop(demand.index[50::97]))
    same(read(text("time,demand", kept), tmp_path, stamp="end"), expected)


@pytest.mark.parametrize("write", ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%MZ"])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_whole_days_of_what_may_be_ends_are_asked_about_by_another_clock_too(
    zone: str, write: str, tmp_path: Path
) -> None:
    new_york = region_in("America/New_York", "US")
    first = pd.Timestamp("2022-06-06", tz=zone).tz_convert("UTC")
    demand = pd.Series(range(40_000, 40_480), pd.date_range(first, periods=480, freq="h", name="time"), float)
    rows: Rows = [(f"{stamp + pd.Timedelta(hours=1):{write}}", value) for stamp, value in demand.items()]
    content = text("time,demand", rows)
    with pytest.raises(
        StampUnknownError, match='say it once in the region: stamp = "end" or stamp = "start"'
    ):
        read(content, tmp_path, new_york, stamp_timezone="UTC")
    same(read(content, tmp_path, new_york, stamp_timezone="UTC", stamp="end"), demand.rename("demand"))


@pytest.mark.parametrize("header", ["time,demand", "time (UTC),demand"])
def test_whole_days_of_the_clock_that_a_file_goes_by_are_beginnings(header: str, tmp_path: Path) -> None:
    """In winter, midnight to 23:00 in UTC are 01:00 to midnight in Berlin."""
    index = pd.date_range("2022-01-03", periods=240, freq="h", tz="UTC", name="time")
    demand = pd.Series(range(40_000, 40_240), index, float, name="demand")
    said = {"stamp_timezone": "UTC"} if "UTC" not in header else {}
    same(read(text(header, naive(demand, "UTC")), tmp_path, **said), demand)
