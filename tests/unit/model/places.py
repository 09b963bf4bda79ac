"""A made-up country of several towns, whose demand follows the weather of some more than of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from tests.unit.data.series import KOREA
from trainer.model.arrays import Vector

COUNTRY = replace(KOREA, weather=("temperature",))
TOWNS = tuple(f"temperature_{town}" for town in ("busan", "daegu", "jeju", "seoul"))
_SLOPE = 0.02
"""Of the logarithm of demand, for each degree to be heated or cooled."""


def made_up(
    shares: Sequence[float], *, days: int = 400, seed: int = 0, slope: float = _SLOPE, climate: float = 10.0
) -> pd.DataFrame:
    """A history: `demand`, `temperature` (the mean) and TOWNS, whose degrees move demand by their `shares`.
    `climate`: the mean temperature of the year, C."""
    random = np.random.default_rng(seed)
    index = pd.date_range("2021-01-01", periods=24 * days, freq="h", tz="UTC", name="time")
    day, hour = np.arange(24 * days) // 24, np.arange(24 * days) % 24
    season = climate - 10 * np.cos(2 * np.pi * np.arange(days) / 365)
    weather = np.stack([_persistent(random, days) for _ in TOWNS], axis=1)
    towns = season[:, None] + 1.5 * weather + 2 * _persistent(random, days)[:, None]
    felt = pd.DataFrame(towns).ewm(alpha=0.5).mean().to_numpy()
    degrees = np.maximum(15 - felt, 0) + np.maximum(felt - 20, 0)
    level = slope * degrees @ np.asarray(shares) + 0.1 * (np.arange(days) % 7 < 5)
    level += 0.005 * random.standard_normal(days)
    hourly = pd.DataFrame(towns[day] + 3 * np.sin(np.pi * hour / 12)[:, None], index, TOWNS)
    demand = 50_000 * np.exp(level[day] + 0.1 * np.sin(np.pi * hour / 12))
    means = {"demand": demand, "temperature": hourly.mean(axis=1)}
    return pd.DataFrame(means, index=index).join(hourly)


def _persistent(random: np.random.Generator, days: int) -> Vector:
    """Of unit variance, most of it from the day before."""
    values = random.standard_normal(days)
    for day in range(1, days):
        values[day] = 0.8 * values[day - 1] + 0.6 * values[day]
    return values
