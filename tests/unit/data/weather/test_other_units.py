"""Weather that turns to another unit on the way is unknown from there on, and told of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, kinds, read
from tests.unit.data.series import naive
from trainer.data.report import DataReport

REGION = replace(PLAIN, weather=("temperature", "humidity"))
HOURS = np.arange(len(TWO_WEEKS))


def _read(temperature: np.ndarray, humidity: np.ndarray | float = 60.0) -> tuple[pd.DataFrame, DataReport]:
    moist = humidity + np.sin(HOURS)  # no sensor is stuck
    return read(naive(TWO_WEEKS, PLAIN).assign(temperature=temperature, humidity=moist), REGION)


def _celsius(level: float) -> np.ndarray:
    """About `level`, 6 C up and down in a day."""
    return level + 6 * np.sin(2 * np.pi * HOURS / 24)


@pytest.mark.parametrize(
    ("level", "first", "last"),
    [(-8.0, 100, 336), (-8.0, 312, 336), (8.0, 100, 200), (8.0, 312, 336), (20.0, 100, 336)],
)
def test_temperature_in_fahrenheit_after_celsius_is_unknown(level: float, first: int, last: int) -> None:
    celsius, off = _celsius(level), (first <= HOURS) & (last > HOURS)
    history, report = _read(np.where(off, celsius * 1.8 + 32, celsius))
    assert history["temperature"].isna().tolist() == off.tolist()
    np.testing.assert_allclose(history["temperature"][~off], celsius[~off])
    assert "weather_unit" in kinds(report)


def test_temperature_in_celsius_after_fahrenheit_is_unknown() -> None:
    celsius = _celsius(5)
    history, report = _read(np.where(HOURS < 200, celsius * 1.8 + 32, celsius))
    assert history["temperature"].isna().tolist() == (HOURS >= 200).tolist()
    assert "weather_unit" in kinds(report)


@pytest.mark.parametrize("move", [10.0, -14.0])
def test_a_front_and_a_season_behind_a_gap_are_weather(move: float) -> None:
    front, gap = _celsius(8) + move * (HOURS >= 200), _celsius(0) + 20 * (HOURS >= 200)
    gap[120:200] = np.nan
    for temperature in (front, gap):
        history, report = _read(temperature)
        np.testing.assert_allclose(history["temperature"], temperature)
        assert "weather_unit" not in kinds(report)


def test_a_slip_of_a_sensor_is_no_unit() -> None:
    temperature = _celsius(8)
    temperature[100:104] = 46.4
    history, _ = _read(temperature)
    np.testing.assert_allclose(history["temperature"], temperature)


def test_humidity_as_a_share_among_per_cent_is_unknown() -> None:
    share = HOURS >= 300
    history, report = _read(_celsius(8), np.where(share, -0.5, 60.0))  # sin adds what makes shares of it
    unknown = history["humidity"].isna().to_numpy()
    assert not unknown[:300].any()
    assert unknown[300:].all()
    assert "weather_unit" in kinds(report)


def test_a_place_that_turns_to_fahrenheit_is_stood_for_by_the_others() -> None:
    celsius, off = _celsius(8), HOURS >= 200
    rows = naive(TWO_WEEKS, PLAIN).assign(
        temperature_a=celsius, temperature_b=np.where(off, (celsius + 2) * 1.8 + 32, celsius + 2)
    )
    history, _ = read(rows, replace(PLAIN, weather=("temperature",)))
    np.testing.assert_allclose(history["temperature"], celsius + 1)
    assert history["temperature_b"].isna().tolist() == off.tolist()
