"""Numbers of one column with a decimal point in some rows and a comma in others: a publisher changed his."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import BERLIN, SUMMER, Rows, naive, read, same, text


@pytest.mark.parametrize("changed", [12, 200, 370])
@pytest.mark.parametrize(
    "later",
    [
        lambda value: f"{value:.1f}".replace(".", ","),
        lambda value: f"{value:,.2f}".translate(str.maketrans(",.", ".,")),
    ],
)
def test_a_decimal_sign_that_is_another_one_from_a_row_on(
    later: Callable[[float], str], changed: int, tmp_path: Path
) -> None:
    demand = days(BERLIN, SUMMER)
    rows: Rows = [
        (stamp, later(value) if place >= changed else f"{value:.1f}")
        for place, (stamp, value) in enumerate(naive(demand))
    ]
    same(read(text("time,demand", rows, ";"), tmp_path), demand)
    same(read(text("time,demand", rows[::-1], ";"), tmp_path), demand)


def test_a_number_that_is_parted_in_other_rows_is_unknown_where_both_signs_are_decimal(
    tmp_path: Path,
) -> None:
    demand = days(BERLIN, SUMMER)
    cells = [f"{value:.1f}" for value in demand]
    cells[:200] = [f"{value:,.1f}" for value in demand.iloc[:200]]
    cells[300:] = [cell.replace(".", ",") for cell in cells[300:]]
    cells[7], expected = "43,123", demand.copy()
    expected.iloc[7] = float("nan")
    rows = [(stamp, cell) for (stamp, _), cell in zip(naive(demand), cells, strict=True)]
    same(read(text("time,demand", rows, ";"), tmp_path), expected)
