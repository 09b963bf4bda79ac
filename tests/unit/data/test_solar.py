"""The sun's height against facts that can be looked up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.data.solar import solar_elevation_sine

YEAR = pd.date_range("2023-01-01", "2023-12-31T23:00", freq="h", tz="UTC")


@pytest.mark.parametrize(
    ("day", "declination"),
    [("2023-03-20", 0.0), ("2023-06-21", 23.44), ("2023-09-23", 0.0), ("2023-12-22", -23.44)],
)
def test_the_noon_sun_of_equinox_and_solstice(day: str, declination: float) -> None:
    index = pd.date_range(day, periods=24, freq="h", tz="UTC")
    # 7.5 degrees west the sun culminates at 12:30, the middle of an hour, give or take the equation of time.
    highest = np.rad2deg(np.arcsin(solar_elevation_sine(index, 40.0, -7.5).max()))
    assert highest == pytest.approx(90 - 40 + declination, abs=0.6)


def test_the_sun_is_highest_near_local_solar_noon() -> None:
    index = pd.date_range("2023-06-21", periods=24, freq="h", tz="UTC")
    assert index[solar_elevation_sine(index, 36.5, 127.5).argmax()].hour == 3  # 12:30 .. in Korea


def test_a_day_at_the_equator_is_half_light() -> None:
    lit = solar_elevation_sine(YEAR, 0.0, 0.0) > 0
    assert lit.mean() == pytest.approx(0.5, abs=0.01)


def test_the_polar_night_has_no_sun() -> None:
    december = YEAR[YEAR.month == 12]
    assert (solar_elevation_sine(december, 80.0, 20.0) < 0).all()


@given(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))
def test_a_sine_it_stays(latitude: float, longitude: float) -> None:
    sine = solar_elevation_sine(YEAR[::97], latitude, longitude)
    assert np.abs(sine).max() <= 1 + 1e-12
