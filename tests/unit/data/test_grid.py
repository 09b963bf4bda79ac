"""Rows become one per hour: which order, copies and frequencies are mended, and which refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, kinds, read, same
from tests.unit.data.series import NOW, naive
from trainer.data.sources import SourceFrame
from trainer.data.validation import canonical
from trainer.errors import DataError


@settings(max_examples=25)
@given(order=st.randoms(use_true_random=False), copies=st.lists(st.integers(0, 335), max_size=20))
def test_shuffling_and_copying_rows_never_changes_the_frame(order: object, copies: list[int]) -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    labels = [*rows.index, *copies]
    order.shuffle(labels)  # type: ignore[attr-defined]
    history, _ = read(rows.loc[labels])
    same(history, TWO_WEEKS)


def test_rows_that_contradict_each_other_make_their_hour_suspect_naming_both() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows = pd.concat([rows, rows.tail(1).assign(demand=1.5)], ignore_index=True)
    found = canonical(SourceFrame(rows, "f.csv", first_line=2), PLAIN, now=NOW)
    last = found.judged.iloc[-1]
    assert last["verdict"] == "suspect"
    assert last["reason"].startswith("rows contradict each other (line 337: demand ")
    assert last["reason"].endswith("; line 338: demand 1.5)")


def test_half_hourly_rows_are_averaged_to_hours() -> None:
    halves = pd.date_range("2024-03-01", periods=96, freq="30min")
    rows = pd.DataFrame({"time": halves, "demand": np.arange(96.0) + 100})
    history, report = read(rows)
    assert history["demand"].tolist() == [100.5 + 2 * n for n in range(48)]
    assert kinds(report) == ["averaged"]


def test_energy_per_half_hour_becomes_power() -> None:
    halves = pd.date_range("2024-03-01", periods=96, freq="30min")
    history, _ = read(pd.DataFrame({"time": halves, "demand (MWh)": np.arange(96.0) + 100}))
    assert history["demand"].iloc[0] == 201


@pytest.mark.parametrize("minutes", [1, 2, 3, 5, 10, 15, 20, 30])
def test_finer_rows_are_averaged_to_hours(minutes: int) -> None:
    times = pd.date_range("2024-03-01", periods=48 * 60 // minutes, freq=pd.Timedelta(minutes=minutes))
    history, _ = read(pd.DataFrame({"time": times, "demand": times.hour + 100.0}))
    assert history["demand"].tolist() == [100.0 + n % 24 for n in range(48)]


@pytest.mark.parametrize("minutes", [0.5, 7, 90, 1440])
def test_other_frequencies_are_refused(minutes: float) -> None:
    times = pd.date_range("2024-03-01", periods=96, freq=pd.Timedelta(minutes=minutes))
    with pytest.raises(DataError, match="has no rows of a minute up to an hour: "):
        read(pd.DataFrame({"time": times, "demand": np.arange(96.0) + 100}))


@pytest.mark.parametrize("header", ["demand", "demand (MWh)"])
def test_a_series_may_turn_from_hours_to_halves(header: str) -> None:
    hours = pd.date_range("2024-03-01", periods=100, freq="h")
    halves = pd.date_range(hours[-1] + pd.Timedelta(hours=1), periods=200, freq="30min")
    level = np.where(np.arange(300) < 100, 100.0, 50.0 if "MWh" in header else 100.0)
    level += np.arange(300) / 300  # no meter is stuck
    history, _ = read(pd.DataFrame({"time": hours.append(halves), header: level}))
    assert history["demand"].notna().all()
    np.testing.assert_allclose(history["demand"], 100, atol=2)


def test_an_hour_counts_when_half_of_it_was_measured() -> None:
    quarters = pd.date_range("2024-03-01", periods=192, freq="15min")
    rows = pd.DataFrame({"time": quarters, "demand": np.arange(192.0) + 100})
    history, _ = read(rows.drop(index=[40, 41, 60, 61, 62]))
    assert np.flatnonzero(history["demand"].isna()).tolist() == [15]
    assert history["demand"].iloc[10] == 142.5


@pytest.mark.parametrize("minutes", [7, 20])
def test_a_row_beside_the_others_grid_is_left_out_and_told_of(minutes: int) -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[7, "time"] += pd.Timedelta(minutes=minutes)
    history, report = read(rows)
    assert history["demand"].isna().sum() == 1
    assert f"2024-02-29 22:{minutes:02d}:00 UTC in row 8" in report.findings[0].text


def test_rows_beside_a_grid_that_few_keep_are_refused_by_row() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[7:60, "time"] += pd.Timedelta(minutes=20)
    with pytest.raises(DataError, match=r"2024-02-29 22:20:00 UTC in row 8 is off the grid"):
        read(rows)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Chatham", "Australia/Eucla"])
def test_hours_of_a_zone_of_quarters_are_shared_between_those_they_touch(zone: str) -> None:
    rows = pd.DataFrame(
        {"time": pd.date_range("2024-01-01", periods=4, freq="h"), "demand": [100.0, 200.0, 200.0, 200.0]}
    )
    history, _ = read(rows, replace(PLAIN, timezone=zone))
    assert history["demand"].iloc[1] == 175.0  # a quarter of an hour of the first, three of the second


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Chatham", "Australia/Eucla"])
def test_a_zone_of_quarters_takes_full_hours_of_utc(zone: str) -> None:
    rows = TWO_WEEKS.reset_index(names="time")
    history, _ = read(rows, replace(PLAIN, timezone=zone))
    same(history, TWO_WEEKS)


def test_a_single_row_is_refused() -> None:
    with pytest.raises(DataError, match="one row only"):
        read(naive(TWO_WEEKS.head(1), PLAIN))


def test_hours_on_the_clock_are_read_where_the_clocks_are_moved_by_half_an_hour() -> None:
    """Lord Howe Island, October 2024: full hours on the clock begin at half past in UTC, then do no more."""
    zone = "Australia/Lord_Howe"
    halves = pd.date_range("2024-09-28 14:00", "2024-10-12", freq="30min", tz="UTC").tz_convert(zone)
    clock = halves[halves.minute == 0]
    rows = pd.DataFrame({"time": clock.tz_localize(None), "demand": clock.hour + 100.0})
    history, report = read(rows, replace(PLAIN, timezone=zone))
    assert history["demand"].notna().all()
    assert history["demand"].loc["2024-10-08 20:00+00:00"] == 107.0  # 07:00
    assert history["demand"].loc["2024-09-29 20:00+00:00"] == 106.5  # of 06:00 and 07:00 a half each
    assert any(finding.text.startswith("hours that begin 30 minutes past") for finding in report.findings)


def test_half_past_is_off_the_grid_where_no_clock_was_moved() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[100:, "time"] += pd.Timedelta(minutes=30)
    with pytest.raises(DataError, match="off the grid"):
        read(rows)


def test_contradictions_are_told_as_one() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    again = rows.iloc[100:124].assign(demand=1.5)
    found = canonical(
        SourceFrame(pd.concat([rows, again], ignore_index=True), "f.csv", first_line=2), PLAIN, now=NOW
    )
    texts = [finding.text for finding in found.report.findings if finding.kind == "suspect"]
    assert len(texts) == 1
    assert "24, rows contradict each other (line 102: demand " in texts[0]


def test_rows_without_demand_say_nothing_against_those_that_have_it() -> None:
    """A file of October ends with a forecast of the weather, that of November with what was measured."""
    region = replace(PLAIN, weather=("temperature",))
    rows = naive(TWO_WEEKS, PLAIN).assign(temperature=10.0)
    ahead = rows.tail(24).assign(demand=np.nan, temperature=12.0)
    for both in ([rows, ahead], [ahead, rows]):
        history, report = read(pd.concat(both, ignore_index=True), region)
        same(history[["demand"]], TWO_WEEKS)
        assert (history["temperature"] == 10.0).all()
        assert "several rows that say one demand or none, taken for one row each: 24" in report.lines()[-1]


def test_rows_that_say_other_weather_beside_one_demand_leave_the_demand_measured() -> None:
    region = replace(PLAIN, weather=("temperature",))
    rows = naive(TWO_WEEKS, PLAIN).assign(temperature=10.0)
    again = pd.concat([rows, rows.tail(24).assign(temperature=12.0)], ignore_index=True)
    history, _ = read(again, region)
    same(history[["demand"]], TWO_WEEKS)
