"""Marks of the two hours that clocks show alike when they go back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.written import AUTUMN, BERLIN, CHICAGO, Rows, local, read, same, text


@pytest.mark.parametrize("mark", [" DST", "X", "*", "B"])
def test_the_repeated_hour_may_bear_a_mark(mark: str, tmp_path: Path) -> None:
    demand = days(CHICAGO, "2021-11-01")
    stamps = local(demand, "America/Chicago")
    again = stamps.tz_localize(None).duplicated()
    rows: Rows = [
        (f"{s:%m/%d/%Y}", f"{s.hour + 1:02d}{':00' if mark == ' DST' else ''}{mark if twice else ''}", value)
        for s, twice, value in zip(stamps, again, demand, strict=True)
    ]
    found = read(text("Date,Hour,demand", rows), tmp_path, CHICAGO, date_columns=["Date", "Hour"])
    same(found, demand)


def test_marks_that_name_the_clock_tell_the_repeated_hours_whatever_their_order(tmp_path: Path) -> None:
    demand = days(CHICAGO, "2021-11-01")
    rows: Rows = [
        (f"{s:%m/%d/%Y %H:%M:%S}", s.tzname(), value)
        for s, value in zip(local(demand, "America/Chicago"), demand, strict=True)
    ]
    again = next(n for n, row in enumerate(rows) if n and rows[n - 1][0] == row[0])
    rows[again - 1], rows[again] = rows[again], rows[again - 1]
    settings = {"date_columns": ["Time Stamp", "Time Zone"]}
    same(read(text("Time Stamp,Time Zone,demand", rows), tmp_path, CHICAGO, **settings), demand)


SPELLINGS = {
    "2A:00": lambda hour, letter: f"{hour}{letter}:00",
    "02A:00:00": lambda hour, letter: f"{hour:02d}{letter}:00:00",
    "02A": lambda hour, letter: f"{hour:02d}{letter}",
    "2A": lambda hour, letter: f"{hour}{letter}",
    "2*": lambda hour, letter: f"{hour}{'*' if letter == 'B' else ''}",
    "2*:00": lambda hour, letter: f"{hour}{'*' if letter == 'B' else ''}:00",
    "02:00 DST": lambda hour, letter: f"{hour:02d}:00{' DST' if letter == 'A' else ''}",
    "02:00 B": lambda hour, letter: f"{hour:02d}:00{' B' if letter == 'B' else ''}",
}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_hours_that_clocks_repeat_may_bear_letters(spelling: str, first: int, tmp_path: Path) -> None:
    """`first`: 0 where an hour is named by its beginning, 1 where by its end."""
    demand = days(BERLIN, AUTUMN)
    stamps = local(demand)
    naive_stamps = pd.Series(stamps.tz_localize(None))
    letters = np.where(naive_stamps.duplicated(keep=False), np.where(naive_stamps.duplicated(), "B", "A"), "")
    rows: Rows = [
        (f"{s:%d.%m.%Y}", SPELLINGS[spelling](s.hour + first, str(letter)), value)
        for s, letter, value in zip(stamps, letters, demand, strict=True)
    ]
    said = {"stamp": "end"} if first else {}
    same(read(text("Day,from,demand", rows), tmp_path, date_columns=["Day", "from"], **said), demand)


@pytest.mark.parametrize("minutes", [15, 60])
def test_quarters_of_hours_that_bear_letters_in_any_order(minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN, minutes=minutes)
    stamps = pd.Series(local(demand).tz_localize(None))
    letters = np.where(stamps.duplicated(keep=False), np.where(stamps.duplicated(), "B", "A"), "")
    rows: Rows = [
        (f"{s:%d.%m.%Y} {s.hour}{letter}:{s:%M}", value)
        for s, letter, value in zip(stamps, letters, demand, strict=True)
    ]
    same(read(text("time,demand", rows), tmp_path), by_hour(demand))
    same(read(text("time,demand", sorted(rows)), tmp_path), by_hour(demand))
