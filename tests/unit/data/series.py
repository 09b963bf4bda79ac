"""Small synthetic series for the tests: a smooth load with a daily and a weekly shape, weather beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from trainer.contract import Region

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""The clock that the tests go by."""

KOREA = Region(
    name="KR",
    title="South Korea",
    timezone="Asia/Seoul",
    country="KR",
    latitude=36.5,
    longitude=127.5,
    weather=("temperature", "humidity"),
)
GREECE = Region(
    name="GR",
    title="Greece",
    timezone="Europe/Athens",
    country="GR",
    latitude=38.0,
    longitude=23.7,
    source="sample:greece",
)


def hours_of(region: Region, first: str, days: int) -> pd.DatetimeIndex:
    """All hours, in UTC, of `days` local days from the local date `first`."""
    start = pd.Timestamp(first, tz=region.timezone)
    end = (pd.Timestamp(first) + pd.Timedelta(days=days)).tz_localize(region.timezone)
    return pd.date_range(
        start.tz_convert("UTC"),
        end.tz_convert("UTC"),
        freq="h",
        inclusive="left",
    )


def load(index: pd.DatetimeIndex, region: Region) -> pd.DataFrame:
    """A canonical frame: `demand` around 60 GW, never twice the same, and the region's weather."""
    local = index.tz_convert(region.zone)
    hour = local.hour.to_numpy()
    step = np.arange(len(index))
    demand = 60_000 - 8_000 * np.cos(2 * np.pi * hour / 24) - 3_000 * (local.day_of_week >= 5) + step * 0.25
    frame = pd.DataFrame({"demand": demand}, index=index.rename("time"))
    if "temperature" in region.weather:
        frame["temperature"] = 15 - 8 * np.cos(2 * np.pi * (hour - 2) / 24) + 0.001 * step
    if "humidity" in region.weather:
        frame["humidity"] = 60 + 20 * np.cos(2 * np.pi * (hour - 2) / 24)
    return frame


def naive(frame: pd.DataFrame, region: Region) -> pd.DataFrame:
    """The frame as files have it: a column `time` of local stamps without offset."""
    return frame.set_axis(
        pd.DatetimeIndex(frame.index).tz_convert(region.zone).tz_localize(None)
    ).reset_index(names="time")


def write_csv(path: Path, frame: pd.DataFrame, encoding: str = "utf-8") -> str:
    frame.to_csv(path, index=False, encoding=encoding)
    return str(path)
