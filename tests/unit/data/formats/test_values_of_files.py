"""Numbers as people write them: units, decimal signs, marks of what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
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
from tests.unit.data.series import NOW
from trainer.data.sources import read_source
from trainer.data.validation import canonical
from trainer.errors import DataError


@pytest.mark.parametrize(
    ("unit", "factor"), [("kW", 1e3), ("GW", 1e-3), ("万kW", 0.1), ("100 MW", 0.01), ("MWh/h", 1.0)]
)
def test_a_region_names_its_unit_of_power(unit: str, factor: float, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = naive((demand * factor).round(9))
    same(read(text("time,demand", rows), tmp_path, unit=unit), demand)


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_energy_per_interval_becomes_power(minutes: int, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER, minutes=minutes)
    rows = naive((demand * minutes / 60).round(6))
    same(read(text("time,demand", rows), tmp_path, unit="MWh per interval"), by_hour(demand))


@pytest.mark.parametrize(
    ("decimal", "write"),
    [
        (",", lambda value: f"{value:.1f}".replace(".", ",")),
        (",", lambda value: f"{value:,.1f}".translate(str.maketrans(",.", ".,"))),
        (".", lambda value: f"{value:,.1f}"),
        (",", lambda value: f"{value:,.1f}".translate(str.maketrans(",.", " ,"))),
        (".", lambda value: f"{value:,.1f}".replace(",", "'")),
    ],
)
def test_decimal_signs_are_told_by_the_region_or_by_the_numbers_themselves(
    decimal: str, write: Callable[[float], str], tmp_path: Path
) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(stamp, write(value)) for stamp, value in naive(demand)]
    content = text("time,demand", rows, ";")
    same(read(content, tmp_path, decimal=decimal), demand)
    same(read(content, tmp_path), demand)  # their own evidence is enough


def test_thousands_that_are_parted_as_in_india(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER) * 10
    rows: Rows = [
        (stamp, f'"{int(value) // 100_000},{int(value) // 1000 % 100:02d},{value % 1000:05.1f}"')
        for stamp, value in naive(demand)
    ]
    same(read(text("time,demand", rows), tmp_path), demand)


def test_a_comma_that_can_be_both_is_asked_about(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER).round()
    rows: Rows = [(stamp, f"{value:,.0f}") for stamp, value in naive(demand)]
    with pytest.raises(DataError, match=r"'35,\d{3}' in column 'demand', line 2, .* decimal = "):
        read(text("time,demand", rows, ";"), tmp_path)
    same(read(text("time,demand", rows, ";"), tmp_path, decimal="."), demand)


@pytest.mark.parametrize("mark", ["-9999", "n/a", "99999.0"])
def test_marks_of_what_is_missing(mark: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = naive(demand)
    rows[30] = (rows[30][0], mark)
    demand.iloc[30] = np.nan
    same(read(text("time,demand", rows), tmp_path, missing=[mark]), demand)


@pytest.mark.parametrize("head", ["{:02d}:00", "H{:02d}", "HE{}"])
def test_a_day_in_each_row_without_a_unit_is_asked_about_once(head: str, tmp_path: Path) -> None:
    content = wide_in_kwh([head.format(hour + ("00" not in head)) for hour in range(24)])
    with pytest.raises(DataError, match=r'nothing says the unit of its numbers; .* unit = "MW", "kW", "kWh"'):
        read(content, tmp_path)
    same(read(content, tmp_path, unit="kWh"), days(BERLIN, SUMMER))


def wide_in_kwh(hours: list[str], *, above: str = "", unit_column: str = "") -> bytes:
    demand = days(BERLIN, SUMMER)
    table = (demand.to_numpy() * 1000).round().astype(int).reshape(-1, 24)
    more = ("kWh",) if unit_column else ()
    rows: Rows = [
        (f"{day:%Y-%m-%d}", *more, *row) for day, row in zip(local(demand)[::24], table, strict=True)
    ]
    header = ",".join(["date", *filter(None, [unit_column]), *hours])
    return above.encode() + text(header, rows)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(wide_in_kwh([f"{hour:02d}:00 [kWh]" for hour in range(24)]), id="headers"),
        pytest.param(
            wide_in_kwh([f"H{hour + 1}" for hour in range(24)], above="Demanda real, kWh\n\n"), id="above"
        ),
        pytest.param(
            wide_in_kwh([f"H{hour + 1}" for hour in range(24)], unit_column="Unidad"), id="a column"
        ),
    ],
)
def test_the_unit_of_a_day_in_each_row_is_found_beside_its_numbers(content: bytes, tmp_path: Path) -> None:
    found = read(content, tmp_path)
    same(found, days(BERLIN, SUMMER))
    assert any(finding.kind == "unit" for finding in found.findings)


def test_a_column_of_units_is_heard(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(stamp, value * 1000, "kilowatt-hours") for stamp, value in naive(demand)]
    same(read(text("time,demand,value-units", rows), tmp_path), demand)


def test_a_unit_of_something_else_above_the_header_is_not_demand_s(tmp_path: Path) -> None:
    content = b"Prices in EUR/kWh are in another file\n\n" + text("time,demand", naive(days(BERLIN, SUMMER)))
    same(read(content, tmp_path), days(BERLIN, SUMMER))


@pytest.mark.parametrize(("line", "factor"), [("単位[万kWh]", 10), ("단위: 만kW", 10), ("単位[MW平均]", 1)])
def test_units_of_ten_thousands_above_the_header(line: str, factor: float, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(stamp, round(value / factor, 2)) for stamp, value in naive(demand)]
    same(read(f"{line},\n".encode() + text("time,demand", rows), tmp_path), demand)


@pytest.mark.parametrize("header", ["power_w", "Leistung in W", "Netto W (brutto)", "P [W]", "Споживання Вт"])
def test_a_header_in_watts_is_heard(header: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(stamp, f"{value * 1e6:.0f}") for stamp, value in naive(demand)]
    same(read(text(f"time,{header}", rows), tmp_path, columns={header: "demand"}), demand)


def test_a_header_of_thousands_of_megawatts_is_heard(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(stamp, f"{value / 1000:.6f}") for stamp, value in naive(demand)]
    header = "Load ('000 MW)"
    same(read(text(f"time,{header}", rows), tmp_path, columns={header: "demand"}), demand)


@pytest.mark.parametrize("header", ["Demand kVA", "S [MVA]", "Strom (A)", "Q_kvar"])
def test_what_is_no_power_is_refused(header: str, tmp_path: Path) -> None:
    content = text(f"time,{header}", naive(days(BERLIN, SUMMER)))
    with pytest.raises(DataError, match=r"which is no power; .* unit = \"kW\""):
        read(content, tmp_path, columns={header: "demand"})


def test_readings_of_a_meter_that_counts_on_are_refused(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [
        (stamp, total) for (stamp, _), total in zip(naive(demand), demand.cumsum().round(1), strict=True)
    ]
    with pytest.raises(DataError, match="never falls in 384 rows, as the readings of a meter"):
        read(text("time,demand (kWh)", rows), tmp_path)


def test_consumption_that_is_written_below_zero_is_asked_about(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    content = text("time,demand", naive(-demand))
    path = tmp_path / "b.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r'all of it is below zero: .* unit = "-MW"'):
        canonical(read_source(BERLIN, source=str(path)), BERLIN, now=NOW)
    same(read(content, tmp_path, unit="-MW"), demand)
    same(read(text("time,demand", naive(-demand * 1000)), tmp_path, unit="-kWh"), demand)


def test_samples_at_uneven_times_are_averaged_by_the_hour(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER, minutes=10)
    late = np.random.default_rng(1).integers(0, 60, len(demand))
    rows: Rows = [
        (f"{stamp + pd.Timedelta(seconds=int(seconds)):%d-%m-%Y %H:%M:%S}", value)
        for stamp, seconds, value in zip(local(demand), late, demand, strict=True)
    ]
    found = read(text("Data,demand [MW]", rows), tmp_path, columns={"Data": "time"})
    same(found, by_hour(demand))
    assert any("samples about every 10 minutes at uneven times" in f.text for f in found.findings)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("pattern", ["%d-%m-%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"])
def test_samples_of_a_clock_that_goes_back_are_told_apart_by_their_order(
    pattern: str, newest_first: bool, tmp_path: Path
) -> None:
    demand = days(BERLIN, AUTUMN, minutes=10)
    rows: Rows = [
        (f"{stamp + pd.Timedelta(seconds=n % 7):{pattern}}", value)
        for n, (stamp, value) in enumerate(zip(local(demand), demand, strict=True))
    ]
    found = read(text("time,demand [MW]", rows[::-1] if newest_first else rows), tmp_path)
    same(found, by_hour(demand))


def test_energy_at_uneven_times_is_refused(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER, minutes=10)
    rows: Rows = [
        (f"{stamp + pd.Timedelta(seconds=n % 59):%Y-%m-%d %H:%M:%S}", value)
        for n, (stamp, value) in enumerate(zip(local(demand), demand, strict=True))
    ]
    with pytest.raises(DataError, match="off the grid"):
        read(text("time,demand (kWh)", rows), tmp_path)
