"""Demand that is the sum of zones: columns of one row, or rows of several areas."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import days, region_in
from tests.unit.data.formats.workbook import workbook
from tests.unit.data.formats.written import AUTUMN, BERLIN, SUMMER, Rows, local, naive, read, same, text
from trainer.contract import FileSettings
from trainer.data.hours import SourceHours
from trainer.data.proposal import proposal
from trainer.data.sources import read_source
from trainer.errors import DataError


def _zones(demand: pd.Series[float]) -> Rows:
    return [(stamp, value, value / 4) for stamp, value in naive(demand)]


def _areas(demand: pd.Series[float], **shares: float) -> Rows:
    return [(stamp, area, value * part) for stamp, value in naive(demand) for area, part in shares.items()]


def _told(found: SourceHours, kind: str) -> list[str]:
    return [finding.text for finding in found.findings if finding.kind == kind]


def test_columns_are_added_up_and_told_of(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    found = read(
        text("time,north,south,wind", [(*row, 7) for row in _zones(demand)]),
        tmp_path,
        demand=["north", "south"],
    )
    same(found, demand * 1.25)
    assert found.mapping.headers["demand"] == "north + south"
    assert found.mapping.unused == ("wind",)
    assert _told(found, "sum") == ["demand is the sum of 2 series: 'north', 'south'"]


def test_values_of_a_column_are_added_up(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    content = text("time,area,demand", _areas(demand, N=1, S=0.5, W=9))
    same(read(content, tmp_path, where={"area": ["N", "S"]}), demand * 1.5)


def test_numbers_of_areas_are_values_too(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = [(stamp, {"N": 1, "S": 2}[area], value) for stamp, area, value in _areas(demand, N=1, S=0.5)]
    same(read(text("time,area,demand", rows), tmp_path, where={"area": [1, 2]}), demand * 1.5)


def test_areas_with_columns_for_their_zones_are_added_up_by_both(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = [(*row, row[-1] * 2) for row in _areas(demand, N=1, S=2)]
    found = read(
        text("time,area,city,land", rows), tmp_path, where={"area": ["N", "S"]}, demand=["city", "land"]
    )
    same(found, demand * 9)
    assert _told(found, "sum")[0].endswith("'N, city', 'N, land', 'S, city', 'S, land'")


def test_an_hour_at_which_a_column_is_empty_is_unmeasured(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = _zones(demand)
    rows[30] = (*rows[30][:2], "")
    rows[40] = (rows[40][0], "n/a", rows[40][2])
    rows[50] = (rows[50][0], "", "")
    found = read(text("time,north,south", rows), tmp_path, demand=["north", "south"])
    same(found, (demand * 1.25).where(~demand.index.isin(demand.index[[30, 40, 50]])))
    assert _told(found, "partial_sum") == [
        "hours at which a part of the sum is missing, taken for unmeasured: 2, the first 2022-06-07 "
        "04:00 UTC; it is 'north' at 1, 'south' at 1"
    ]


def test_an_hour_of_which_an_area_has_no_row_is_unmeasured(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = _areas(demand, N=1, S=0.5)
    found = read(text("time,area,demand", rows[:60] + rows[61:-1]), tmp_path, where={"area": ["N", "S"]})
    same(found, (demand * 1.5).where(~demand.index.isin(demand.index[[30, -1]])))


def test_an_area_that_began_later_leaves_the_hours_before_it_unmeasured(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = [row for row in _areas(demand, N=1, S=0.5) if row[1] == "N" or row[0] > "2022-06-10"]
    found = read(text("time,area,demand", rows), tmp_path, where={"area": ["N", "S"]})
    same(found, (demand * 1.5).where(local(demand) >= pd.Timestamp("2022-06-10", tz="Europe/Berlin")))


def test_areas_that_are_never_known_together_are_refused(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = [row for row in _areas(demand, N=1, S=0.5) if (row[1] == "N") == (row[0] < "2022-06-10")]
    with pytest.raises(
        DataError, match=r"no hour all of them are known: 'N' 2022-06-05 22:00 to .*; 'S' 2022-06-09 22:00 to"
    ):
        read(text("time,area,demand", rows), tmp_path, where={"area": ["N", "S"]})


def test_an_area_that_the_file_lacks_is_refused_and_never_left_out(tmp_path: Path) -> None:
    content = text("time,area,demand", _areas(days(BERLIN, SUMMER), N=1, S=0.5))
    with pytest.raises(DataError, match="no row has 'area' = 'W', as `where` says; there are N, S"):
        read(content, tmp_path, where={"area": ["N", "W"]})


def test_a_column_that_the_file_lacks_is_refused(tmp_path: Path) -> None:
    content = text("time,north,south", _zones(days(BERLIN, SUMMER)))
    with pytest.raises(DataError, match=r"demand names 'west'; found \['time', 'north', 'south'\]"):
        read(content, tmp_path, demand=["north", "west"])
    with pytest.raises(DataError, match="demand names one column twice"):
        read(content, tmp_path, demand=["north", "North"])


def test_each_summand_has_the_unit_of_its_own_header(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(stamp, value, value * 500) for stamp, value in naive(demand)]
    found = read(text("time,north [MW],south [kW]", rows), tmp_path, demand=["north [MW]", "south [kW]"])
    same(found, demand * 1.5)
    assert _told(found, "unit") == [
        "south [kW]: demand converted from kw to MW, as its column 'south [kW]' says"
    ]


def test_each_summand_has_hours_or_quarters_of_its_own(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    quarters = demand.resample("15min").ffill()
    rows: Rows = [(stamp, "N", value) for stamp, value in naive(demand)]
    rows += [(stamp, "S", value) for stamp, value in naive(quarters)]
    same(
        read(text("time,area,demand", rows[:-3]), tmp_path, where={"area": ["N", "S"]}),
        (demand * 2).where(demand.index < demand.index[-1]),
    )


def test_rows_of_one_area_that_contradict_each_other_leave_the_sum_in_doubt(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = _areas(demand, N=1, S=0.5)
    found = read(
        text("time,area,demand", [*rows, rows[60], (rows[81][0], "S", 5)]),
        tmp_path,
        where={"area": ["N", "S"]},
    )
    same(found, (demand * 1.5).where(demand.index != demand.index[40]))
    assert list(found.reasons) == [demand.index[40]]
    assert found.reasons[demand.index[40]].startswith("S: rows contradict each other")


def test_sheets_of_zones_with_headers_of_their_own_are_added_up(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    south: Rows = [(stamp, 3, value) for stamp, value in naive(demand)]
    sheets = {
        "ME": [("time", "demand"), *naive(demand)],
        "NH": [("time", "wind", "load"), *south],
        "VT": [("time", "demand"), *naive(demand * 5)],
    }
    content = workbook(sheets)
    same(read(content, tmp_path, where={"sheet": ["ME", "NH"]}), demand * 2)
    with pytest.raises(DataError, match="has no sheet 'RI', as `where` says; there are 'ME', 'NH', 'VT'"):
        read(content, tmp_path, where={"sheet": ["ME", "RI"]})


def test_tables_of_days_of_several_zones_are_added_up(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows: Rows = [
        (day, zone, *(of_day * part))
        for day, of_day in demand.groupby(local(demand).date)
        for zone, part in (("N", 1), ("S", 2), ("W", 7))
    ]
    header = "date,zone," + ",".join(f"H{hour}" for hour in range(1, 26))
    same(read(text(header, rows), tmp_path, unit="MW", where={"zone": ["N", "S"]}), demand * 3)


def test_weather_of_all_rows_and_the_operator_s_forecast_stay_as_they_are(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    weather = replace(BERLIN, weather=("temperature",))
    rows: Rows = [(*row, 20, row[1] + 1) for row in _zones(demand)]
    found = read(
        text("time,north,south,temperature,reference", rows), tmp_path, weather, demand=["north", "south"]
    )
    assert (found.frame["temperature"] == 20).all()
    same(SourceHours(found.frame[["reference"]].set_axis(["demand"], axis=1), found.mapping, ()), demand + 1)


def test_weather_of_areas_is_their_mean_and_their_operators_forecasts_are_added_up(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    weather = replace(BERLIN, weather=("temperature",))
    rows: Rows = [(*row, 10 if row[1] == "N" else 20, row[2]) for row in _areas(demand, N=1, S=0.5)]
    rows[7] = (*rows[7][:3], "", rows[7][4])
    found = read(
        text("time,area,demand,temperature,reference", rows), tmp_path, weather, where={"area": ["N", "S"]}
    )
    assert found.frame["temperature"].round(9).eq(15).all()
    assert (found.frame["reference"] - found.frame["demand"]).abs().max() < 1e-9


def test_a_format_s_own_column_of_demand_gives_way_to_the_sum(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(f"{time:%Y-%m-%dT%H:%M:%SZ}", value, value * 2) for time, value in demand.items()]
    names = [f"{zone}_load_actual_entsoe_transparency" for zone in ("DK_1", "DK_2")]
    found = read(text(",".join(["utc_timestamp", *names]), rows), tmp_path, demand=names)
    same(found, demand * 3)


def test_one_value_and_one_column_are_the_series_itself(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    content = text("time,area,north,south", [(*row, 3) for row in _areas(demand, N=1, S=0.5)])
    found = read(content, tmp_path, where={"area": ["S"]}, demand=["north"])
    same(found, demand * 0.5)
    assert not _told(found, "sum")


def test_times_that_clocks_show_twice_are_told_apart_in_each_area(tmp_path: Path) -> None:
    region = region_in("America/New_York", "US")
    demand = days(region, "2021-10-30")
    rows: Rows = [
        (stamp, area, value * part)
        for area, part in (("N", 1), ("S", 2))
        for stamp, value in naive(demand, "America/New_York")
    ]
    same(read(text("time,area,demand", rows), tmp_path, region, where={"area": ["N", "S"]}), demand * 3)


def test_the_verb_region_asks_no_more_where_the_sum_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text("Zeit,north,south", _zones(days(BERLIN, SUMMER))))
    region = replace(BERLIN, source=str(path))
    with pytest.raises(
        DataError, match=r"which column is demand\? .* 'north', 'south'; if it is the sum of several"
    ):
        proposal(read_source(region), region)
    region = replace(region, files=FileSettings(demand=("north", "south")))
    assert proposal(read_source(region), region).columns == {"Zeit": "time"}


def test_several_series_are_asked_about_with_both_ways_to_answer(tmp_path: Path) -> None:
    content = text("time,area,demand", _areas(days(BERLIN, SUMMER), N=1, S=0.5))
    with pytest.raises(
        DataError, match=r'where = \{"area" = "N"\}, or which add up .* where = \{"area" = \["N", "S"\]\}'
    ):
        read(content, tmp_path)
