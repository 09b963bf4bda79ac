"""Weather of several places is read as one series of the region, and said so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.data.series import KOREA
from trainer.data.sources import SourceFrame
from trainer.data.validation import Canonical, canonical
from trainer.data.weather.columns import places_of

TOWNS = ("bayonne", "lille", "paris")
OFFSET = {"bayonne": 4.0, "lille": -3.0, "paris": -1.0}
REGION = replace(KOREA, weather=("temperature",))


@pytest.fixture
def frame() -> pd.DataFrame:
    """Three towns that depart from their mean by the same at every hour."""
    time = pd.date_range("2023-01-01", periods=24 * 20, freq="h", tz="UTC")
    mean = 10 + 5 * np.sin(np.arange(len(time)) / 4)
    towns = {f"temperature_{town}": mean + OFFSET[town] for town in TOWNS}
    return pd.DataFrame({"time": time, "demand": 1000.0 + 50 * np.cos(np.arange(len(time)) / 4), **towns})


def read(frame: pd.DataFrame) -> Canonical:
    return canonical(frame, REGION)


def texts(found: Canonical) -> str:
    return " ".join(finding.text for finding in found.report.findings)


def test_the_region_has_the_mean_of_its_places(frame: pd.DataFrame) -> None:
    found = read(frame)
    expected = frame[[f"temperature_{town}" for town in TOWNS]].mean(axis=1)
    assert found.frame["temperature"].to_numpy() == pytest.approx(expected.to_numpy())
    assert "temperature is the mean of 3 places: temperature_bayonne" in texts(found)
    assert not any("temperature" in header for header in found.report.unused_columns)


@settings(deadline=None)  # on a busy machine reading takes its time
@given(start=st.integers(0, 479), hours=st.integers(1, 300), town=st.sampled_from(TOWNS))
def test_a_silent_place_is_stood_for_without_a_jump(start: int, hours: int, town: str) -> None:
    time = pd.date_range("2023-01-01", periods=24 * 20, freq="h", tz="UTC")
    mean = pd.Series(10 + 5 * np.sin(np.arange(len(time)) / 4))
    towns = {f"temperature_{one}": mean + OFFSET[one] for one in TOWNS}
    towns[f"temperature_{town}"].iloc[start : start + hours] = np.nan
    demand = 1000.0 + 50 * np.cos(np.arange(len(time)) / 4)
    found = read(pd.DataFrame({"time": time, "demand": demand, **towns}))
    assert found.frame["temperature"].to_numpy() == pytest.approx(mean.to_numpy(), abs=0.05)
    assert f"the other places stand for temperature_{town} in" in texts(found)


def test_temperatures_of_places_stay_beside_their_mean(frame: pd.DataFrame) -> None:
    found = read(frame.rename(columns={"temperature_lille": "Temperature Lille (C)"}))
    assert list(found.frame) == ["demand", "temperature", *(f"temperature_{town}" for town in TOWNS)]
    assert found.frame["temperature_lille"].tolist() == pytest.approx(frame["temperature_lille"].tolist())
    assert not found.report.unused_columns


def test_a_silent_place_stays_unknown_beside_the_mean(frame: pd.DataFrame) -> None:
    frame.loc[30:79, "temperature_paris"] = np.nan
    found = read(frame).frame
    assert found["temperature_paris"].isna().sum() == 50
    assert found["temperature"].notna().all()


def test_a_thermometer_that_never_moves_while_others_do_is_as_good_as_silent(frame: pd.DataFrame) -> None:
    frame.loc[200:399, "temperature_lille"] = 7.0
    found = read(frame)
    assert found.frame["temperature_lille"].isna().sum() == 200
    expected = frame["temperature_paris"].to_numpy() - OFFSET["paris"]
    assert found.frame["temperature"].to_numpy() == pytest.approx(expected, abs=0.05)
    assert "which stand for it: temperature_lille for 200 hours" in texts(found)


def test_a_stuck_thermometer_is_found_through_hours_that_it_is_silent_in(frame: pd.DataFrame) -> None:
    frame.loc[200:399, "temperature_lille"] = 7.0
    frame.loc[220:399:40, "temperature_lille"] = np.nan
    assert read(frame).frame["temperature_lille"].iloc[200:400].isna().all()


def test_it_is_found_in_what_was_stored_with_its_mean(frame: pd.DataFrame) -> None:
    frame.loc[200:399, "temperature_lille"] = 7.0
    stored = frame.assign(temperature=frame[[f"temperature_{town}" for town in TOWNS]].mean(axis=1))
    found = canonical(SourceFrame(stored, "the table", has_means_of_places=True), REGION).frame
    assert found["temperature_lille"].isna().sum() == 200
    expected = frame["temperature_paris"].to_numpy() - OFFSET["paris"]
    assert found["temperature"].to_numpy()[200:400] == pytest.approx(expected[200:400], abs=0.05)


def test_a_few_rows_of_minutes_at_one_whole_degree_are_weather(frame: pd.DataFrame) -> None:
    time = pd.date_range("2023-01-01", periods=12 * 24 * 20, freq="5min", tz="UTC")
    degrees = 15 + 6 * np.sin(2 * np.pi * np.arange(len(time)) / (12 * 24))
    coast = np.where(np.arange(len(time)) % 288 < 80, 15.0, degrees)
    rows = {"time": time, "demand": 1000.0, "temperature_lille": coast, "temperature_paris": degrees}
    found = read(pd.DataFrame(rows).assign(demand=1000 + np.arange(len(time)) % 7))
    assert found.frame["temperature_lille"].notna().all()


def test_still_weather_is_no_stuck_thermometer(frame: pd.DataFrame) -> None:
    for town in TOWNS:
        frame.loc[200:399, f"temperature_{town}"] = 7.0 + OFFSET[town]
    assert read(frame).frame["temperature_lille"].notna().all()


@pytest.mark.parametrize("town", TOWNS)
def test_a_single_place_is_the_region_s_and_stays_beside_it(frame: pd.DataFrame, town: str) -> None:
    found = read(frame[["time", "demand", f"temperature_{town}"]])
    assert list(found.frame) == ["demand", "temperature", f"temperature_{town}"]
    assert found.frame["temperature"].tolist() == found.frame[f"temperature_{town}"].tolist()


def test_of_humidity_the_mean_alone_is_read(frame: pd.DataFrame) -> None:
    towns = {f"humidity_{town}": 60.0 + OFFSET[town] for town in TOWNS}
    found = canonical(frame.assign(**towns), replace(KOREA, weather=("temperature", "humidity")))
    assert not [column for column in found.frame if column.startswith("humidity_")]
    assert found.frame["humidity"].to_numpy() == pytest.approx(60)


def test_a_weather_of_its_own_is_no_place_of_another(frame: pd.DataFrame) -> None:
    region = replace(REGION, weather=("temperature", "temperature_paris"))
    found = canonical(frame, region).frame
    assert list(found) == [
        "demand",
        "temperature",
        "temperature_paris",
        *map("temperature_{}".format, TOWNS[:2]),
    ]


def test_a_column_of_the_weather_s_own_name_goes_before_its_places(frame: pd.DataFrame) -> None:
    found = read(frame.assign(temperature=1.5))
    assert (found.frame["temperature"] == 1.5).all()


def test_a_single_column_that_goes_on_with_a_word_is_read_and_told(frame: pd.DataFrame) -> None:
    found = read(frame.drop(columns=["temperature_lille", "temperature_paris"]))
    assert "temperature read from column 'temperature_bayonne'" in texts(found)


@pytest.mark.parametrize(
    "header", ["temperature_min", "temperature forecast", "Temperature error (C)", "temperature", "humidity"]
)
def test_what_is_told_of_weather_is_no_place(header: str) -> None:
    assert places_of("temperature", [header]) == []
