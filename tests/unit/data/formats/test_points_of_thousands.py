"""Whether points part thousands, in columns that have no comma: 11.181 for 11181, or for 11 and a part."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.data.formats.published import days, region_in
from tests.unit.data.formats.written import BERLIN, SUMMER, naive, read, same, text
from trainer.errors import DataError

SEOUL = region_in("Asia/Seoul", "KR")
PARTED = "{:,.0f}".format
WHOLE = days(BERLIN, SUMMER).round()


def with_points(value: float) -> str:
    return PARTED(value).replace(",", ".")


def test_numbers_below_a_thousand_without_a_point_say_that_points_part_thousands(tmp_path: Path) -> None:
    demand = (WHOLE / 43).round()
    assert (demand < 1000).any()
    content = text("time,demand", [(stamp, with_points(value)) for stamp, value in naive(demand)])
    same(read(content, tmp_path), demand)


def test_two_points_in_a_number_say_that_points_part_thousands(tmp_path: Path) -> None:
    kilowatts = [(stamp, with_points(value * 20)) for stamp, value in naive(WHOLE)]
    same(read(text("time,demand [kW]", kilowatts), tmp_path), WHOLE * 20 / 1000)


def test_three_digits_behind_every_point_are_asked_about_where_points_part_thousands(tmp_path: Path) -> None:
    content = text("time,demand", [(stamp, with_points(value)) for stamp, value in naive(WHOLE)])
    with pytest.raises(DataError, match=r"line 2, can be a number of thousands.*decimal = \"\.\""):
        read(content, tmp_path)
    same(read(content, tmp_path, decimal=","), WHOLE)
    same(read(content, tmp_path, decimal="."), WHOLE / 1000)


def test_they_are_decimals_where_another_column_has_decimal_points(tmp_path: Path) -> None:
    rows = [(stamp, f"{value / 1000:.3f}", 5.5) for stamp, value in naive(WHOLE)]
    same(read(text("time,demand,temperature", rows), tmp_path), WHOLE / 1000)


def test_they_are_decimals_in_a_country_that_writes_them_so(tmp_path: Path) -> None:
    demand = days(SEOUL, SUMMER).round() / 1000
    rows = [(stamp, f"{value:.3f}") for stamp, value in naive(demand, "Asia/Seoul")]
    same(read(text("time,demand", rows), tmp_path, SEOUL), demand)


@pytest.mark.parametrize("written", ["0.981", "1234.500", "7.5"])
def test_a_number_that_points_cannot_part_says_that_they_are_decimal(written: str, tmp_path: Path) -> None:
    demand = WHOLE / 1000
    demand.iloc[3] = float(written)
    rows = [(stamp, f"{value:.3f}") for stamp, value in naive(demand)]
    rows[3] = (rows[3][0], written)
    same(read(text("time,demand", rows), tmp_path), demand)


def test_zeros_among_decimals_part_no_thousands(tmp_path: Path) -> None:
    demand = days(SEOUL, SUMMER).round() / 1000
    demand.iloc[5:9] = 0
    rows = [(stamp, f"{value:.3f}" if value else "0") for stamp, value in naive(demand, "Asia/Seoul")]
    same(read(text("time,demand", rows), tmp_path, SEOUL), demand)
