"""How times are written: formats, day and month, seconds since 1970."""

from __future__ import annotations

from collections.abc import Callable
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
from trainer.data.stamps.fields import spellings
from trainer.errors import DataError


@pytest.mark.parametrize(
    "time_format", ["%d.%m.%y %H:%M", "%y%m%d%H%M", "%H:%M %d-%b-%Y", "%A, %d %B %Y %I:%M %p", "%Y%j %H:%M"]
)
def test_a_region_names_its_format_of_times(time_format: str, tmp_path: Path) -> None:
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
def test_seconds_and_milliseconds_since_1970_are_read(unit: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    seconds = demand.index.as_unit("s").asi8 * (1000 if unit == "ms" else 1)
    same(read(text("time,demand", list(zip(seconds, demand, strict=True))), tmp_path), demand)


@pytest.mark.parametrize("places", [3, 6, 9])
def test_finer_counts_since_1970_are_read(places: int, tmp_path: Path) -> None:
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


MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
}


@pytest.mark.parametrize("language", MONTHS)
@pytest.mark.parametrize("spelling", ["{}. {} {}", "{}-{}-{}", "{} de {} de {}"])
def test_months_by_the_names_of_a_language(language: str, spelling: str, tmp_path: Path) -> None:
    year = pd.date_range("2021-01-01", "2022-01-01", freq="6h", inclusive="left", tz="Europe/Berlin")
    names = MONTHS[language].split()
    rows: Rows = [
        (spelling.format(s.day, names[s.month - 1], s.year) + f" {s:%H:%M}", n) for n, s in enumerate(year)
    ]
    content = text("time,demand", rows)
    found = spellings(pd.Series([line.split(",")[0] for line in content.decode().splitlines()[1:]]), None)
    assert [list(reading.times()) for reading in found] == [list(year.tz_localize(None))]


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda s: f"{s:%d/%m/%Y %H:%M} GMT+{s.utcoffset().seconds // 3600}", id="GMT+2"),
        pytest.param(lambda s: f"{s:%d/%m/%Y %H:%M} UTC+0{s.utcoffset().seconds // 3600}:00", id="UTC+02:00"),
        pytest.param(lambda s: f"{s:%Y-%m-%d %H:%M}+{s.utcoffset().seconds // 3600}", id="+2"),
        pytest.param(lambda s: f"{s:%d.%m.%Y %H:%M:%S %z}", id="+0200"),
    ],
)
def test_offsets_as_people_write_them(write: Callable[[pd.Timestamp], str], tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [(write(stamp), value) for stamp, value in zip(local(demand), demand, strict=True)]
    same(read(text("time,demand", rows), tmp_path), demand)


@pytest.mark.parametrize("words", ["오전 오후", "午前 午後", "上午 下午"])
def test_halves_of_the_day_before_the_hour(words: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [
        (f"{s:%Y-%m-%d} {words.split()[s.hour // 12]} {s:%I:%M:%S}", value)
        for s, value in zip(local(demand), demand, strict=True)
    ]
    same(read(text("time,demand", rows), tmp_path), demand)


def test_times_that_are_kept_from_a_spreadsheet(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [(f'="{stamp}"', value) for stamp, value in naive(demand)]
    same(read(text("time,demand", rows), tmp_path), demand)


@pytest.mark.parametrize("spelling", ["%y/%m/%d %H:%M", "%y-%m-%d %H:%M", "%d.%m.%y %H:%M", "%m/%d/%y %H:%M"])
@pytest.mark.parametrize("day", [AUTUMN, SUMMER])
def test_years_of_two_digits_are_told_by_how_the_rows_follow_each_other(
    spelling: str, day: str, tmp_path: Path
) -> None:
    demand = days(BERLIN, day)
    rows: Rows = [(s.strftime(spelling), value) for s, value in zip(local(demand), demand, strict=True)]
    same(read(text("time,demand", rows), tmp_path), demand)


@pytest.mark.parametrize("turned", [False, True])
def test_days_and_months_that_a_spreadsheet_exchanged_are_refused(turned: bool, tmp_path: Path) -> None:
    """It took 01/04 for the fourth of January, and left 13/04 as it was."""
    index = pd.date_range("2022-01-10", "2022-06-01", freq="h", inclusive="left", tz="Europe/Berlin")
    rows: Rows = [
        (s.strftime("%m/%d/%Y %H:%M" if s.day <= 12 else "%d/%m/%Y %H:%M"), 43000 + place)
        for place, s in enumerate(index)
    ]
    with pytest.raises(
        DataError, match=r"day and month change places in column 'time'.* write the year first"
    ):
        read(text("time,demand", rows[::-1] if turned else rows), tmp_path)


def test_a_point_between_hour_and_minute(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN, minutes=15)
    rows: Rows = [(f"{s:%d/%m/%Y;%H.%M}", value) for s, value in zip(local(demand), demand, strict=True)]
    same(read(text("Data;Ora;demand", rows, ";"), tmp_path), by_hour(demand))


@pytest.mark.parametrize(
    ("spelling", "said"),
    [
        ("%d-%b-%Y %H:%M", {}),
        ("%a %d %B %Y %H:%M", {}),
        ("%b %d %Y %H:%M", {}),
        ("%d/%m/%Y %H:%M", {"time_format": "%d/%m/%Y %H:%M"}),
    ],
)
def test_one_day_of_each_month_is_not_exchanged(spelling: str, said: dict[str, str], tmp_path: Path) -> None:
    firsts = [pd.date_range(f"2022-{month:02d}-01", periods=24, freq="h") for month in range(1, 13)]
    rows: Rows = [
        (s.strftime(spelling), 40_000 + place) for place, s in enumerate(firsts[0].append(firsts[1:]))
    ]
    demand = read(text("time,demand", rows), tmp_path, **said).frame["demand"].dropna()
    assert (demand.index[0], len(demand)) == (pd.Timestamp("2021-12-31 23:00", tz="UTC"), 288)
