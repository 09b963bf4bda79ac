"""What a source may hold, what is mended and reported, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.data.series import GREECE, KOREA, NOW, hours_of, load, naive
from trainer.contract import Region
from trainer.data.report import DataReport
from trainer.data.sources import SourceFrame
from trainer.data.validation import canonical, last_actual, stale_hours
from trainer.errors import DataError

PLAIN = replace(KOREA, weather=())
TWO_WEEKS = load(hours_of(PLAIN, "2024-03-01", 14), PLAIN)


def read(frame: pd.DataFrame, region: Region = PLAIN) -> tuple[pd.DataFrame, DataReport]:
    return canonical(frame, region, now=NOW)


def kinds(report: DataReport) -> list[str]:
    return [finding.kind for finding in report.findings]


def same(history: pd.DataFrame, frame: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(history, frame, check_freq=False, check_index_type=False, rtol=1e-12)


def with_value(value: object, row: int = 100) -> SourceFrame:
    frame = naive(TWO_WEEKS, PLAIN).astype({"demand": object})
    frame.loc[row, "demand"] = value
    return SourceFrame(frame, "f.csv", first_line=2)


def test_the_canonical_frame_is_hourly_utc_float_and_complete() -> None:
    history, _ = read(naive(TWO_WEEKS, PLAIN))
    index = history.index
    assert isinstance(index, pd.DatetimeIndex)
    assert index.name == "time"
    assert str(index.tz) == "UTC"
    assert (np.diff(index.asi8) == np.diff(index.asi8)[0]).all()
    assert (history.dtypes == "float64").all()


def test_a_canonical_frame_is_its_own_canonical_frame() -> None:
    once, _ = read(naive(TWO_WEEKS, PLAIN))
    again, report = read(once)
    same(again, once)
    assert report.findings == ()


@settings(max_examples=25, deadline=None)
@given(order=st.randoms(use_true_random=False), copies=st.lists(st.integers(0, 335), max_size=20))
def test_shuffling_and_copying_rows_never_changes_the_frame(order: object, copies: list[int]) -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    labels = [*rows.index, *copies]
    order.shuffle(labels)  # type: ignore[attr-defined]
    history, _ = read(rows.loc[labels])
    same(history, TWO_WEEKS)


def test_unsorted_rows_are_sorted_and_reported() -> None:
    history, report = read(naive(TWO_WEEKS, PLAIN).iloc[::-1])
    same(history, TWO_WEEKS)
    assert kinds(report) == ["unsorted"]


def test_identical_duplicates_are_dropped_and_reported() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    history, report = read(pd.concat([rows, rows.tail(5)]))
    same(history, TWO_WEEKS)
    assert ("duplicates", 5) in [(finding.kind, finding.count) for finding in report.findings]


def test_duplicates_that_contradict_each_other_are_refused_naming_both() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows = pd.concat([rows, rows.tail(1).assign(demand=1.5)], ignore_index=True)
    raw = SourceFrame(rows, "f.csv", first_line=2)
    with pytest.raises(
        DataError, match=r"2024-03-14 14:00 UTC \(line 337: demand .*; line 338: demand 1.5\)"
    ):
        canonical(raw, PLAIN, now=NOW)


def test_half_hourly_rows_are_averaged_to_hours() -> None:
    halves = pd.date_range("2024-03-01", periods=96, freq="30min")
    rows = pd.DataFrame({"time": halves, "demand": np.arange(96.0) + 100})
    history, report = read(rows)
    assert history["demand"].tolist() == [100.5 + 2 * n for n in range(48)]
    assert kinds(report) == ["half_hourly"]


def test_energy_per_half_hour_becomes_power() -> None:
    halves = pd.date_range("2024-03-01", periods=96, freq="30min")
    history, _ = read(pd.DataFrame({"time": halves, "demand (MWh)": np.arange(96.0) + 100}))
    assert history["demand"].iloc[0] == 201


@pytest.mark.parametrize(
    ("header", "factor"), [("demand (kW)", 1000), ("load_gw", 0.001), ("demand (MWh)", 1)]
)
def test_the_headers_unit_is_converted_to_megawatts(header: str, factor: float) -> None:
    rows = naive(TWO_WEEKS * factor, PLAIN).rename(columns={"demand": header})
    history, _ = read(rows)
    same(history, TWO_WEEKS)


@pytest.mark.parametrize("minutes", [15, 10, 1440])
def test_other_frequencies_are_refused(minutes: int) -> None:
    times = pd.date_range("2024-03-01", periods=96, freq=f"{minutes}min")
    with pytest.raises(DataError, match=f"neither hourly nor half-hourly: rows are {minutes} minutes apart"):
        read(pd.DataFrame({"time": times, "demand": np.arange(96.0) + 100}))


def test_a_series_that_turns_half_hourly_is_refused_where_it_is_hourly() -> None:
    hours = pd.date_range("2024-03-01", periods=48, freq="h")
    halves = pd.date_range("2024-03-03", periods=200, freq="30min")
    rows = pd.DataFrame({"time": hours.append(halves), "demand": np.arange(248.0) + 100})
    with pytest.raises(DataError, match="hourly in another: from 2024-02-29 15:00 UTC 48 hours have one row"):
        read(rows)


def test_a_missing_half_hour_is_a_gap_of_its_hour() -> None:
    halves = pd.date_range("2024-03-01", periods=96, freq="30min")
    _, report = read(pd.DataFrame({"time": halves, "demand": np.arange(96.0) + 100}).drop(index=21))
    assert kinds(report) == ["half_hourly", "demand_gap"]
    assert report.interpolated == ("2024-03-01T01:00:00+00:00",)


def test_a_stamp_off_the_hourly_grid_is_refused_by_row() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[7, "time"] += pd.Timedelta(minutes=20)
    with pytest.raises(DataError, match=r"2024-02-29 22:20:00 UTC in row 8 is off the grid"):
        read(rows)


@pytest.mark.parametrize("hours", [1, 2, 3])
@pytest.mark.parametrize("how", ["row missing", "cell empty"])
def test_a_gap_of_up_to_three_hours_is_interpolated_and_reported(hours: int, how: str) -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    gap = slice(50, 50 + hours - 1)
    if how == "row missing":
        rows = rows.drop(index=range(50, 50 + hours))
    else:
        rows.loc[gap, "demand"] = np.nan
    history, report = read(rows)
    line = np.linspace(TWO_WEEKS["demand"].iloc[49], TWO_WEEKS["demand"].iloc[50 + hours], hours + 2)
    np.testing.assert_allclose(history["demand"].iloc[49 : 51 + hours], line)
    assert [(finding.kind, finding.count) for finding in report.findings] == [("demand_gap", hours)]
    assert report.findings[0].text.count("2024-03-03 02:00") == 1
    assert len(report.interpolated) == hours


def test_a_gap_of_four_hours_is_refused() -> None:
    with pytest.raises(DataError, match=r"2024-03-03 02:00 \.\. 2024-03-03 05:00 \(4 h\) Asia/Seoul"):
        read(naive(TWO_WEEKS, PLAIN).drop(index=range(50, 54)))


def test_a_gap_of_a_month_is_refused_naming_its_first_and_last_hour() -> None:
    rows = naive(load(hours_of(PLAIN, "2024-01-01", 90), PLAIN), PLAIN)
    february = (rows["time"] >= "2024-02-01") & (rows["time"] < "2024-03-01")
    with pytest.raises(DataError, match=r"2024-02-01 00:00 \.\. 2024-02-29 23:00 \(696 h\).*fill them in"):
        read(rows[~february])


@pytest.mark.parametrize("value", [-5.0, 0.0])
def test_zero_and_negative_demand_is_refused_by_line_and_value(value: float) -> None:
    with pytest.raises(
        DataError, match=rf"f\.csv: {value:g} in column 'demand', line 102, is not above zero"
    ):
        canonical(with_value(value), PLAIN, now=NOW)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_demand_is_refused_by_line(value: float) -> None:
    with pytest.raises(DataError, match=r"line 102, is not finite"):
        canonical(with_value(value), PLAIN, now=NOW)


@pytest.mark.parametrize("value", ["점검중", "65,388", "6.5e", "-"])
def test_text_in_demand_is_refused_by_line_and_value(value: str) -> None:
    with pytest.raises(DataError, match=f"'{value}' in column 'demand', line 102, is no number"):
        canonical(with_value(value), PLAIN, now=NOW)


def test_numbers_written_as_text_are_numbers() -> None:
    history, _ = read(naive(TWO_WEEKS, PLAIN).astype({"demand": str}))
    same(history, TWO_WEEKS)


def test_a_flat_line_of_six_hours_is_reported() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[10:15, "demand"] = 50_000.0
    _, report = read(rows)
    assert [(finding.kind, finding.count) for finding in report.findings] == [("flat_line", 6)]


def test_five_equal_hours_are_no_finding() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[10:14, "demand"] = 50_000.0
    assert read(rows)[1].findings == ()


def test_a_flat_line_of_two_days_is_refused() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[24:71, "demand"] = 50_000.0
    with pytest.raises(
        DataError, match=r"2024-03-02 00:00 \.\. 2024-03-03 23:00 \(48 h\).*a meter was stuck"
    ):
        read(rows)


@pytest.mark.parametrize("factor", [1000, 0.001])
def test_a_change_of_unit_within_the_series_is_refused_where_it_begins(factor: float) -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[240:, "demand"] *= factor
    with pytest.raises(DataError, match=r"96 hours are 100 times off.*2024-03-11 00:00 Asia/Seoul.*kW or GW"):
        read(rows)


def test_a_series_beyond_every_grid_is_refused_as_no_megawatts() -> None:
    with pytest.raises(DataError, match="more than any grid in MW"):
        read(naive(TWO_WEEKS * 1000, PLAIN))


def test_demand_in_the_real_future_is_refused() -> None:
    now = datetime(2024, 3, 10, tzinfo=UTC)
    with pytest.raises(
        DataError, match=r"110 rows .*2024-03-10 01:00 \.\. 2024-03-14 14:00 UTC.*not history"
    ):
        canonical(naive(TWO_WEEKS, PLAIN), PLAIN, now=now)


def test_future_rows_with_weather_alone_are_welcome() -> None:
    frame = load(hours_of(KOREA, "2024-03-01", 14), KOREA)
    now = datetime(2024, 3, 10, tzinfo=UTC)
    frame.loc[frame.index >= now, "demand"] = np.nan
    history, report = canonical(naive(frame, KOREA), KOREA, now=now)
    same(history, frame)
    assert report.last_actual == "2024-03-09T23:00:00+00:00"
    assert report.last_hour == "2024-03-14T14:00:00+00:00"


def test_demand_from_as_of_on_is_masked_and_weather_kept() -> None:
    frame = load(hours_of(KOREA, "2024-03-01", 14), KOREA)
    as_of = datetime(2024, 3, 8, 12, 40, tzinfo=UTC)
    history, _ = canonical(naive(frame, KOREA), KOREA, as_of=as_of, now=NOW)
    assert last_actual(history) == pd.Timestamp("2024-03-08T11:00Z")
    assert history["demand"].loc["2024-03-08T12:00Z":].isna().all()
    assert history.loc["2024-03-08T12:00Z":, ["temperature", "humidity"]].notna().all(axis=None)
    assert len(history.loc["2024-03-08T12:00Z":]) == 147


def test_rows_beyond_the_longest_horizon_after_as_of_are_left_out() -> None:
    frame = load(hours_of(KOREA, "2024-03-01", 14), KOREA)
    history, _ = canonical(naive(frame, KOREA), KOREA, as_of=datetime(2024, 3, 4, tzinfo=UTC), now=NOW)
    assert history.index[-1] == pd.Timestamp("2024-03-10T23:00Z")


@settings(max_examples=20, deadline=None)
@given(
    hours=st.integers(30, 300),
    value=st.one_of(st.floats(allow_nan=True), st.sampled_from(["text", "", "1e9", None])),
)
def test_no_demand_after_as_of_can_change_anything_before(hours: int, value: object) -> None:
    as_of = TWO_WEEKS.index[0] + timedelta(hours=hours)
    rows = naive(TWO_WEEKS, PLAIN)
    untouched = canonical(rows, PLAIN, as_of=as_of, now=NOW)
    perturbed = rows.astype({"demand": object})
    perturbed.loc[hours:, "demand"] = value
    frame, report = canonical(perturbed, PLAIN, as_of=as_of, now=NOW)
    same(frame, untouched[0])
    assert report == untouched[1]


def test_what_lies_before_since_is_left_out_and_not_judged() -> None:
    rows = naive(TWO_WEEKS, PLAIN).drop(index=range(50, 80))
    rows.loc[10, "demand"] = -1
    since = TWO_WEEKS.index[100]
    history, report = canonical(rows, PLAIN, since=since, now=NOW)
    same(history, TWO_WEEKS.iloc[100:])
    assert report.findings == ()


def test_as_of_before_all_data_is_refused() -> None:
    with pytest.raises(DataError, match="no hour before 2020-01-01"):
        canonical(naive(TWO_WEEKS, PLAIN), PLAIN, as_of=datetime(2020, 1, 1, tzinfo=UTC), now=NOW)


def test_hours_before_the_first_demand_are_left_out() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[:23, "demand"] = np.nan
    history, report = read(rows)
    same(history, TWO_WEEKS.iloc[24:])
    assert kinds(report) == ["leading_hours"]


def test_a_source_without_any_demand_is_refused() -> None:
    with pytest.raises(DataError, match="no row has demand"):
        read(naive(TWO_WEEKS, PLAIN).assign(demand=np.nan))


def test_an_empty_frame_is_refused() -> None:
    with pytest.raises(DataError, match="is empty"):
        read(pd.DataFrame({"time": [], "demand": []}))


def test_a_single_row_is_refused() -> None:
    with pytest.raises(DataError, match="one row only"):
        read(naive(TWO_WEEKS.head(1), PLAIN))


@pytest.mark.parametrize(("after", "hours"), [(1, 0), (2, 1), (25, 24), (-5, 0)])
def test_staleness_counts_the_hours_that_could_be_known(after: int, hours: int) -> None:
    moment = TWO_WEEKS.index[-1] + timedelta(hours=after, minutes=30)
    assert stale_hours(TWO_WEEKS, moment) == hours


def test_the_report_is_json_and_reads_as_lines() -> None:
    rows = naive(TWO_WEEKS, PLAIN).assign(holiday_name="none").drop(index=50)
    _, report = read(rows)
    assert json.loads(json.dumps(report.to_dict()))["known_hours"] == 336
    assert report.to_dict()["unused_columns"] == ["holiday_name"]
    text = "\n".join(report.lines())
    assert "335 rows" in text
    assert "columns left out: holiday_name" in text
    assert "interpolated: 1 (2024-03-03 02:00 Asia/Seoul)" in text


def test_athens_keeps_its_days_of_23_and_25_hours_through_a_year() -> None:
    frame = load(hours_of(GREECE, "2024-01-01", 366), GREECE)
    history, report = read(naive(frame, GREECE), GREECE)
    same(history, frame)
    assert report.hours == 366 * 24
    assert report.findings == ()
