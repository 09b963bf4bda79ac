"""Actual demand and weather: stored once, corrected where they change, read back as they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest

from trainer.database import connect
from trainer.database.actuals import read_actuals, stored_weather, upsert_actuals
from trainer.errors import DataError

pytestmark = pytest.mark.integration

START = pd.Timestamp("2020-10-25T00:00Z")  # the clocks change in Greece on this day


def history(hours: int = 48) -> pd.DataFrame:
    index = pd.date_range(START, periods=hours, freq="h", name="time")
    steps = np.arange(hours, dtype="float64")
    return pd.DataFrame({"demand": 5000 + steps / 3, "temperature": -2 + steps / 7}, index=index)


def store(url: str, frame: pd.DataFrame, region: str = "GR") -> int:
    with connect(url) as connection:
        return upsert_actuals(connection, frame, region=region, source="test")


def read(url: str, *args: Any, weather: tuple[str, ...] = ("temperature",)) -> pd.DataFrame:
    with connect(url) as connection:
        return read_actuals(connection, "GR", *args, weather=weather)


def test_what_is_stored_is_read_back_to_the_last_digit(database_url: str) -> None:
    frame = history()
    frame.loc[frame.index[-24:], "demand"] = np.nan
    frame.loc[frame.index[3], "temperature"] = np.nan

    assert store(database_url, frame) == 48

    pd.testing.assert_frame_equal(read(database_url), frame, check_freq=False)


def test_the_operator_s_own_forecast_is_read_where_it_is_asked_for(database_url: str) -> None:
    store(database_url, history().assign(reference=5100.0))
    with connect(database_url) as connection:
        asked = read_actuals(connection, "GR", reference=True)
    assert list(asked.columns) == ["demand", "reference"]
    assert (asked["reference"] == 5100).all()
    assert "reference" not in read(database_url)


def test_names_of_stored_weather_are_those_of_the_hours_asked_for(database_url: str) -> None:
    middle = START + pd.Timedelta(hours=24)
    frame = history()
    store(database_url, frame.assign(temperature_athens=frame["temperature"].where(frame.index < middle)))
    with connect(database_url) as connection:
        assert stored_weather(connection, "GR") == ["temperature", "temperature_athens"]
        assert stored_weather(connection, "GR", middle.to_pydatetime()) == ["temperature"]
        assert stored_weather(connection, "KR") == []


def test_the_same_frame_again_changes_no_row(database_url: str) -> None:
    store(database_url, history())

    assert store(database_url, history()) == 0


def test_only_corrected_hours_are_written_again(database_url: str) -> None:
    store(database_url, history())
    corrected = history()
    corrected.loc[START, "demand"] = 4999.0
    corrected.loc[START + pd.Timedelta(hours=5), "temperature"] = 20.0

    assert store(database_url, corrected) == 2

    pd.testing.assert_frame_equal(read(database_url), corrected, check_freq=False)


def test_an_unknown_figure_does_not_erase_a_known_one(database_url: str) -> None:
    store(database_url, history())
    masked = history()
    masked["demand"] = np.nan
    masked["temperature"] = np.nan

    assert store(database_url, masked) == 0

    pd.testing.assert_frame_equal(read(database_url), history(), check_freq=False)


def test_another_weather_variable_joins_those_that_are_there(database_url: str) -> None:
    store(database_url, history())
    store(database_url, pd.DataFrame({"demand": np.nan, "humidity": 60.0}, index=history().index))

    frame = read(database_url, weather=("temperature", "humidity"))

    assert list(frame.columns) == ["demand", "temperature", "humidity"]
    assert frame.notna().all(axis=None)


def test_the_operator_s_own_forecast_is_stored_beside_demand(database_url: str) -> None:
    store(database_url, history().assign(reference=5100.0))
    store(database_url, history())  # a source without one erases nothing

    with connect(database_url) as connection:
        found = connection.execute("SELECT DISTINCT reference_mw, weather ? 'reference' FROM raw_demand")
        assert found.fetchall() == [(5100.0, False)]


@pytest.mark.parametrize("value", [0.0, -3.5])
def test_demand_is_stored_as_it_came(database_url: str, value: float) -> None:
    store(database_url, history().assign(demand=value))

    assert (read(database_url)["demand"] == value).all()


def test_a_part_is_read_from_its_first_hour_up_to_its_end(database_url: str) -> None:
    store(database_url, history())

    frame = read(database_url, START + pd.Timedelta(hours=2), START + pd.Timedelta(hours=5))

    assert list(frame.index) == list(pd.date_range(START + pd.Timedelta(hours=2), periods=3, freq="h"))


def test_an_hour_that_was_never_stored_is_there_without_figures(database_url: str) -> None:
    store(database_url, history().drop(START + pd.Timedelta(hours=7)))

    frame = read(database_url)

    assert len(frame) == 48
    assert frame.loc[START + pd.Timedelta(hours=7)].isna().all()


def test_a_region_without_data_gives_an_empty_frame_of_the_same_shape(database_url: str) -> None:
    frame = read(database_url)

    assert frame.empty
    assert list(frame.columns) == ["demand", "temperature"]
    assert isinstance(frame.index, pd.DatetimeIndex)


def test_regions_are_kept_apart(database_url: str) -> None:
    store(database_url, history(), region="KR")

    assert read(database_url).empty


def test_weather_that_is_no_number_is_refused(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO raw_demand (region, time, demand_mw, weather, source)"
            " VALUES ('GR', %s, 5000, '{\"temperature\": \"warm\"}', 'somebody')",
            [START],
        )

    with pytest.raises(DataError, match="warm"):
        read(database_url)


@pytest.mark.parametrize("column", ["demand", "temperature"])
def test_an_infinite_figure_is_refused_naming_column_and_hour(database_url: str, column: str) -> None:
    frame = history()
    frame.loc[START + pd.Timedelta(hours=1), column] = np.inf

    with pytest.raises(DataError, match=f"{column} is infinite at 2020-10-25 01:00"):
        store(database_url, frame)


def test_hours_without_a_timezone_are_refused(database_url: str) -> None:
    with pytest.raises(DataError, match="timezone"):
        store(database_url, history().tz_localize(None))


def test_an_hour_that_is_there_twice_is_refused(database_url: str) -> None:
    with pytest.raises(DataError, match=r"2020-10-25 00:00:00.* twice"):
        store(database_url, pd.concat([history(1), history(1)]))


def test_one_bad_hour_leaves_the_others_unwritten(database_url: str) -> None:
    frame = history()
    frame.loc[frame.index[-1], "demand"] = float("inf")

    with pytest.raises(DataError, match="infinite"):
        store(database_url, frame)

    assert read(database_url).empty


def test_two_frames_can_follow_each_other_on_one_connection(database_url: str) -> None:
    with connect(database_url) as connection:
        upsert_actuals(connection, history(), region="GR", source="test")

        assert upsert_actuals(connection, history(), region="KR", source="test") == 48
