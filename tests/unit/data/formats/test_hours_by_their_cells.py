"""Columns of days and of their hours are found by what stands in them, whatever their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.written import AUTUMN, BERLIN, SPRING, Rows, local, read, same, text
from trainer.data.proposal import proposal
from trainer.data.sources import read_source
from trainer.errors import DataError

Write = Callable[[pd.Timestamp, int], str]


def _rows(demand: pd.Series[float], date: str, hour: Write) -> Rows:
    stamps = local(demand)
    number = pd.Series(1, index=demand.index).groupby(stamps.date).cumsum()
    return [
        (s.strftime(date), hour(s, int(n)), value) for s, n, value in zip(stamps, number, demand, strict=True)
    ]


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize(
    ("header", "date", "hour", "minutes"),
    [
        pytest.param("Date,PTU,demand", "%d-%m-%Y", lambda _, n: f"{n}", 15, id="PTU"),
        pytest.param("Date,Hr_End,demand", "%Y-%m-%d", lambda s, _: f"{s.hour + 1:02d}", 60, id="Hr_End"),
        pytest.param("거래일자,거래시간,demand", "%Y%m%d", lambda s, _: f"{s.hour + 1}", 60, id="Korean"),
        pytest.param(
            "Date,Hours,demand", "%d-%m-%Y", lambda s, _: f"{s:%H} - {s.hour + 1:02d}", 60, id="00 - 01"
        ),
        pytest.param("Kuupäev,Tund,demand", "%d.%m.%Y", lambda s, _: f"{s:%H:%M}", 30, id="Estonian"),
        pytest.param(
            "Date,Time Block,demand",
            "%d-%b-%Y",
            lambda s, _: f"{s:%H:%M}-{s + pd.Timedelta(minutes=15):%H:%M}",
            15,
            id="blocks",
        ),
    ],
)
def test_hours_beside_their_day_are_found_by_their_cells(
    header: str, date: str, hour: Write, minutes: int, day: str, tmp_path: Path
) -> None:
    demand = days(BERLIN, day, minutes=minutes)
    found = read(text(header, _rows(demand, date, hour)), tmp_path)
    same(found, by_hour(demand))
    assert any("times read from columns" in finding.text for finding in found.findings)


def test_days_that_a_workbook_wrote_as_midnights_below_a_second_row_of_headers(tmp_path: Path) -> None:
    demand = days(BERLIN, SPRING)
    rows = _rows(demand, "%Y-%m-%d 00:00:00", lambda s, _: f"{s:%H:%M}")
    rows = [(day, hour, value / 2, value / 2, value / 2, value) for day, hour, value in rows]
    content = text(",,SE1,SE2,SE3,Totalt", [("Datum", "Tid", *["Förbrukn."] * 4), *rows])
    same(read(content, tmp_path, columns={"Totalt": "demand"}), demand)


def test_an_entry_names_columns_that_only_their_cells_tell(tmp_path: Path) -> None:
    rows = _rows(days(BERLIN, SPRING), "%d-%m-%Y", lambda s, _: f"{s.hour + 1}")
    for header, expected in (("Date,Uur nr,demand", ("Date", "Uur nr")), ("Date,Hour,demand", ())):
        (tmp_path / "a.csv").write_bytes(text(header, rows))
        region = replace(BERLIN, source=str(tmp_path / "a.csv"))
        assert proposal(read_source(region), region).date_columns == expected


def test_a_part_of_a_day_with_hours_of_an_unknown_name_is_told_what_to_write(tmp_path: Path) -> None:
    rows = [
        row for row in _rows(days(BERLIN, SPRING), "%d-%m-%Y", lambda s, _: f"{s.hour + 1}") if row[1] != "7"
    ]
    with pytest.raises(
        DataError, match=r"stand in column 'Uur nr'.* date_columns = \[\"Date\", \"Uur nr\"\]"
    ):
        read(text("Date,Uur nr,demand", rows), tmp_path)


def test_several_series_of_an_hour_that_clocks_repeat_are_several_series(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [
        (f"{stamp:%Y-%m-%d %H:%M}", zone, value + more)
        for stamp, value in zip(local(demand), demand, strict=True)
        for zone, more in (("N", 0), ("S", 700), ("W", 900))
    ]
    content = text("time,zone,demand", rows)
    with pytest.raises(DataError, match=r"told apart by column 'zone': N, S, W; .* where = "):
        read(content, tmp_path)
    same(read(content, tmp_path, where={"zone": "N"}), demand)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_numbers_of_hours_tell_the_day_from_a_short_year(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    number = pd.Series(1, index=demand.index).groupby(local(demand).date).cumsum()
    rows: Rows = [
        (f"{stamp:%d.%m.%y}", n, value) for stamp, n, value in zip(local(demand), number, demand, strict=True)
    ]
    same(read(text("Tag,Stunde,demand", rows), tmp_path), demand)


@pytest.mark.parametrize(
    "count",
    [
        lambda time: f"{int(time.timestamp())}",
        lambda time: f"{(time.tz_localize(None) - pd.Timestamp('1899-12-30')) / pd.Timedelta(days=1):.9f}",
    ],
    ids=["seconds since 1970", "days of a spreadsheet"],
)
def test_times_that_are_counts_are_proposed(count: Callable[[pd.Timestamp], str], tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [
        (count(time), value) for time, value in zip(pd.DatetimeIndex(demand.index), demand, strict=True)
    ]
    (tmp_path / "a.csv").write_bytes(text("ts,MW", rows))
    region = replace(BERLIN, source=str(tmp_path / "a.csv"))
    assert proposal(read_source(region), region).columns == {"ts": "time", "MW": "demand"}


def test_of_the_beginning_and_the_end_of_an_interval_the_former_is_proposed(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    utc = pd.DatetimeIndex(demand.index)
    rows: Rows = [
        (f"{a}", f"{a + pd.Timedelta(hours=1)}", value) for a, value in zip(utc, demand, strict=True)
    ]
    (tmp_path / "a.csv").write_bytes(text("startTime,endTime,MW", rows))
    region = replace(BERLIN, source=str(tmp_path / "a.csv"))
    assert proposal(read_source(region), region).columns == {"startTime": "time", "MW": "demand"}
