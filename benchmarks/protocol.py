"""The protocol `day-ahead`: each local midnight of a window, the hours of its day, what is known by then.

Peers are shown one masked frame per midnight and nothing else, so that none can look ahead; they are judged
by the function that judges our own backtests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.contract.local_days import day_of, midnights
from trainer.errors import UsageError
from trainer.model.arrays import Vector
from trainer.model.backtest import WeatherKind, judge, with_weather_errors
from trainer.model.config import ModelConfig

PAST_DAYS: Final = 42
"""Days before a midnight that a peer is shown when it forecasts; to be fitted it is shown all of them."""
WINDOW_DAYS: Final = 365


@dataclass(frozen=True)
class Window:
    """Local days, both included."""

    first: date
    last: date

    @classmethod
    def latest(cls, history: pd.DataFrame, region: Region, days: int = WINDOW_DAYS) -> Window:
        """The last `days` local days whose last hour has demand."""
        end = history.index[history["demand"].notna()][-1] + pd.Timedelta(hours=1)
        last = day_of(end, region) - timedelta(days=1)
        return cls(last - timedelta(days=days - 1), last)

    def midnights(self, region: Region) -> pd.DatetimeIndex:
        """In UTC, that of the day after the last included."""
        return pd.DatetimeIndex(midnights(self.first, self.last + timedelta(days=2), region), tz="UTC")


@dataclass(frozen=True)
class Day:
    """What is known at one local midnight.

    `frame`: hourly in UTC, from PAST_DAYS before `origin` to the end of the local day; demand (MW) is NaN
    from `origin` on, the region's weather columns go on to the end.
    """

    origin: pd.Timestamp
    frame: pd.DataFrame

    @property
    def hours(self) -> int:
        """Of the day to forecast: 24, or 23 and 25 where clocks change."""
        return int((self.frame.index >= self.origin).sum())


class Peer(Protocol):
    """A forecaster that is not ours. It knows the weather that its region names, and no other."""

    def fit(self, history: pd.DataFrame) -> None:
        """`history`: demand (MW, with holes as NaN) and weather, everything before the window."""

    def forecast(self, days: Sequence[Day]) -> Vector:
        """MW, the hours of all days one after another. It learns nothing from them."""


def known_days(
    history: pd.DataFrame, region: Region, window: Window, weather: WeatherKind, seed: int
) -> list[Day]:
    """The window's days. `forecast-like` puts the same errors on the weather as on that of our backtests."""
    midnights = window.midnights(region)
    columns = ["demand", *region.weather]
    days = []
    for origin, end in pairwise(midnights):
        seen = with_weather_errors(history, region, origin, seed) if weather == "forecast-like" else history
        begin = origin - pd.Timedelta(days=PAST_DAYS)
        frame = seen.loc[(seen.index >= begin) & (seen.index < end), columns].copy()
        frame.loc[frame.index >= origin, "demand"] = np.nan
        days.append(Day(origin, frame))
    return days


def run_peer(
    peer: Peer,
    history: pd.DataFrame,
    region: Region,
    window: Window,
    weathers: Iterable[WeatherKind],
    seed: int,
) -> dict[WeatherKind, dict[str, Any]]:
    """Fitted once before the window, then judged for each kind of weather; figures as `backtest` gives them.

    `none` excludes the others, since a peer is fitted with the weather that it will have.
    """
    weathers = list(weathers)
    if "none" in weathers:
        if len(weathers) > 1:
            raise UsageError("a peer without weather is another peer; run it by itself")
        region = replace(region, weather=())
    start = window.midnights(region)[0]
    peer.fit(history.loc[history.index < start, ["demand", *region.weather]].copy())
    result = {}
    for weather in weathers:
        days = known_days(history, region, window, weather, seed)
        result[weather] = judged(peer.forecast(days), days, history, region)
    return result


def judged(forecast: Vector, days: Sequence[Day], history: pd.DataFrame, region: Region) -> dict[str, Any]:
    """A point forecast has no band, so the band's figures are None."""
    index = pd.concat([day.frame.iloc[-day.hours :] for day in days]).index
    hourly = pd.DataFrame({"actual": history["demand"].reindex(index), "forecast": forecast}, index=index)
    hourly["lead_time"] = np.concatenate([np.arange(1, day.hours + 1) for day in days])
    hourly = hourly.assign(lower=hourly["forecast"], upper=hourly["forecast"])
    return {**judge(hourly, history, region, ModelConfig()), "coverage": None, "pinball": None}
