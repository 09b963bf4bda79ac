"""Years of other calendars: those of the Buddhist era are read, Iran's are named for what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.data.formats.published import days, region_in
from tests.unit.data.formats.written import Rows, local, read, same, text
from trainer.errors import DataError

BANGKOK = region_in("Asia/Bangkok", "TH")
DEMAND = days(BANGKOK, "2024-02-20")
"""Over a 29th of February."""


@pytest.mark.parametrize("pattern", ["{0}-%m-%d %H:%M", "%d/%m/{0} %H:%M", "{0}%m%d %H:%M"])
def test_years_of_the_buddhist_era_are_read(pattern: str, tmp_path: Path) -> None:
    rows: Rows = [
        (f"{time:{pattern.format(time.year + 543)}}", value)
        for time, value in zip(local(DEMAND, "Asia/Bangkok"), DEMAND, strict=True)
    ]
    found = read(text("time,demand", rows), tmp_path, BANGKOK)
    same(found, DEMAND)
    assert any("years of the Buddhist era, read as 543 less" in finding.text for finding in found.findings)


def test_clock_times_that_look_like_such_years_are_none(tmp_path: Path) -> None:
    rows: Rows = [
        (f"{time:%d/%m/%Y %H%M}", value)
        for time, value in zip(local(DEMAND, "Asia/Bangkok"), DEMAND, strict=True)
    ]
    same(read(text("time,demand", rows), tmp_path, BANGKOK), DEMAND)


def test_dates_of_iran_s_calendar_are_refused_by_name(tmp_path: Path) -> None:
    rows: Rows = [(f"1402/11/{day:02d} {hour:02d}:00", 500) for day in range(1, 10) for hour in range(24)]
    with pytest.raises(DataError, match=r"'1402/11/01 00:00' .* is a date of Iran's calendar; write"):
        read(text("time,demand", rows), tmp_path, region_in("Asia/Tehran", "IR"))
