"""Tables with a column for each year, and an hour of all years in a row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.formats.published import region_in
from tests.unit.data.formats.workbook import workbook
from tests.unit.data.formats.written import Rows, read, same, text
from trainer.data.proposal import proposal
from trainer.data.sources import read_source
from trainer.errors import DataError

SEOUL = region_in("Asia/Seoul", "KR")
YEARS = range(2019, 2023)
"""One of them is a leap year."""
DATES = pd.date_range("2020-01-01", "2020-12-31 23:00", freq="h")
"""The hours of a leap year."""


def demand_of(zone: str = "Asia/Seoul", *, years: range = YEARS) -> pd.Series[float]:
    """MW by UTC hour of whole local years."""
    first, last = f"{years[0]}-01-01", f"{years[-1] + 1}-01-01"
    index = pd.date_range(first, last, freq="h", tz=zone, inclusive="left").tz_convert("UTC")
    place = np.arange(len(index))
    shape = 9_000 * np.sin(2 * np.pi * (place - 8) / 24)
    return pd.Series(np.round(43_000 + shape + place * 0.1, 1), index=index.rename("time"), name="demand")


def cells(demand: pd.Series[float], zone: str = "Asia/Seoul", *, filled: object = "") -> list[list[object]]:
    """By hour of a leap year and year, with `filled` where a year has no such hour; of one that
    it has twice the first."""
    local = pd.DatetimeIndex(demand.index).tz_convert(zone)
    values = dict(zip(local.strftime("%Y-%m-%d %H")[::-1], demand[::-1], strict=True))
    years = sorted({*local.year})
    return [[values.get(f"{year}-{date:%m-%d %H}", filled) for year in years] for date in DATES]


def by_calendar(demand: pd.Series[float], *, first_hour: int = 0, filled: object = "") -> Rows:
    return [
        (date.month, date.day, date.hour + first_hour, *values)
        for date, values in zip(DATES, cells(demand, filled=filled), strict=True)
    ]


@pytest.mark.parametrize("filled", ["", 0, "0.0"])
@pytest.mark.parametrize(
    ("header", "first_hour"),
    [("month,day,hour", 0), ("Monat,Tag,Stunde", 0), ("월,일,시", 1)],
)
def test_rows_of_a_month_a_day_and_an_hour_are_read(
    header: str, first_hour: int, filled: object, tmp_path: Path
) -> None:
    demand = demand_of()
    content = text(f"{header},2019,2020,2021,2022", by_calendar(demand, first_hour=first_hour, filled=filled))
    found = read(content, tmp_path, SEOUL, unit="MW")
    same(found, demand)
    told = "columns are years, 2019 to 2022: read one after the other"
    assert told in [finding.text for finding in found.findings]


@pytest.mark.parametrize(
    ("header", "spelled"),
    [
        ("time", "%m-%d %H:%M"),
        ("time", "%d/%m %H:%M"),
        ("time", "%d-%b %H:%M"),
        ("time", "%B %d %H:%M"),
        ("일시", "%m월 %d일 %H:%M"),
        ("what,hour", "%m/%d,%H"),
        ("date,hour", "%d.%m.,%H:%M"),
    ],
)
def test_rows_of_a_month_and_a_day_in_one_text_are_read(header: str, spelled: str, tmp_path: Path) -> None:
    demand = demand_of()
    rows: Rows = [
        (*f"{date:{spelled}}".split(","), *values) for date, values in zip(DATES, cells(demand), strict=True)
    ]
    same(read(text(f"{header},2019,2020,2021,2022", rows), tmp_path, SEOUL, unit="MW"), demand)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("header", ["hour", "no"])
def test_hours_that_are_counted_through_the_year_end_earlier_in_most_years(
    header: str, first: int, tmp_path: Path
) -> None:
    demand = demand_of()
    of_year = [demand[demand.index.tz_convert("Asia/Seoul").year == year].to_list() for year in YEARS]
    rows: Rows = [
        (place + first, *(values[place] if place < len(values) else "" for values in of_year))
        for place in range(8784)
    ]
    same(read(text(f"{header},2019,2020,2021,2022", rows), tmp_path, SEOUL, unit="MW"), demand)


def test_counted_hours_may_leave_out_the_day_that_most_years_do_not_have(tmp_path: Path) -> None:
    demand = demand_of()
    rows: Rows = [(place + 1, *values) for place, values in enumerate(cells(demand))]
    same(read(text("hour,2019,2020,2021,2022", rows), tmp_path, SEOUL, unit="MW"), demand)


def test_of_ordinary_years_alone_8760_hours_are_enough(tmp_path: Path) -> None:
    demand = demand_of(years=range(2021, 2023))
    half = len(demand) // 2
    rows: Rows = [(place + 1, demand.iloc[place], demand.iloc[half + place]) for place in range(half)]
    same(read(text("hour,2021,2022", rows), tmp_path, SEOUL, unit="MW"), demand)


def test_a_year_that_is_not_over_is_read_up_to_its_last_hour(tmp_path: Path) -> None:
    demand = demand_of()[:-5000]
    same(
        read(text("month,day,hour,2019,2020,2021,2022", by_calendar(demand)), tmp_path, SEOUL, unit="MW"),
        demand,
    )


def test_hours_that_the_clocks_left_out_and_showed_twice_are_those_of_a_local_file(tmp_path: Path) -> None:
    demand = demand_of("Europe/Berlin")
    local = pd.DatetimeIndex(demand.index).tz_convert("Europe/Berlin").tz_localize(None)
    rows: Rows = [
        (date.month, date.day, date.hour, *values)
        for date, values in zip(DATES, cells(demand, "Europe/Berlin"), strict=True)
    ]
    content = text("month,day,hour,2019,2020,2021,2022", rows)
    found = read(content, tmp_path, region_in("Europe/Berlin", "DE"), unit="MW")
    same(found, demand.mask(local.duplicated()))


def test_a_workbook_below_a_title_and_a_unit_in_the_headers_are_read(tmp_path: Path) -> None:
    demand = demand_of()
    header = ["Month", "Day", "Hour", *(f"{year} (GW)" for year in YEARS)]
    rows = by_calendar(demand / 1e3)
    content = workbook({"a": [["Demand of the country"], [], header, *map(list, rows)]})
    same(read(content, tmp_path, SEOUL), demand)


def test_a_unit_that_nothing_says_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'a column for each interval or year, .* unit = "MW"'):
        read(text("month,day,hour,2019,2020,2021,2022", by_calendar(demand_of())), tmp_path, SEOUL)


def test_the_verb_region_finds_nothing_to_ask(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text("month,day,hour,2019,2020,2021,2022", by_calendar(demand_of())))
    assert proposal(read_source(SEOUL, source=str(path)), SEOUL).columns == {}


def test_demand_on_a_day_that_a_year_did_not_have_is_refused_by_its_line(tmp_path: Path) -> None:
    rows = by_calendar(demand_of(), filled=41_000)
    with pytest.raises(
        DataError, match=r"line 1418 has demand '41000' at an hour that the year 2019 did not"
    ):
        read(text("month,day,hour,2019,2020,2021,2022", rows), tmp_path, SEOUL, unit="MW")


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(place + 1, 40_000 + place, 41_000 + place) for place in range(8760)], id="a day less"),
        pytest.param([(place + 1, 40_000 + place, 41_000 + place) for place in range(8784)], id="a day more"),
        pytest.param([(place + 1, 40_000 + place, 41_000 + place) for place in range(5000)], id="a part"),
        pytest.param([("x", 40_000 + place, 41_000 + place) for place in range(8784)], id="words"),
    ],
)
def test_what_cannot_be_known_of_a_row_is_asked_about(rows: Rows, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="columns 2019, 2020 are years, and it is unclear which hour"):
        read(text("hour,2019,2020", rows), tmp_path, SEOUL, unit="MW")


def test_day_and_month_that_could_change_places_are_asked_about(tmp_path: Path) -> None:
    rows: Rows = [
        (f"{month:02d}/{day:02d} {hour:02d}:00", 40_000, 41_000)
        for month in range(1, 13)
        for day in range(1, 13)
        for hour in range(24)
    ]
    with pytest.raises(DataError, match="it is unclear which hour of its year a row is"):
        read(text("time,2021,2022", rows), tmp_path, SEOUL, unit="MW")


def test_a_column_that_the_region_names_is_read_as_before(tmp_path: Path) -> None:
    demand = demand_of(years=range(2021, 2023))
    local = pd.DatetimeIndex(demand.index).tz_convert("Asia/Seoul")
    rows: Rows = [(f"{a:%Y-%m-%d %H:%M}", value, 1) for a, value in zip(local, demand, strict=True)]
    found = read(text("time,2021,2022", rows), tmp_path, SEOUL, columns={"2021": "demand"})
    same(found, demand)


def test_years_beside_a_column_that_speaks_of_demand_are_columns_of_their_own(tmp_path: Path) -> None:
    demand = demand_of(years=range(2021, 2022))
    local = pd.DatetimeIndex(demand.index).tz_convert("Asia/Seoul")
    rows: Rows = [(f"{a:%Y-%m-%d %H:%M}", value, 1, 2) for a, value in zip(local, demand, strict=True)]
    path = tmp_path / "a.csv"
    path.write_bytes(text("time,Zapotrzebowanie,2030,2040", rows))
    assert proposal(read_source(SEOUL, source=str(path)), SEOUL).columns == {"Zapotrzebowanie": "demand"}
