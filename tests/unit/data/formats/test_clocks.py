"""The clock that times go by, and hours that clocks repeat or leave out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.formats.published import by_hour, days, region_in
from tests.unit.data.formats.written import (
    AUTUMN,
    BERLIN,
    SPRING,
    Rows,
    local,
    naive,
    read,
    same,
    text,
)
from trainer.errors import DataError


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize(
    ("zone", "said"), [("Etc/GMT-1", "standard"), ("UTC", "UTC"), ("Etc/GMT+5", "Etc/GMT+5")]
)
def test_a_region_names_the_clock_of_its_times(day: str, zone: str, said: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    same(read(text("time,demand", naive(demand, zone)), tmp_path, stamp_timezone=said), demand)


def test_a_year_of_standard_time_is_not_taken_for_local_time_in_silence(tmp_path: Path) -> None:
    index = pd.date_range("2021-01-01", "2022-01-01", freq="h", inclusive="left", tz="Etc/GMT-1")
    demand = pd.Series(np.arange(len(index)) % 977 + 40_000.0, index=index.tz_convert("UTC").rename("time"))
    content = text("time,demand", naive(demand.rename("demand"), "Etc/GMT-1"))
    with pytest.raises(DataError, match=r'go by another clock.*stamp_timezone = "standard"'):
        read(content, tmp_path)
    same(read(content, tmp_path, stamp_timezone="standard"), demand.rename("demand"))


def test_a_repeated_autumn_hour_says_local_time_whatever_the_region_says(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="showed twice: these times are local, but are said to be UTC"):
        read(text("time,demand", naive(days(BERLIN, AUTUMN))), tmp_path, stamp_timezone="UTC")


@pytest.mark.parametrize("units", ["{},kW", "[{}],[kW]", "({}),kW"])
@pytest.mark.parametrize(("said", "zone"), [("UTC", "UTC"), ("GMT", "UTC"), ("CET/CEST", "Europe/Brussels")])
def test_a_clock_named_below_the_header_is_believed_and_told_of(
    units: str, said: str, zone: str, tmp_path: Path
) -> None:
    region = region_in("Europe/Athens", "GR")
    demand = days(region, AUTUMN)
    rows: Rows = [
        tuple(units.format(said).split(",")),
        *(
            (f"{s:%Y-%m-%d %H:%M}", f"{v * 1000:.1f}")
            for s, v in zip(local(demand, zone), demand, strict=True)
        ),
    ]
    found = read(text("time,demand", rows), tmp_path, region)
    same(found, demand)
    assert any(said in finding.text and "below their header" in finding.text for finding in found.findings)


@pytest.mark.parametrize(
    "line", ["Time zone: UTC", "All times are in UTC.", "Zeitzone;GMT", "Times shown in CET/CEST"]
)
def test_a_clock_named_above_the_header_is_believed_and_told_of(line: str, tmp_path: Path) -> None:
    region = region_in("Europe/Athens", "GR")
    demand = days(region, SPRING)
    zone = "Europe/Brussels" if "CEST" in line else "UTC"
    content = f"Load of the area\n{line}\n".encode() + text("time,demand", naive(demand, zone))
    found = read(content, tmp_path, region)
    same(found, demand)
    assert any(
        "above the header" in finding.text and "times read as" in finding.text for finding in found.findings
    )


def test_the_clock_of_a_file_s_making_is_none_of_its_times(tmp_path: Path) -> None:
    demand = days(BERLIN, SPRING)
    content = b"Made on 2022-07-01 12:00 UTC; by the market\nLicence: CC-BY\n" + text(
        "time,demand", naive(demand)
    )
    same(read(content, tmp_path), demand)


ONE_CHANGE = pytest.mark.parametrize("day", [SPRING, AUTUMN])


@ONE_CHANGE
@pytest.mark.parametrize("minutes", [15, 60])
@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize(("zone", "said"), [("UTC", "UTC"), ("Etc/GMT-1", "standard")])
def test_stamps_of_another_clock_over_one_change_are_asked_about(
    day: str, minutes: int, ends: bool, zone: str, said: str, tmp_path: Path
) -> None:
    demand = days(BERLIN, day, minutes=minutes)
    content = text("time,demand", naive(demand, zone, ends=ends))
    stamp = "end" if ends else "start"
    with pytest.raises(DataError, match=r"line \d+ .* another clock.*stamp_timezone = \"standard\""):
        read(content, tmp_path, stamp=stamp)
    same(read(content, tmp_path, stamp=stamp, stamp_timezone=said), by_hour(demand))


@ONE_CHANGE
def test_numbers_of_standard_time_over_one_change_are_asked_about(day: str, tmp_path: Path) -> None:
    demand = days(BERLIN, day)
    rows: Rows = [
        (f"{s:%Y-%m-%d}", s.hour + 1, v) for s, v in zip(local(demand, "Etc/GMT-1"), demand, strict=True)
    ]
    content, columns = text("Day,Hour,demand", rows), ["Day", "Hour"]
    with pytest.raises(DataError, match='stamp_timezone = "standard"'):
        read(content, tmp_path, date_columns=columns)
    same(read(content, tmp_path, date_columns=columns, stamp_timezone="standard"), demand)


@pytest.mark.parametrize("filler", ["", "0", "0.0", "-", "n/e"])
def test_the_hour_that_never_was_may_be_filled_with_nothing(filler: str, tmp_path: Path) -> None:
    demand = days(BERLIN, SPRING)
    rows = sorted([*naive(demand), ("2022-03-27 02:00", filler)])
    same(read(text("time,demand", rows), tmp_path), demand)


def test_a_setting_says_that_an_hour_given_once_is_local_all_the_same(tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    rows = list(dict(reversed(naive(demand))).items())[::-1]
    found = read(text("time,demand", rows), tmp_path, stamp_timezone="Europe/Berlin")
    second = pd.Timestamp("2021-10-31T01:00Z")
    assert found.frame["demand"].isna().sum() == 1
    assert pd.isna(found.frame["demand"].loc[second])


@pytest.mark.parametrize("place", ["header", "title"])
def test_a_zone_that_is_named_is_believed(place: str, tmp_path: Path) -> None:
    demand = days(BERLIN, AUTUMN)
    time = "Time (America/Chicago)" if place == "header" else "time"
    title = "Time zone: America/Chicago\n\n" if place == "title" else ""
    content = title.encode() + text(f"{time},demand", naive(demand, "America/Chicago"))
    same(read(content, tmp_path, columns={time: "time"}), demand)


def test_hours_that_step_over_the_half_hour_which_clocks_left_out_say_nothing(tmp_path: Path) -> None:
    """Lord Howe's clocks change by half an hour: by its standard time these hours are never within it."""
    hours = pd.date_range("2022-03-25 23:30", "2022-10-20 22:30", freq="h")
    content = text("time,demand", [(f"{hour:%Y-%m-%d %H:%M}", 40 + n % 977) for n, hour in enumerate(hours)])
    with pytest.raises(DataError, match="these times seem to go by another clock"):
        read(content, tmp_path, region_in("Australia/Lord_Howe", "AU"))
