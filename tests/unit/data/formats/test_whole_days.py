"""Times without a zone that are whole days of the region only if they are UTC are asked about, or told of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.formats.published import days, region_in
from tests.unit.data.formats.written import BERLIN, SUMMER, local, naive, read, same, text
from trainer.errors import DataError

SEOUL = region_in("Asia/Seoul", "KR")
DEMAND = days(SEOUL, SUMMER)


def lowest_at(hour: int, demand: pd.Series[float] = DEMAND, zone: str = "Asia/Seoul") -> pd.Series[float]:
    depth = np.cos(2 * np.pi * (local(demand, zone).hour - hour) / 24)
    return (demand * 0 + 50_000 - 8_000 * depth + np.arange(len(demand))).rename("demand")


def test_utc_is_asked_about_where_nights_too_say_it(tmp_path: Path) -> None:
    demand = lowest_at(3)
    content = text("time,demand", naive(demand, "UTC"))
    with pytest.raises(DataError, match=r"lowest at 18:00 otherwise; .* stamp_timezone = \"UTC\""):
        read(content, tmp_path, SEOUL)
    same(read(content, tmp_path, SEOUL, stamp_timezone="UTC"), demand)
    read(content, tmp_path, SEOUL, stamp_timezone="Asia/Seoul")


@pytest.mark.parametrize("hour", [12, 20])
def test_it_is_told_of_where_nights_do_not_say_it(hour: int, tmp_path: Path) -> None:
    found = read(text("time,demand", naive(lowest_at(hour), "UTC")), tmp_path, SEOUL)
    (told,) = [finding.text for finding in found.findings if finding.kind == "perhaps_utc"]
    assert "from 2022-06-05 15:00 to 2022-06-21 14:00, whole days of Asia/Seoul if they are UTC" in told


def test_an_hour_or_two_of_difference_is_told_of(tmp_path: Path) -> None:
    demand = lowest_at(3, days(BERLIN, SUMMER), "Europe/Berlin")
    found = read(text("time,demand", naive(demand, "UTC")), tmp_path)
    assert [finding.kind for finding in found.findings] == ["perhaps_utc"]


@pytest.mark.parametrize("part", [slice(None), slice(5, None), slice(None, -7)])
def test_local_times_are_not_spoken_of(part: slice, tmp_path: Path) -> None:
    demand = lowest_at(3).iloc[part]
    found = read(text("time,demand", naive(demand, "Asia/Seoul")), tmp_path, SEOUL)
    same(found, demand)
    assert found.findings == ()


def test_a_window_of_local_times_that_begins_at_such_an_hour_is_read(tmp_path: Path) -> None:
    demand = lowest_at(3).iloc[15:63]
    found = read(text("time,demand", naive(demand, "Asia/Seoul")), tmp_path, SEOUL)
    same(found, demand)
    assert [finding.kind for finding in found.findings] == ["perhaps_utc"]
