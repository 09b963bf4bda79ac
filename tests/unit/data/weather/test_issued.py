"""Weather as it was known at a moment: the newest issue up to it, and none of after it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.data.issues import issue_of
from trainer.data.weather.issued import IssuedWeather

DAY = pd.date_range("2024-03-01", periods=24, freq="h", tz="UTC")
MIDNIGHT = DAY[0]


def issued(*parts: pd.DataFrame) -> IssuedWeather:
    return IssuedWeather.of(pd.concat(parts, ignore_index=True))


def test_each_hour_is_that_of_the_newest_issue_up_to_the_origin() -> None:
    weather = issued(
        issue_of("2024-02-29 06:00", MIDNIGHT, temperature=[1.0] * 24),
        issue_of("2024-02-29 18:00", MIDNIGHT, temperature=[2.0] * 6),
        issue_of("2024-03-01 00:01", MIDNIGHT, temperature=[3.0] * 24),
    )
    known = weather.known_at(DAY, MIDNIGHT)
    assert known["temperature"].tolist() == [2.0] * 6 + [1.0] * 18
    assert known["issued_at"].iloc[[0, 23]].tolist() == [
        pd.Timestamp("2024-02-29 18:00", tz="UTC"),
        pd.Timestamp("2024-02-29 06:00", tz="UTC"),
    ]


def test_an_issue_of_the_very_moment_counts() -> None:
    weather = issued(issue_of(MIDNIGHT, MIDNIGHT, temperature=[5.0] * 2))
    assert weather.known_at(DAY[:2], MIDNIGHT)["temperature"].tolist() == [5.0, 5.0]


def test_hours_of_which_no_issue_speaks_are_unknown() -> None:
    weather = issued(issue_of("2024-02-29 18:00", DAY[2], temperature=[5.0] * 2))
    known = weather.known_at(DAY[:5], MIDNIGHT)["temperature"]
    assert known.isna().tolist() == [True, True, False, False, True]
    assert weather.known_at(DAY, pd.Timestamp("2024-01-01", tz="UTC"))["temperature"].isna().all()


def test_each_hour_may_have_an_origin_of_its_own() -> None:
    weather = issued(
        issue_of("2024-02-29 18:00", MIDNIGHT, temperature=[1.0] * 24),
        issue_of("2024-03-01 06:00", MIDNIGHT, temperature=[2.0] * 24),
    )
    origins = pd.DatetimeIndex([DAY[12], DAY[0]])
    known = weather.known_at(DAY[[12, 13]], origins)
    assert known["temperature"].tolist() == [2.0, 1.0]


def test_a_figure_that_an_issue_lacks_is_that_of_the_one_before() -> None:
    weather = issued(
        issue_of("2024-02-29 12:00", MIDNIGHT, temperature=[1.0, 1.0], humidity=[50.0, 50.0]),
        issue_of("2024-02-29 18:00", MIDNIGHT, temperature=[2.0, np.nan], humidity=[60.0, 60.0]),
    )
    known = weather.known_at(DAY[:2], MIDNIGHT)
    assert known["temperature"].tolist() == [2.0, 1.0]
    assert known["humidity"].tolist() == [60.0, 60.0]


def test_of_two_rows_of_one_issue_and_hour_the_last_wins() -> None:
    first = issue_of("2024-02-29 18:00", MIDNIGHT, temperature=[1.0])
    weather = issued(first, first.assign(temperature=7.0))
    assert weather.known_at(DAY[:1], MIDNIGHT)["temperature"].tolist() == [7.0]


def test_between_steps_of_some_hours_lies_a_line_and_none_over_a_longer_hole() -> None:
    rows = issue_of("2024-02-29 18:00", MIDNIGHT, temperature=np.arange(24.0))
    weather = issued(rows.iloc[[0, 3, 9, 17]].assign(temperature=[0.0, 3.0, 9.0, 17.0]))
    known = weather.known_at(DAY, MIDNIGHT)["temperature"]
    assert known.iloc[:10].tolist() == pytest.approx(range(10))
    assert known.iloc[10:17].isna().all()
    assert known.iloc[17] == 17.0


def test_a_line_is_drawn_for_each_column_between_its_own_values() -> None:
    humidity = [50.0, np.nan, np.nan, 80.0, np.nan]
    hourly = issue_of("2024-02-29 18:00", MIDNIGHT, temperature=np.arange(5.0), humidity=humidity)
    known = issued(hourly).known_at(DAY[:5], MIDNIGHT)
    assert known["humidity"].tolist()[:4] == pytest.approx([50.0, 60.0, 70.0, 80.0])
    assert np.isnan(known["humidity"].iloc[4])
    assert known["temperature"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_no_line_leads_from_one_issue_to_the_next() -> None:
    ends_empty = issue_of("2024-02-29 12:00", MIDNIGHT, temperature=[1.0, np.nan])
    begins_empty = issue_of("2024-02-29 18:00", DAY[2], temperature=[np.nan, 9.0])
    known = issued(ends_empty, begins_empty).known_at(DAY[:4], MIDNIGHT)["temperature"]
    assert known.tolist()[::3] == [1.0, 9.0]
    assert known.iloc[1:3].isna().all()


def test_a_later_row_without_a_figure_erases_none() -> None:
    first = issue_of("2024-02-29 18:00", MIDNIGHT, temperature=[5.0], humidity=[50.0])
    weather = issued(first, first.assign(temperature=np.nan, humidity=60.0)).known_at(DAY[:1], MIDNIGHT)
    assert weather[["temperature", "humidity"]].iloc[0].tolist() == [5.0, 60.0]


def test_quarters_of_an_hour_are_averaged() -> None:
    quarters = pd.date_range(MIDNIGHT, periods=4, freq="15min")
    rows = pd.DataFrame({"issued_at": DAY[0], "time": quarters, "temperature": [1.0, 2.0, 3.0, 4.0]})
    assert issued(rows).known_at(DAY[:1], MIDNIGHT)["temperature"].tolist() == [2.5]


@given(
    issues=st.lists(
        st.tuples(st.integers(-96, 48), st.integers(-24, 24), st.integers(1, 60)),
        min_size=1,
        max_size=12,
        unique_by=lambda issue: issue[0],
    ),
    origin=st.integers(-96, 48),
)
def test_it_is_what_looking_at_every_row_gives(issues: list[tuple[int, int, int]], origin: int) -> None:
    """`issues`: hours from midnight to the issue, from the issue to its first hour, and its length."""
    parts = [
        issue_of(
            MIDNIGHT + pd.Timedelta(hours=begun),
            MIDNIGHT + pd.Timedelta(hours=begun + first),
            temperature=np.full(length, float(number)),
        )
        for number, (begun, first, length) in enumerate(issues)
    ]
    moment = MIDNIGHT + pd.Timedelta(hours=origin)
    weather = issued(*parts)
    known = weather.known_at(DAY, moment)
    past = pd.concat(parts)
    past = past[past["issued_at"] <= moment]
    for hour, found in known["temperature"].items():
        speaking = past[past["time"] == hour]
        newest = speaking[speaking["issued_at"] == speaking["issued_at"].max()]
        assert np.isnan(found) if newest.empty else found == newest["temperature"].iloc[-1]
    later = [part.assign(issued_at=moment + pd.Timedelta(minutes=1), temperature=99.0) for part in parts]
    pd.testing.assert_frame_equal(issued(*parts, *later).known_at(DAY, moment), known)
