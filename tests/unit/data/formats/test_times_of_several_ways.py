"""Times of one column that are written in several ways, as where a publisher changed his from a day on."""

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
    local,
    naive,
    packed,
    read,
    same,
    text,
)
from trainer.errors import DataError

HEADER = "time,demand"


def _written(demand: pd.Series[float], time_format: str, zone: str = "Europe/Berlin") -> Rows:
    stamps = local(demand, zone)
    return [(f"{stamp:{time_format}}", value) for stamp, value in zip(stamps, demand, strict=True)]


@pytest.mark.parametrize("later", ["%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M", "%Y%m%d %H:%M", "%d %b %Y %H:%M"])
@pytest.mark.parametrize("changed", [48, 300])
def test_rows_that_are_written_otherwise_from_a_day_on(later: str, changed: int, tmp_path: Path) -> None:
    """6 to 17 June: most of these days could be months as well."""
    demand = days(BERLIN, SUMMER)
    rows = naive(demand.iloc[:changed]) + _written(demand.iloc[changed:], later)
    same(read(text(HEADER, rows), tmp_path), demand)


@pytest.mark.parametrize("newest", ["%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"])
@pytest.mark.parametrize("before", ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"])
def test_a_file_of_several_that_is_written_otherwise(newest: str, before: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN).iloc[:168]  # 25 October to the end of the month
    old, new = demand.iloc[:73], demand.iloc[73:]
    files = {
        "1.csv": text(HEADER, _written(old, before)),
        "2.csv": text(HEADER, _written(new, newest)),
    }
    same(read(packed(files), tmp_path), demand)


@pytest.mark.parametrize("first", [SPRING, AUTUMN])
@pytest.mark.parametrize("later", ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M%z"])
def test_times_that_have_an_offset_from_a_day_on_are_told_of(first: str, later: str, tmp_path: Path) -> None:
    demand = days(BERLIN, first)
    rows = naive(demand.iloc[:200]) + _written(demand.iloc[200:], later)
    found = read(text(HEADER, rows), tmp_path)
    same(found, demand)
    assert [finding.text for finding in found.findings] == [
        "times without an offset from UTC beside others with one, read by the clock of Europe/Berlin: 200, "
        "the first line 2"
    ]


def test_times_without_an_offset_that_fit_the_others_if_they_are_utc_are_asked_about(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = naive(demand.iloc[:200], "UTC") + _written(demand.iloc[200:], "%Y-%m-%dT%H:%MZ", "UTC")
    with pytest.raises(DataError, match=r'without in line 2; .* stamp_timezone = "UTC" or "Europe/Berlin"'):
        read(text(HEADER, rows), tmp_path)
    same(read(text(HEADER, rows), tmp_path, stamp_timezone="UTC"), demand)


@pytest.mark.parametrize("cut", [3, 4, 6, 7, 9, 10])
def test_a_last_row_whose_time_was_cut_off_is_lost_alone(cut: int, tmp_path: Path) -> None:
    """As where a file is read while it is written."""
    demand = days(BERLIN, SUMMER)
    whole = text(HEADER, naive(demand))
    last = whole.rstrip().rfind(b"\n") + 1
    found = read(whole[: last + 16 - cut], tmp_path)
    pd.testing.assert_series_equal(
        found.frame["demand"].dropna(), demand.iloc[:-1], check_freq=False, check_index_type=False
    )
