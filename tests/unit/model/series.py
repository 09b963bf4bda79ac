"""A small synthetic series that models can be fitted to: daily, weekly and weather structure, and noise."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.unit.data.series import KOREA
from trainer.model.config import ModelConfig

TRAIN_UNTIL = pd.Timestamp("2021-05-31 15:00", tz="UTC")
"""Midnight in Seoul."""
ORIGIN = pd.Timestamp("2021-06-09 15:00", tz="UTC")
"""The first hour to forecast, nine days later."""
COLUMNS = ("forecast", "trend", "seasonality", "residual", "lower", "upper", "lead_time")
"""Of every forecast, beside the quantiles."""
TINY = ModelConfig(
    kd=3,
    kw=2,
    ky=1,
    hidden=8,
    epochs=2,
    stride=24,
    batch_size=32,
    validation_days=28,
    dropout=0.0,
)


def make_net_load(days: int = 180, seed: int = 0) -> pd.DataFrame:
    """A feeder of a few MW whose panels feed in at noon: about one hour in ten is at or below zero."""
    index = pd.date_range("2020-12-31 15:00", periods=24 * days, freq="h", tz="UTC", name="time")
    random = np.random.default_rng(seed)
    local = index.tz_convert(KOREA.zone)
    hour = local.hour.to_numpy()
    sun = np.maximum(np.sin(np.pi * (hour - 6) / 12), 0) * (hour >= 6) * (hour <= 18)
    clear = np.repeat(random.uniform(0.3, 1.0, days), 24)
    load = 6 + 2 * np.sin(2 * np.pi * (hour - 12) / 24) - 0.8 * (local.day_of_week.to_numpy() >= 5)
    demand = load - 7 * sun * clear + random.normal(0, 0.15, len(index))
    humidity = np.clip(90 - 50 * clear + random.normal(0, 2, len(index)), 1, 100)
    return pd.DataFrame({"demand": demand, "temperature": 15.0, "humidity": humidity}, index=index)


def make_history(days: int = 180, start: str = "2020-12-31 15:00", seed: int = 0) -> pd.DataFrame:
    """Demand falls with the night, the weekend and mild weather; noise of about 1 %."""
    index = pd.date_range(start, periods=24 * days, freq="h", tz="UTC", name="time")
    random = np.random.default_rng(seed)
    local = index.tz_convert(KOREA.zone)
    hour = local.hour.to_numpy()
    season = np.cos(2 * np.pi * local.day_of_year.to_numpy() / 365.25)
    temperature = 12 - 14 * season + 4 * np.sin(2 * np.pi * (hour - 9) / 24) + random.normal(0, 1, len(index))
    humidity = np.clip(60 + 10 * np.cos(2 * np.pi * hour / 24) + random.normal(0, 8, len(index)), 1, 100)
    log_demand = (
        11
        + 0.12 * np.sin(2 * np.pi * (hour - 8) / 24)
        - 0.1 * (local.day_of_week.to_numpy() >= 5)
        + 0.006 * np.abs(temperature - 16)
        + random.normal(0, 0.01, len(index))
    )
    return pd.DataFrame(
        {"demand": np.exp(log_demand), "temperature": temperature, "humidity": humidity}, index=index
    )
