"""Local clocks, offsets and the days on which clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.data.series import GREECE, KOREA, NOW, hours_of, load, naive
from trainer.contract import Region
from trainer.data.report import DataReport
from trainer.data.sources import SourceFrame
from trainer.data.validation import canonical
from trainer.errors import DataError

SPRING, AUTUMN = "2024-03-31", "2024-10-27"


def week_around(day: str) -> pd.DataFrame:
    first = (pd.Timestamp(day) - pd.Timedelta(days=3)).strftime("%Y-%m-%d")
    return load(hours_of(GREECE, first, 7), GREECE)


def read(frame: pd.DataFrame, region: Region = GREECE) -> tuple[pd.DataFrame, DataReport]:
    found = canonical(frame, region, now=NOW)
    return found.frame, found.report


def kinds(report: DataReport) -> list[str]:
    return [finding.kind for finding in report.findings]


def same(history: pd.DataFrame, frame: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(history, frame, check_freq=False, check_index_type=False, rtol=1e-12)


def test_stamps_without_offset_are_local_time() -> None:
    history, _ = read(naive(load(hours_of(KOREA, "2024-01-01", 2), KOREA), KOREA), KOREA)
    assert history.index[0] == pd.Timestamp("2023-12-31T15:00Z")


@pytest.mark.parametrize("header", ["time_utc", "Time (UTC)", "Timestamp [GMT]", "DATE-TIME (utc)"])
def test_stamps_without_offset_under_a_header_that_says_utc_are_utc(header: str) -> None:
    frame = week_around(SPRING)
    stamped = frame.tz_localize(None).reset_index(names=header)
    history, report = read(stamped)
    same(history, frame)
    assert [finding.text for finding in report.findings] == [
        f"times read as UTC, as their header {header!r} says"
    ]


def test_stamps_with_an_offset_are_taken_at_their_word_whatever_their_header_says() -> None:
    frame = week_around(SPRING)
    stamped = frame.tz_convert("Europe/Athens").reset_index(names="Time (UTC)")
    stamped["Time (UTC)"] = stamped["Time (UTC)"].map(lambda stamp: stamp.isoformat())
    history, report = read(stamped)
    same(history, frame)
    assert report.findings == ()


@pytest.mark.parametrize("header", ["time (UTC+2)", "time [GMT +02:00]", "time (local)"])
def test_a_header_that_names_another_clock_than_utc_leaves_the_stamps_local(header: str) -> None:
    frame = week_around(SPRING)
    history, _ = read(naive(frame, GREECE).rename(columns={"time": header}))
    same(history, frame)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_a_full_local_day_of_23_or_25_hours_is_read_without_a_finding(day: str) -> None:
    frame = week_around(day)
    history, report = read(naive(frame, GREECE))
    same(history, frame)
    assert report.findings == ()
    assert len(frame.tz_convert("Europe/Athens").loc[day]) in {23, 25}


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Athens", "Asia/Seoul"])
def test_stamps_with_an_offset_are_taken_at_their_word(day: str, zone: str) -> None:
    frame = week_around(day)
    stamped = frame.tz_convert(zone).reset_index()
    stamped["time"] = stamped["time"].map(lambda stamp: stamp.isoformat())
    history, _ = read(stamped)
    same(history, frame)


def seven_months() -> pd.DataFrame:
    """Around both changes of a year, one of which says that the stamps are local."""
    return load(hours_of(GREECE, "2024-03-28", 220), GREECE)


def test_24_stamps_in_spring_lose_the_hour_that_never_was() -> None:
    frame = seven_months()
    phantom = pd.DataFrame({"time": [pd.Timestamp(f"{SPRING} 03:00")], "demand": [55_000.0]})
    history, report = read(pd.concat([naive(frame, GREECE), phantom]).sort_values("time", kind="stable"))
    same(history, frame)
    assert kinds(report) == ["nonexistent_hour"]
    assert f"{SPRING} 03:00" in report.findings[0].text


def test_24_stamps_in_autumn_leave_the_second_hour_unknown() -> None:
    frame = seven_months()
    once = naive(frame, GREECE).drop_duplicates("time")
    history, report = read(once)
    second = pd.Timestamp("2024-10-27T01:00Z")  # 03:00 again, in winter time
    assert kinds(report) == ["repeated_hour_once", "demand_gap"]
    assert np.isnan(history["demand"].loc[second])
    same(history.drop(second), frame.drop(second))


def test_a_day_of_numbered_hours_in_spring_is_moved_to_its_place() -> None:
    frame = week_around(SPRING)
    numbered = naive(frame, GREECE)
    late = (numbered["time"] >= f"{SPRING} 03:00") & (numbered["time"] < "2024-04-01")
    numbered.loc[late, "time"] -= pd.Timedelta(hours=1)
    history, report = read(numbered)
    same(history, frame)
    assert kinds(report) == ["numbered_hours"]


def test_a_file_that_begins_with_the_newest_row_keeps_the_order_of_the_repeated_hour() -> None:
    frame = week_around(AUTUMN)
    history, _ = read(naive(frame, GREECE).iloc[::-1])
    same(history, frame)


def test_two_equal_rows_for_the_repeated_hour_are_two_hours() -> None:
    frame = week_around(AUTUMN)
    frame.loc["2024-10-27T01:00Z", "demand"] = frame.loc["2024-10-27T00:00Z", "demand"]
    history, report = read(naive(frame, GREECE))
    same(history, frame)
    assert report.findings == ()


def test_a_third_row_for_the_repeated_hour_is_refused() -> None:
    rows = naive(week_around(AUTUMN), GREECE)
    third = rows[rows["time"] == f"{AUTUMN} 03:00"].head(1).assign(demand=1.0)
    with pytest.raises(DataError, match="third different row for 2024-10-27 03:00"):
        read(pd.concat([rows, third]))


@pytest.mark.parametrize(
    "spelling",
    [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y/%m/%d %H:%M",
        "%Y.%m.%d %H:%M",
        "%Y-%m-%d %-H:%M",
        "%Y%m%dT%H%M",
    ],
)
def test_year_first_spellings_are_read(spelling: str) -> None:
    frame = load(hours_of(KOREA, "2024-01-01", 2), KOREA)
    text = naive(frame, KOREA)
    text["time"] = text["time"].dt.strftime(spelling)
    history, _ = read(text, KOREA)
    same(history, frame)


@pytest.mark.parametrize("stamp", ["03/01/2024 00:00", "2024-02-30 00:00", "2024-01-01 25:00", "01.13.2024"])
def test_a_stamp_that_cannot_be_read_safely_is_refused_by_line(stamp: object) -> None:
    raw = SourceFrame(pd.DataFrame({"time": [stamp], "demand": [5.0]}), "f.csv", first_line=2)
    with pytest.raises(DataError, match=f"'{stamp}' in column 'time', line 2"):
        canonical(raw, GREECE, now=NOW)


def test_a_row_without_time_is_left_out_and_told_of() -> None:
    rows = naive(load(hours_of(GREECE, "2024-01-01", 2), GREECE), GREECE)
    rows["time"] = rows["time"].astype("str").astype("object")
    rows.loc[7, "time"] = None
    history, report = read(rows)
    assert np.isnan(history["demand"].iloc[7])
    assert "left out: 1, the first row 8" in report.findings[0].text


def test_a_damaged_time_among_many_is_left_out_and_told_of() -> None:
    rows = naive(load(hours_of(GREECE, "2024-01-01", 20), GREECE), GREECE)
    rows["time"] = rows["time"].astype("str").astype("object")
    rows.loc[7, "time"] = "2024-01-01 07:60"
    history, report = read(rows)
    assert np.isnan(history["demand"].iloc[7])
    assert "'2024-01-01 07:60' in column 'time'" in report.findings[0].text


def test_two_stamps_with_and_without_offset_do_not_tell_the_clock() -> None:
    with pytest.raises(DataError, match=r"with an offset from UTC and without one, .* row 2; which clock"):
        read(pd.DataFrame({"time": ["2024-01-01T00:00Z", "2024-01-01T01:00"], "demand": [5.0, 6.0]}))


def test_hours_that_begin_at_half_past_in_utc_are_shared_between_the_two_they_touch() -> None:
    region = replace(GREECE, timezone="Asia/Kolkata")
    rows = pd.DataFrame(
        {"time": pd.date_range("2024-01-01", periods=3, freq="h"), "demand": [10.0, 20.0, 40.0]}
    )
    history, report = read(rows, region)
    assert history["demand"].tolist() == [10.0, 15.0, 30.0, 40.0]  # the first and the last are known by half
    assert kinds(report) == ["part_past"]


def _zones_on_full_hours() -> list[str]:
    moments = [pd.Timestamp(year=2024, month=month, day=1, tz="UTC") for month in range(1, 13)]

    def full(zone: str) -> bool:
        offsets = [moment.tz_convert(ZoneInfo(zone)).utcoffset() for moment in moments]
        return all(offset is not None and offset.total_seconds() % 3600 == 0 for offset in offsets)

    return sorted(zone for zone in available_timezones() if "/" in zone and full(zone))


@settings(max_examples=60)
@given(
    zone=st.sampled_from(_zones_on_full_hours()),
    day=st.dates(date(2024, 1, 5), date(2024, 12, 20)),
)
def test_local_stamps_of_any_zone_come_back_as_the_same_hours(zone: str, day: date) -> None:
    region = replace(GREECE, timezone=zone)
    start = pd.Timestamp(day).tz_localize("UTC")
    frame = load(pd.date_range(start, periods=96, freq="h"), region)
    history, report = read(naive(frame, region), region)
    same(history, frame)
    assert report.findings == ()
