"""Dates in several columns: a year, a month and a day; a beginning and an end; a clock beside whole times."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.written import AUTUMN, BERLIN, SPRING, Rows, local, read, same, text

DAYS = pytest.mark.parametrize("day", [SPRING, AUTUMN])


@DAYS
@pytest.mark.parametrize(
    "header", ["Year,Month,Day,Hour", "Jahr,Monat,Tag,Stunde", "AÑO,MES,DIA,HORA", "년,월,일,시"]
)
@pytest.mark.parametrize("hour", [lambda t, _: t.hour, lambda _, n: n], ids=["0 to 23", "1 to 25"])
def test_a_year_a_month_a_day_and_an_hour_are_joined(
    header: str, day: str, hour: Callable[[pd.Timestamp, int], int], tmp_path: Path
) -> None:
    demand = days(BERLIN, day)
    rows: Rows = [
        (t.year, t.month, t.day, hour(t, n), value)
        for t, n, value in zip(local(demand), numbered(demand), demand, strict=True)
    ]
    same(read(text(f"{header},demand", rows), tmp_path), demand)


@DAYS
def test_a_minute_beside_them_is_joined_too(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day, minutes=15)
    rows: Rows = [
        (t.year, f"{t.month:02d}", t.day, t.hour, t.minute, value)
        for t, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("year,month,day,hour,minute,demand", rows), tmp_path), by_hour(demand))


def test_a_year_a_month_and_a_day_beside_hours_in_columns_are_its_date(tmp_path: Path) -> None:
    demand = days(BERLIN, "2022-06-06")
    rows: Rows = [
        (f"{day.year}", f"{day.month}", f"{day.day}", *values)
        for day, values in demand.groupby(local(demand).normalize())
    ]
    hours = ",".join(f"h{hour}" for hour in range(1, 25))
    same(read(text(f"year,month,day,{hours}", rows), tmp_path, unit="MW"), demand)


def test_calendar_columns_beside_whole_times_are_no_date(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    utc = pd.DatetimeIndex(demand.index)
    rows: Rows = [
        (f"{t:%Y-%m-%dT%H:%MZ}", t.year, t.month, t.day, t.hour, value)
        for t, value in zip(utc, demand, strict=True)
    ]
    same(read(text("Datetime,year,month,day,hour,demand", rows), tmp_path), demand)


@DAYS
def test_of_two_dates_with_a_clock_each_the_beginning_is_read(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    first = local(demand)
    rows: Rows = [
        (f"{a:%d.%m.%Y}", f"{a:%H:%M}", f"{b:%d.%m.%Y}", f"{b:%H:%M}", value)
        for a, b, value in zip(first, first + pd.Timedelta(hours=1), demand, strict=True)
    ]
    same(read(text("Datum von,Zeit von,Datum bis,Zeit bis,demand", rows), tmp_path), demand)


@DAYS
def test_a_clock_of_its_own_beside_whole_times_is_not_the_time(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    rows: Rows = [
        (t.isoformat(), f"{t:%H:%M}", value) for t, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("date,time,demand", rows), tmp_path), demand)


def numbered(demand: pd.Series[float]) -> list[int]:
    """The numbers of its rows within their local days."""
    return [int(n) for n in pd.Series(1, index=demand.index).groupby(local(demand).date).cumsum()]
