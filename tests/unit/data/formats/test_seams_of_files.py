"""Times of a later file that are ends of intervals, or UTC, where those before are local beginnings."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import (
    AUTUMN,
    BERLIN,
    SPRING,
    SUMMER,
    Rows,
    naive,
    packed,
    read,
    same,
    text,
)
from trainer.data.hours import SourceHours

HEADER = "time,demand"
CHANGED = 96
"""Hours of the first file: four whole days."""


def _read(demand: pd.Series[float], later: Rows, folder: Path) -> SourceHours:
    files = {"1.csv": text(HEADER, naive(demand.iloc[:CHANGED])), "2.csv": text(HEADER, later)}
    return read(packed(files), folder)


def _told(found: SourceHours) -> list[str]:
    return [finding.text for finding in found.findings if finding.kind == "seam"]


@pytest.mark.parametrize("first", [SPRING, SUMMER, AUTUMN])
@pytest.mark.parametrize(
    ("zone", "ends", "how"), [("Europe/Berlin", True, "ends of their intervals"), ("UTC", False, "UTC")]
)
def test_whole_days_that_follow_only_so_are_read_so_and_told_of(
    zone: str, ends: bool, how: str, first: str, tmp_path: Path
) -> None:
    demand = days(BERLIN, first)
    found = _read(demand, naive(demand.iloc[CHANGED:], zone, ends=ends), tmp_path)
    same(found, demand)
    assert _told(found) == [f"file '2.csv': times read as {how}, since they follow those before only so"]


def test_a_first_hour_that_is_missing_makes_no_ends_of_beginnings(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    found = _read(demand, naive(demand.iloc[CHANGED + 1 :]), tmp_path)
    expected = demand.copy()
    expected.iloc[CHANGED] = float("nan")
    same(found, expected)
    assert _told(found) == []


def _with_24(demand: pd.Series[float]) -> Rows:
    """Hours 01:00 to 24:00."""
    rows = naive(demand, ends=True)
    before = [f"{stamp:%Y-%m-%d}" for stamp in demand.index.tz_convert("Europe/Berlin")]
    return [
        (f"{day} 24:00" if stamp.endswith(" 00:00") else stamp, value)
        for day, (stamp, value) in zip(before, rows, strict=True)
    ]


@pytest.mark.parametrize("first", [SPRING, AUTUMN])
def test_days_that_end_at_24_from_a_day_on_leave_those_before_as_they_are(first: str, tmp_path: Path) -> None:
    demand = days(BERLIN, first)
    begins, ends = naive(demand.iloc[:CHANGED]), _with_24(demand.iloc[CHANGED:])
    same(read(text(HEADER, [*begins, *ends]), tmp_path), demand)
    begins, ends = naive(demand.iloc[CHANGED:]), _with_24(demand.iloc[:CHANGED])
    same(read(text(HEADER, [*ends, *begins]), tmp_path), demand)


def test_a_last_day_alone_that_ends_at_24_leaves_all_of_them_ends(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    ends = naive(demand.iloc[:-24], ends=True) + _with_24(demand.iloc[-24:])
    same(read(text(HEADER, ends), tmp_path), demand)
