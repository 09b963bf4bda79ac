"""Files of NEM12, Australia's interval metering."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days, region_in
from tests.unit.data.formats.written import packed, read, same
from trainer.errors import DataError

SYDNEY = region_in("Australia/Sydney", "AU")
PERTH = region_in("Australia/Perth", "AU")
NMI = "6001234567"


def demand_of(minutes: int = 30, *, zone: str = "Etc/GMT-10") -> pd.Series[float]:
    """MW by the market's days, over the night in which Sydney's clocks go back."""
    return days(region_in(zone, "AU"), "2024-03-27", minutes=minutes)


def records(
    demand: pd.Series[float],
    *,
    nmi: str = NMI,
    suffix: str = "E1",
    unit: str = "MWh",
    zone: str = "Etc/GMT-10",
    quality: str = "A",
) -> list[str]:
    """A channel: one record of 200, and one of 300 for each day."""
    local = pd.DatetimeIndex(demand.index).tz_convert(zone)
    minutes = int((local[1] - local[0]).total_seconds() // 60)
    energy = demand.to_numpy() * minutes / 60 * {"MWh": 1, "kWh": 1e3, "Wh": 1e6, "kVArh": 1e3}[unit]
    found = [f"200,{nmi},E1B1Q1,1,{suffix},N1,METSER123,{unit},{minutes},"]
    for day in local.normalize().unique():
        values = ",".join(f"{value:.9f}" for value in energy[local.normalize() == day])
        found.append(f"300,{day:%Y%m%d},{values},{quality},,,20240501120025,20240502142516")
    return found


def nem12(*channels: list[str], first: str = "100,NEM12,202405011135,MDA1,Ret1") -> bytes:
    lines = [first, *(line for channel in channels for line in channel), "900"]
    return "\r\n".join(line for line in lines if line).encode()


@pytest.mark.parametrize("minutes", [5, 15, 30])
@pytest.mark.parametrize("unit", ["kWh", "MWh", "Wh"])
def test_days_of_intervals_are_read_in_the_market_s_time(minutes: int, unit: str, tmp_path: Path) -> None:
    demand = demand_of(minutes)
    found = read(nem12(records(demand, unit=unit)), tmp_path, SYDNEY)
    same(found, by_hour(demand))
    assert any("read as NEM12" in finding.text and "UTC+10:00" in finding.text for finding in found.findings)


@pytest.mark.parametrize("first", ["", '"100","NEM12",202405011135,MDA1,Ret1', "\ufeff100,NEM12,1,A,B"])
def test_its_first_record_may_be_quoted_or_missing(first: str, tmp_path: Path) -> None:
    demand = demand_of()
    same(read(nem12(records(demand), first=first), tmp_path, SYDNEY), by_hour(demand))


def test_in_perth_it_is_the_standard_time_of_the_west(tmp_path: Path) -> None:
    demand = demand_of(zone="Australia/Perth")
    same(read(nem12(records(demand, zone="Australia/Perth")), tmp_path, PERTH), by_hour(demand))


def test_a_region_may_name_another_clock(tmp_path: Path) -> None:
    demand = demand_of(zone="Etc/GMT-9")
    content = nem12(records(demand, zone="Etc/GMT-9"))
    same(read(content, tmp_path, SYDNEY, stamp_timezone="Etc/GMT-9"), by_hour(demand))


def test_what_comes_back_from_a_customer_and_reactive_energy_are_no_demand(tmp_path: Path) -> None:
    demand = demand_of()
    content = nem12(
        records(demand / 7, suffix="B1"),
        records(demand),
        records(demand / 9, suffix="Q1", unit="kVArh"),
    )
    found = read(content, tmp_path, SYDNEY)
    same(found, by_hour(demand))
    left = [finding.text for finding in found.findings if finding.kind == "channels_left_out"]
    assert left == [
        f"channels of no demand, left out: {NMI} B1 (MWh), {NMI} Q1 (kVArh); "
        "where = {suffix = ...} chooses one"
    ]
    same(read(content, tmp_path, SYDNEY, where={"suffix": "B1"}), by_hour(demand / 7))


def test_several_channels_and_meters_are_asked_about_and_chosen(tmp_path: Path) -> None:
    demand = demand_of()
    content = nem12(
        records(demand),
        records(demand / 5, suffix="E2"),
        records(demand / 10, nmi="6009999999"),
        records(demand / 20, nmi="6009999999", suffix="E2"),
    )
    with pytest.raises(DataError, match=rf'where = {{"channel" = "{NMI} E1"}}'):
        read(content, tmp_path, SYDNEY)
    found = read(content, tmp_path, SYDNEY, where={"nmi": "6009999999", "suffix": "E2"})
    same(found, by_hour(demand / 20))
    found = read(content, tmp_path, SYDNEY, where={"nmi": NMI, "suffix": ["E1", "E2"]})
    same(found, by_hour(demand * 1.2))


def test_days_in_several_files_are_one_series(tmp_path: Path) -> None:
    demand = demand_of()
    half = len(demand) // 2
    content = packed({"a.csv": nem12(records(demand[:half])), "b.csv": nem12(records(demand[half:]))})
    same(read(content, tmp_path, SYDNEY), by_hour(demand))


def test_what_is_marked_as_unknown_is_unmeasured_and_substitutes_are_told_of(tmp_path: Path) -> None:
    demand = demand_of()
    lines = records(demand)
    lines[3] = lines[3].replace(",A,", ",V,")
    lines[4] = lines[4].replace(",A,", ",S14,")
    lines[4:4] = ["400,1,20,A,,", "400,21,24,N,,", "400,25,48,E52,,"]
    demand.iloc[2 * 48 + 20 : 2 * 48 + 24] = np.nan
    found = read(nem12(lines), tmp_path, SYDNEY)
    same(found, by_hour(demand))
    told = next(finding for finding in found.findings if finding.kind == "quality")
    assert told.text == "values that no meter counted: unknown 4, estimated 24, substitutes 48"


def test_a_cell_left_empty_is_unmeasured(tmp_path: Path) -> None:
    demand = demand_of()
    lines = records(demand)
    cells = lines[1].split(",")
    cells[2 + 10], cells[2 + 11] = "", ""
    demand.iloc[10:12] = np.nan
    same(read(nem12([lines[0], ",".join(cells), *lines[2:]]), tmp_path, SYDNEY), by_hour(demand))


@pytest.mark.parametrize(
    ("record", "trouble"),
    [
        ("300,20240401,1,2,3,A,,,,", r"line 3 .*'300,20240401,1,2,3,A,,,,'.* has 48 values, and a mark"),
        ("300,20240431," + "1," * 48 + "A,,,,", "line 3 .*20240431"),
        ("400,40,50,A,,", "line 3 .* has intervals 1 to 48"),
        ("200,6001234567,E1,1,E1,N1,M,kWh,7,", "line 3 .* intervals of 7 minutes do not make up a day"),
        ("1.5,2.5,3.5", "line 3 .* begins like no record"),
    ],
)
def test_a_record_that_is_none_is_refused_by_its_line(record: str, trouble: str, tmp_path: Path) -> None:
    lines = records(demand_of())
    with pytest.raises(DataError, match=trouble):
        read(nem12([*lines[:2], record, *lines[2:]], first=""), tmp_path, SYDNEY)


def test_channels_of_no_energy_and_readings_of_months_are_refused_by_name(tmp_path: Path) -> None:
    content = nem12(records(demand_of(), suffix="B1"), records(demand_of(), suffix="Q1", unit="kVArh"))
    with pytest.raises(DataError, match=r"no energy that was given: 6001234567 B1 \(MWh\), 6001234567 Q1"):
        read(content, tmp_path, SYDNEY)
    with pytest.raises(DataError, match="NEM13, of meters that are read by months"):
        read(b"100,NEM13,202405011135,MDA1,Ret1\n250,1234567890,11,1,11,11\n900\n", tmp_path, SYDNEY)
    with pytest.raises(DataError, match="without a day of values"):
        read(b"100,NEM12,202405011135,MDA1,Ret1\n900\n", tmp_path, SYDNEY)
