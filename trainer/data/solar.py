"""How high the sun stands: what solar power behind the meter takes off the demand under a clear sky."""

from __future__ import annotations

import numpy as np
import pandas as pd


def solar_elevation_sine(
    index: pd.DatetimeIndex, latitude: float, longitude: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Sine of the sun's elevation in the middle of each hour, below the horizon negative. Shape: (hours,).

    `index`: beginnings of hours, UTC. `latitude`, `longitude`: degrees north and east.
    Declination and equation of time by the Fourier series of J. W. Spencer, "Fourier series representation
    of the position of the sun", Search 2(5), 1971 (errors below 0.0006 rad and 35 s); elevation by the
    spherical law of cosines. Refraction is left out.
    """
    middle = index.tz_convert("UTC") + pd.Timedelta(minutes=30)
    hour = (middle.hour + middle.minute / 60).to_numpy(dtype=np.float64)
    length = np.where(middle.is_leap_year, 366.0, 365.0)
    angle = 2 * np.pi * (middle.day_of_year.to_numpy() - 1 + hour / 24) / length
    declination = (
        0.006918
        - 0.399912 * np.cos(angle)
        + 0.070257 * np.sin(angle)
        - 0.006758 * np.cos(2 * angle)
        + 0.000907 * np.sin(2 * angle)
        - 0.002697 * np.cos(3 * angle)
        + 0.00148 * np.sin(3 * angle)
    )
    equation_of_time = 229.18 * (  # minutes
        0.000075
        + 0.001868 * np.cos(angle)
        - 0.032077 * np.sin(angle)
        - 0.014615 * np.cos(2 * angle)
        - 0.040849 * np.sin(2 * angle)
    )
    solar_time = hour + longitude / 15 + equation_of_time / 60
    hour_angle = np.deg2rad(15 * (solar_time - 12))
    phi = np.deg2rad(latitude)
    sine = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle)
    return np.asarray(sine, dtype=np.float64)
