"""What the canonical frame holds: its hours, its ends, what is hidden from a model and what is reported."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, kinds, read, same
from tests.unit.data.series import GREECE, KOREA, NOW, hours_of, load, naive
from trainer.data.validation import canonical, last_actual, stale_hours
from trainer.errors import DataError


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


@pytest.mark.parametrize(
    ("header", "factor"), [("demand (kW)", 1000), ("load_gw", 0.001), ("demand (MWh)", 1)]
)
def test_the_headers_unit_is_converted_to_megawatts(header: str, factor: float) -> None:
    rows = naive(TWO_WEEKS * factor, PLAIN).rename(columns={"demand": header})
    history, _ = read(rows)
    same(history, TWO_WEEKS)


def test_future_rows_with_weather_alone_are_welcome() -> None:
    frame = load(hours_of(KOREA, "2024-03-01", 14), KOREA)
    now = datetime(2024, 3, 10, tzinfo=UTC)
    frame.loc[frame.index >= now, "demand"] = np.nan
    found = canonical(naive(frame, KOREA), KOREA, now=now)
    history, report = found.frame, found.report
    same(history, frame)
    assert report.last_actual == "2024-03-09T23:00:00+00:00"
    assert report.last_hour == "2024-03-14T14:00:00+00:00"


def test_demand_from_as_of_on_is_masked_and_weather_kept() -> None:
    frame = load(hours_of(KOREA, "2024-03-01", 14), KOREA)
    as_of = datetime(2024, 3, 8, 12, 40, tzinfo=UTC)
    history = canonical(naive(frame, KOREA), KOREA, as_of=as_of, now=NOW).frame
    assert last_actual(history) == pd.Timestamp("2024-03-08T11:00Z")
    assert history["demand"].loc["2024-03-08T12:00Z":].isna().all()
    assert history.loc["2024-03-08T12:00Z":, ["temperature", "humidity"]].notna().all(axis=None)
    assert len(history.loc["2024-03-08T12:00Z":]) == 147


def test_rows_beyond_the_longest_horizon_after_as_of_are_left_out() -> None:
    frame = load(hours_of(KOREA, "2024-03-01", 14), KOREA)
    history = canonical(naive(frame, KOREA), KOREA, as_of=datetime(2024, 3, 4, tzinfo=UTC), now=NOW).frame
    assert history.index[-1] == pd.Timestamp("2024-03-10T23:00Z")


@settings(max_examples=20)
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
    found = canonical(perturbed, PLAIN, as_of=as_of, now=NOW)
    frame, report = found.frame, found.report
    same(frame, untouched.frame)
    assert report == untouched.report


def test_what_lies_before_since_is_left_out_and_not_told_of() -> None:
    rows = naive(TWO_WEEKS, PLAIN).drop(index=range(50, 80))
    rows.loc[10, "demand"] = -1
    since = TWO_WEEKS.index[100]
    found = canonical(rows, PLAIN, since=since, now=NOW)
    history, report = found.frame, found.report
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


def test_a_source_whose_rows_contradict_each_other_at_every_hour_is_refused() -> None:
    both = pd.concat([naive(TWO_WEEKS, PLAIN), naive(TWO_WEEKS + 1, PLAIN)])
    with pytest.raises(DataError, match="contradict each other at all of its 336 hours, at 2024-02-29T15"):
        read(both)


def test_a_source_of_times_that_lie_in_the_future_is_refused() -> None:
    later = TWO_WEEKS.set_axis(TWO_WEEKS.index + pd.Timedelta(days=365 * 40))
    with pytest.raises(DataError, match=r"lie in the future, 2064-.*; write years whole"):
        read(naive(later, PLAIN))


def test_an_empty_frame_is_refused() -> None:
    with pytest.raises(DataError, match="is empty"):
        read(pd.DataFrame({"time": [], "demand": []}))


@pytest.mark.parametrize(("after", "hours"), [(1, 0), (2, 1), (25, 24), (-5, 0)])
def test_staleness_counts_the_hours_that_could_be_known(after: int, hours: int) -> None:
    moment = TWO_WEEKS.index[-1] + timedelta(hours=after, minutes=30)
    assert stale_hours(TWO_WEEKS, moment) == hours


def test_the_report_is_json_and_reads_as_lines() -> None:
    rows = naive(TWO_WEEKS, PLAIN).assign(holiday_name="none").drop(index=50)
    _, report = read(rows)
    assert json.loads(json.dumps(report.to_dict()))["known_hours"] == 335
    assert report.to_dict()["unused_columns"] == ["holiday_name"]
    text = "\n".join(report.lines())
    assert "335 rows" in text
    assert "columns left out: holiday_name" in text
    assert "neither trained on nor scored: 1 (2024-03-03 02:00 Asia/Seoul)" in text


def test_weather_that_the_region_does_not_name_is_told_of() -> None:
    rows = naive(TWO_WEEKS, PLAIN).assign(temperature_lille=7.0, temperature_min=3.0, note="x")
    _, report = read(rows)
    assert 'weather = ["temperature"]' in "\n".join(report.lines())


def test_athens_keeps_its_days_of_23_and_25_hours_through_a_year() -> None:
    frame = load(hours_of(GREECE, "2024-01-01", 366), GREECE)
    history, report = read(naive(frame, GREECE), GREECE)
    same(history, frame)
    assert report.hours == 366 * 24
    assert report.findings == ()


def test_a_refusal_for_suspect_hours_says_since_when_they_are_and_each_reason_once() -> None:
    frame = load(hours_of(PLAIN, "2024-01-01", 40), PLAIN)
    rows = naive(frame, PLAIN)
    rows.loc[600:, "demand"] *= 1000  # from then on in kW
    twice = pd.concat([rows, rows.iloc[900:].assign(demand=lambda row: row["demand"] + 1)], ignore_index=True)
    since = frame.index[600] + pd.Timedelta(days=5)
    with pytest.raises(DataError) as refused:
        canonical(twice, PLAIN, since=since.to_pydatetime(), now=NOW)
    assert (
        f"240 are suspect, the last ones since {frame.index[600]:%Y-%m-%d %H:%M} UTC (about a thousand times "
        "off: kW?; rows contradict each other): mend the file, or accept them with the verb judge"
    ) in str(refused.value)
