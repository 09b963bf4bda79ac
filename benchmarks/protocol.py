"""The protocol `day-ahead`: the hours of each local day of a window, from what is known at its midnight, or
at an hour of the day before, as a market asks.

Peers are shown one masked frame per day and nothing else, so that none can look ahead; they are judged
by the function that judges our own backtests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from trainer.contract import Region
from trainer.contract.local_days import day_of, midnights
from trainer.contract.products import asked_for, market_product
from trainer.contract.quantiles import beside_band, quantile_column
from trainer.data.reference import REFERENCE
from trainer.data.weather.columns import place_columns
from trainer.errors import UsageError
from trainer.model.arrays import Vector
from trainer.model.backtest import WeatherKind, with_weather_errors
from trainer.model.backtest_scores import backtest_scores
from trainer.model.config import ModelConfig

PAST_DAYS: Final = 42
"""Days before a midnight that a peer is shown when it forecasts; to be fitted it is shown all of them."""
WINDOW_DAYS: Final = 365
_LEAST_DAYS: Final = 28
"""Errors of fewer days say nothing of the outer quantiles."""
_OF_QUANTILES: Final = ("coverage", "pinball", "crps", "coverage_by_quantile")


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
    """What is known of one local day when it is forecast.

    `frame`: hourly in UTC, from PAST_DAYS before `origin` to the end of the local day; demand (MW) is NaN
    from `origin` on, the weather columns of the region and its places go on to the end.
    """

    origin: pd.Timestamp
    frame: pd.DataFrame
    midnight: pd.Timestamp
    """The first hour of the day, which is the first to be scored; at or after `origin`."""

    @property
    def hours(self) -> int:
        """Of the day to forecast: 24, or 23 and 25 where clocks change."""
        return int((self.frame.index >= self.midnight).sum())

    @property
    def lead_times(self) -> npt.NDArray[np.int64]:
        """Of these hours, counted from 1 at `origin`."""
        before = (self.midnight - self.origin) // pd.Timedelta(hours=1)
        return np.arange(1, self.hours + 1, dtype=np.int64) + before


class Peer(Protocol):
    """A forecaster that is not ours. It knows the weather that its region names, and no other."""

    def fit(self, history: pd.DataFrame) -> None:
        """`history`: demand (MW, with holes as NaN) and weather, everything before the window."""

    def forecast(self, days: Sequence[Day]) -> Vector:
        """MW, the hours of all days one after another. It learns nothing from them."""

    def hindcast(self, days: Sequence[Day]) -> Vector | None:
        """Likewise days before the window, as made without having been fitted to them; NaN where it was, None
        for a peer that has nothing of the kind."""


def known_days(
    history: pd.DataFrame,
    region: Region,
    window: Window,
    weather: WeatherKind,
    seed: int,
    *,
    origin_hour: int | None = None,
) -> list[Day]:
    """The window's days, known at their midnight or at `origin_hour` (local) of the day before.
    `forecast-like` puts the same errors on the weather as on that of our backtests."""
    midnights = window.midnights(region)
    columns = _shown(history, region)
    days = []
    for midnight, end in pairwise(midnights):
        origin = origin_for(day_of(midnight, region), region, origin_hour)
        seen = history
        if weather == "forecast-like":
            seen = with_weather_errors(history, region, midnight, seed, since=origin)
        begin = origin - pd.Timedelta(days=PAST_DAYS)
        frame = seen.loc[(seen.index >= begin) & (seen.index < end), columns].copy()
        frame.loc[frame.index >= origin, "demand"] = np.nan
        days.append(Day(origin, frame, midnight))
    return days


def _shown(history: pd.DataFrame, region: Region) -> list[str]:
    """The columns that peers see: as ours does, the weather of each place beside the region's."""
    return ["demand", *region.weather, *place_columns(list(history.columns), region)]


def origin_for(day: date, region: Region, origin_hour: int | None) -> pd.Timestamp:
    """From which (UTC) the local `day` is forecast: its midnight, or the hour of the day before."""
    product = None if origin_hour is None else market_product(origin_hour)
    return pd.Timestamp(asked_for(day, product, region)[0][0])


def run_peer(
    peer: Peer,
    history: pd.DataFrame,
    region: Region,
    window: Window,
    weathers: Iterable[WeatherKind],
    seed: int,
    *,
    origin_hour: int | None = None,
) -> dict[WeatherKind, dict[str, Any]]:
    """Fitted once before the window's first origin, then judged for each kind of weather; figures as
    `backtest` gives them.

    `none` excludes the others, since a peer is fitted with the weather that it will have.
    A peer's quantiles, of the levels that ours state, are its forecast and the errors of its hindcasts of the
    year before (`with_quantiles`), made with weather of the same kind; without hindcasts it has none.
    """
    weathers = list(weathers)
    if "none" in weathers:
        if len(weathers) > 1:
            raise UsageError("a peer without weather is another peer; run it by itself")
        region = replace(region, weather=())
    start = origin_for(window.first, region, origin_hour)
    peer.fit(history.loc[history.index < start, _shown(history, region)].copy())
    before = year_before(start, history, region)
    result = {}
    for weather in weathers:
        days = known_days(history, region, window, weather, seed, origin_hour=origin_hour)
        past = known_days(history, region, before, weather, seed, origin_hour=origin_hour) if before else []
        hours = hourly_of(days, peer.forecast(days), history)
        hindcast = peer.hindcast(past) if past else None
        if hindcast is not None:
            hours = with_quantiles(hours, hourly_of(past, hindcast, history), region.quantiles)
        result[weather] = judged(hours, history, region)
    return result


def year_before(start: pd.Timestamp, history: pd.DataFrame, region: Region) -> Window | None:
    """The last WINDOW_DAYS local days that are over at `start`, fewer where the history is shorter; None
    where there are fewer than _LEAST_DAYS."""
    last = day_of(start, region) - timedelta(days=1)
    earliest = day_of(history.index[0], region) + timedelta(days=PAST_DAYS + 1)
    first = max(last - timedelta(days=WINDOW_DAYS - 1), earliest)
    return Window(first, last) if (last - first).days + 1 >= _LEAST_DAYS else None


def hourly_of(days: Sequence[Day], forecast: Vector, history: pd.DataFrame) -> pd.DataFrame:
    """Of each hour of the days: actual and forecast (MW), lead_time."""
    index = pd.concat([day.frame.iloc[-day.hours :] for day in days]).index
    hours = pd.DataFrame({"actual": history["demand"].reindex(index), "forecast": forecast}, index=index)
    return hours.assign(lead_time=np.concatenate([day.lead_times for day in days]))


def operators_own(history: pd.DataFrame, region: Region, window: Window) -> dict[str, Any]:
    """The figures of the grid operator's own forecast, the column `reference` of `history`, at the hours of
    the window that it speaks for."""
    days = known_days(history, region, window, "perfect", seed=0)
    hours = hourly_of(days, np.zeros(sum(day.hours for day in days)), history)
    hours = hours.assign(forecast=history[REFERENCE].reindex(hours.index))
    return judged(hours[hours["forecast"].notna()], history, region)


def with_quantiles(hours: pd.DataFrame, past: pd.DataFrame, levels: Sequence[float]) -> pd.DataFrame:
    """`hours` with lower, upper and the columns of the other levels: the forecast, and the quantile of the
    errors of `past` (MW) at the same lead time. The forecast stays the median, and nothing crosses it.

    A lead time that `past` lacks, such as the 25th hour of a day, has the quantiles of all hours. Without any
    error it stays as it is.
    """
    errors = (past["actual"] - past["forecast"]).dropna()
    if errors.empty:
        return hours
    by_lead = errors.groupby(past["lead_time"])
    names = {10: "lower", 90: "upper", **{level: quantile_column(level) for level in beside_band(levels)}}
    for level, name in names.items():
        share = level / 100
        off = hours["lead_time"].map(by_lead.quantile(share)).fillna(errors.quantile(share))
        kept = off.clip(upper=0) if level < 50 else off.clip(lower=0)
        hours = hours.assign(**{name: hours["forecast"] + kept})
    return hours


def judged(hours: pd.DataFrame, history: pd.DataFrame, region: Region) -> dict[str, Any]:
    """A point forecast has no band and no quantiles, so their figures are None."""
    point = "lower" not in hours
    if point:
        hours = hours.assign(lower=hours["forecast"], upper=hours["forecast"])
    found = backtest_scores(hours, history, region, ModelConfig())
    return {**found, **(dict.fromkeys(_OF_QUANTILES) if point else {})}
