"""Numbers as people write them: units, decimal signs, marks of what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.unit.data.formats.published import by_hour, days
from tests.unit.data.formats.written import (
    BERLIN,
    SUMMER,
    Rows,
    naive,
    read,
    same,
    text,
)
from trainer.errors import DataError


@pytest.mark.parametrize(
    ("unit", "factor"), [("kW", 1e3), ("GW", 1e-3), ("万kW", 0.1), ("100 MW", 0.01), ("MWh/h", 1.0)]
)
def test_units_of_power(unit: str, factor: float, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = naive((demand * factor).round(9))
    same(read(text("time,demand", rows), tmp_path, unit=unit), demand)


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_energy_of_an_interval(minutes: int, tmp_path: Path) -> None:
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
def test_decimal_signs_and_thousands(decimal: str, write: Callable[[float], str], tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [(stamp, write(value)) for stamp, value in naive(demand)]
    content = text("time,demand", rows, ";")
    same(read(content, tmp_path, decimal=decimal), demand)
    same(read(content, tmp_path), demand)  # their own evidence is enough


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
