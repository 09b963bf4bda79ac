"""The account of one reading, as people read it."""

from __future__ import annotations

import re

import pytest

from tests.unit.data.canonical_frames import TWO_WEEKS, read


@pytest.mark.parametrize(
    ("factor", "told"),
    [(1.0, r"\d\d,\d{3}\.\d MW, mean"), (1e-5, r"0\.\d{4} \.\. 0\.\d{3,4} MW, mean 0\.\d{3,4} MW")],
)
def test_demand_is_told_with_the_digits_that_it_needs(factor: float, told: str) -> None:
    _, report = read((TWO_WEEKS * factor).reset_index(names="time"))
    assert re.search(told, report.lines()[1])
