"""A date, an hour and an interval within it: in columns of their own, or a column for each interval."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.written import AUTUMN, BERLIN, SPRING, Rows, local, read, same, text

DAYS = pytest.mark.parametrize("day", [SPRING, AUTUMN])
HOURS = {"1 to 24": 1, "0 to 23": 0}
"""What is added to the hour that the clock shows."""


def interval(number: int, minutes: int) -> int:
    return number


def from_zero(number: int, minutes: int) -> int:
    return number - 1


def beginning(number: int, minutes: int) -> int:
    return (number - 1) * minutes


def end(number: int, minutes: int) -> int:
    return number * minutes


@DAYS
@pytest.mark.parametrize("more", HOURS.values(), ids=HOURS)
@pytest.mark.parametrize("minutes", [5, 15])
@pytest.mark.parametrize("within", [interval, from_zero, beginning, end])
def test_an_interval_within_an_hour_stands_beside_its_date(
    day: str, more: int, minutes: int, within: Callable[[int, int], int], tmp_path: Path
) -> None:
    demand = days(BERLIN, day, minutes=minutes)
    rows: Rows = [
        (f"{s:%m/%d/%Y}", s.hour + more, within(s.minute // minutes + 1, minutes), value)
        for s, value in zip(local(demand), demand, strict=True)
    ]
    content = text("DeliveryDate,DeliveryHour,DeliveryInterval,demand", rows)
    found = read(content, tmp_path)
    same(found, by_hour(demand))
    assert any("'DeliveryDate', 'DeliveryHour', 'DeliveryInterval'" in f.text for f in found.findings)
    said = ["DeliveryDate", "DeliveryHour", "DeliveryInterval"]
    same(read(content, tmp_path, date_columns=said), by_hour(demand))


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_hours_that_count_through_a_change_beside_intervals(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day, minutes=15)
    stamps = local(demand)
    place = pd.Series(1, index=demand.index).groupby(stamps.date).cumsum().to_numpy() - 1
    rows: Rows = [
        (f"{s:%Y-%m-%d}", n // 4 + 1, n % 4 + 1, value)
        for s, n, value in zip(stamps, place, demand, strict=True)
    ]
    same(read(text("Date,Hour,Quarter,demand", rows), tmp_path), by_hour(demand))


@DAYS
def test_year_month_day_hour_and_minute(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day, minutes=15)
    rows: Rows = [
        (s.year, s.month, s.day, s.hour, s.minute, 0, value)
        for s, value in zip(local(demand), demand, strict=True)
    ]
    names = ["Year", "Month", "Day", "Hour", "Minute", "Second"]
    found = read(text(",".join([*names, "demand"]), rows), tmp_path, date_columns=names)
    same(found, by_hour(demand))


def test_minutes_of_a_day_by_hour_and_minute(tmp_path: Path) -> None:
    demand = days(BERLIN, SPRING, minutes=1)
    rows: Rows = [
        (f"{s:%Y-%m-%d}", s.hour, s.minute, value) for s, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("Date,Hour,Minute,demand", rows), tmp_path), by_hour(demand))


@DAYS
@pytest.mark.parametrize("more", HOURS.values(), ids=HOURS)
@pytest.mark.parametrize(
    ("minutes", "heads"),
    [
        (15, ["00", "15", "30", "45"]),
        (15, [":15", ":30", ":45", ":60"]),
        (15, ["Q1", "Q2", "Q3", "Q4"]),
        (15, ["0 min [kW]", "15 min [kW]", "30 min [kW]", "45 min [kW]"]),
        (30, ["1", "2"]),
        (5, [f"INTERVAL{place}" for place in range(1, 13)]),
        (5, [f"Min {place}" for place in range(5, 61, 5)]),
    ],
)
def test_a_column_for_each_interval_of_an_hour(
    day: str, more: int, minutes: int, heads: list[str], tmp_path: Path
) -> None:
    demand = days(BERLIN, day, minutes=minutes)
    factor = 1000 if "kW" in heads[0] else 1
    table = np.round(demand.to_numpy() * factor, 3).reshape(-1, len(heads))
    rows: Rows = [
        (f"{s:%d.%m.%Y}", s.hour + more, *row)
        for s, row in zip(local(demand)[:: len(heads)], table, strict=True)
    ]
    said = {} if factor > 1 else {"unit": "MW"}
    same(read(text(",".join(["Datum", "Stunde", *heads]), rows), tmp_path, **said), by_hour(demand))


@pytest.mark.parametrize(
    ("date", "hour"),
    [("Date", "Hour"), ("Fecha", "Hora"), ("OPR_DT", "OPR_HR"), ("Datum", "Uhrzeit"), ("日付", "時刻")],
)
def test_a_date_and_an_hour_are_found_by_usual_names(date: str, hour: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    clock = hour in ("Uhrzeit", "時刻")
    rows: Rows = [
        (f"{s:%Y-%m-%d}", f"{s:%H:%M}" if clock else s.hour + 1, value)
        for s, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text(f"{date},{hour},demand", rows), tmp_path), demand)


def test_an_hour_beside_whole_times_is_not_theirs(tmp_path: Path) -> None:
    demand = days(BERLIN, SPRING)
    rows: Rows = [
        (f"{s:%Y-%m-%d %H:%M}", s.hour, value) for s, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("Date,Hour,demand", rows), tmp_path), demand)


@pytest.mark.parametrize(
    ("names", "write"),
    [
        ("Date,Start,End", lambda s, e: f"{s:%Y-%m-%d},{s:%H:%M},{e:%H:%M}"),
        ("Datum,Zeit von,Zeit bis", lambda s, e: f"{s:%d.%m.%Y},{s:%H:%M},{e:%H:%M}"),
        ("Day,Date,Hour", lambda s, e: f"{s:%a},{s:%d/%m/%Y},{s.hour + 1}"),
    ],
)
def test_what_else_stands_beside_a_date(
    names: str, write: Callable[[pd.Timestamp, pd.Timestamp], str], tmp_path: Path
) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [
        (*write(s, s + pd.Timedelta(hours=1)).split(","), value)
        for s, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text(f"{names},demand", rows), tmp_path), demand)
