"""How good the model would have been: day-ahead for every local day of a window, fitted before it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from trainer.contract import Product, Region
from trainer.contract.local_days import day_of, midnight, midnights
from trainer.contract.products import asked_for
from trainer.data.reference import REFERENCE
from trainer.data.weather.issued import IssuedWeather
from trainer.errors import DataError, UsageError
from trainer.model.backtest_scores import backtest_scores
from trainer.model.config import ModelConfig
from trainer.model.covariates.issued_errors import with_day_ahead
from trainer.model.covariates.weather_error import with_errors
from trainer.model.forecasting.day_ahead import made_with_days
from trainer.model.forecasting.day_scores import day_scores
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.issued_weather_backtest import IssuedWeatherBacktest, Made
from trainer.model.production_replay import ProductionReplay, Schedule
from trainer.model.progress import Progress
from trainer.model.training.fitting import fit, local_hours, update

Refit = Literal["weekly"] | None
WeatherKind = Literal["perfect", "as-issued", "forecast-like", "none"]
WEATHER_KINDS: Final[tuple[WeatherKind, ...]] = get_args(WeatherKind)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class BacktestResult:
    """What a backtest forecast, and how good that was."""

    metrics: dict[str, Any]
    """JSON-able: those of `backtest_scores`, and what `backtest` adds."""
    hourly: pd.DataFrame
    """By UTC hour, MW: `actual`, the grid operator's own forecast `reference` where the history has one, and
    the columns of `Forecaster.forecast`."""

    def to_dict(self) -> dict[str, Any]:
        """The metrics, for JSON."""
        return dict(self.metrics)


def backtest(
    history: pd.DataFrame,
    region: Region,
    config: ModelConfig,
    *,
    test_start: date,
    test_end: date,
    refit: Refit = None,
    as_produced: Schedule | None = None,
    weather: WeatherKind = "perfect",
    issued: IssuedWeather | None = None,
    product: Product | None = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> BacktestResult:
    """Forecasts the local days `test_start` to `test_end`, both included, as they would have been forecast,
    and scores the hours that were measured. Demand is masked for every fit and every origin.

    Each day is forecast from its own midnight. With `product` the forecasts are made at its moments and for
    its hours, as a market asks at 10:00 for tomorrow, with lead times of 15 to 38 hours; hours outside of the
    window are left out, and an hour has a row of each forecast that speaks for it.

    The model is fitted once, on what lies before the window. With `refit` it is also brought up to date every
    7 days (`update`). With `as_produced` each day has the model that production would have served on it
    (`ProductionReplay`), and the metric `produced` tells what happened.

    `weather` of the hours to forecast: as it came (`perfect`); none at all (`none`); as the newest of
    `issued` at each origin had it, trained on that too (`as-issued`, and the metric `issued` tells of how
    many hours); or with errors as of a usual forecast, AR(1) with 1.3 C and 7 % humidity, trained on such too
    (`forecast-like`).

    Metrics: `backtest_scores`, `days` (the `day_scores` of the window's days), `seconds_fit` and
    `seconds_forecast`. Raises DataError when the history does not cover the window or is too short before it;
    UsageError for `product` beside `as_produced`, which forecasts at midnight, for a product of several days
    beside `forecast-like`, and for `as-issued` without `issued`.
    """
    refuse_contradictions(as_produced, weather, product)
    region = region_of(region, weather)
    starts = _midnights(history, region, test_start, test_end)
    asked = [asked_for(day_of(start, region), product, region) for start in starts]
    origins = pd.DatetimeIndex([origin for of_day in asked for origin, _ in of_day])
    origin_hours = local_hours(origins, region)
    by_issues = None
    if weather == "as-issued":
        if issued is None:
            raise UsageError("backtest: as-issued needs the weather as it was issued")
        history = with_day_ahead(history, issued, region, product)
        by_issues = IssuedWeatherBacktest(history, issued, region, config, origin_hours, device)
    produced = as_produced and ProductionReplay(
        history, region, config, as_produced, origin_hours, device, issued if by_issues else None
    )
    step = 1 if produced else 7 if refit == "weekly" else len(starts)
    seconds_fit = seconds_forecast = 0.0
    parts, of_days = [], []
    forecaster: Forecaster | None = None
    for begin in range(0, len(starts), step):
        days, asked_of_days = starts[begin : begin + step], asked[begin : begin + step]
        known_until = pd.Timestamp(asked_of_days[0][0][0])
        clock = time.perf_counter()
        if produced:
            forecaster = produced.serving(begin, days[0])
        elif forecaster is None:
            forecaster = fit(
                history,
                region,
                config,
                train_until=known_until,
                device=device,
                progress=progress,
                origin_hours=origin_hours,
            )
        else:
            forecaster = update(forecaster, history, train_until=known_until, origin_hours=origin_hours)
        fitted = time.perf_counter()
        if by_issues:
            made = by_issues.made(forecaster, chain.from_iterable(asked_of_days))
        elif weather == "forecast-like":
            made = [
                _made_with_errors(forecaster, history, region, day, one, config.seed)
                for day, asked_of_day in zip(days, asked_of_days, strict=True)
                for one in asked_of_day
            ]
        else:
            made = [made_with_days(forecaster, history, list(chain.from_iterable(asked_of_days)))]
        parts += [hours for hours, _ in made]
        of_days += [day for _, found in made for day in found]
        seconds_fit += fitted - clock
        seconds_forecast += time.perf_counter() - fitted
    hourly = _beside_actual(pd.concat(parts), history, starts[0], midnight(test_end + _DAY, region))
    metrics = backtest_scores(hourly, history, region, config)
    inside = [day for day in of_days if test_start <= date.fromisoformat(day.date) <= test_end]
    metrics["days"] = day_scores(inside, history["demand"][hourly.index.min() : hourly.index.max()], region)
    told = {"produced": produced, "issued": by_issues}
    metrics |= {name: one.facts for name, one in told.items() if one}
    return BacktestResult(
        {**metrics, "seconds_fit": seconds_fit, "seconds_forecast": seconds_forecast}, hourly
    )


def _made_with_errors(
    forecaster: Forecaster,
    history: pd.DataFrame,
    region: Region,
    day: pd.Timestamp,
    asked: tuple[datetime, range],
    seed: int,
) -> Made:
    """The forecast of the local day that begins at `day`, by weather in error as of a usual forecast."""
    seen = with_weather_errors(history, region, day, seed, since=pd.Timestamp(asked[0]))
    return made_with_days(forecaster, seen, [asked])


def _beside_actual(
    forecast: pd.DataFrame, history: pd.DataFrame, start: pd.Timestamp, end: datetime
) -> pd.DataFrame:
    """`BacktestResult.hourly`: the hours of `forecast` from `start` to before `end`."""
    hourly = forecast[(forecast.index >= start) & (forecast.index < end)].copy()
    hourly.insert(0, "actual", history["demand"].reindex(hourly.index))
    if REFERENCE in history:
        hourly.insert(1, REFERENCE, history[REFERENCE].reindex(hourly.index))
    return hourly


def refuse_contradictions(
    as_produced: Schedule | None, weather: WeatherKind, product: Product | None
) -> None:
    """Raises UsageError for what no backtest can be asked for at once."""
    if as_produced and product:
        raise UsageError("backtest: production is replayed with forecasts at midnight; leave the product out")
    if weather == "forecast-like" and product and not product.covers:
        raise UsageError(
            f"backtest: {product.name} covers no single day, so its weather cannot be given a day's errors"
        )
    if weather not in WEATHER_KINDS:
        raise UsageError(f"weather {weather!r} is unknown; use one of {', '.join(WEATHER_KINDS)}")


def region_of(region: Region, weather: WeatherKind) -> Region:
    """`region` as its models are trained for a backtest with such weather."""
    if weather == "none":
        return replace(region, weather=())
    return replace(region, weather_error=1.0) if weather == "forecast-like" else region


def with_weather_errors(
    history: pd.DataFrame, region: Region, day: pd.Timestamp, seed: int, *, since: pd.Timestamp | None = None
) -> pd.DataFrame:
    """`history` up to the end of the local day that begins at `day`, its weather in error from `since` on,
    from there where None."""
    end = midnight(day_of(day, region) + _DAY, region)
    random = np.random.default_rng([seed, int(day.timestamp()) // 3600])
    return with_errors(history[history.index < end], region, since or day, random)


def _midnights(history: pd.DataFrame, region: Region, first: date, last: date) -> pd.DatetimeIndex:
    if last < first:
        raise UsageError(f"backtest: the window ends ({last}) before it begins ({first})")
    starts = pd.DatetimeIndex(midnights(first, last + _DAY, region), tz="UTC")
    known = history.index[history["demand"].notna()]
    if starts[0] < known[0] or starts[-1] > known[-1]:
        raise DataError(
            f"backtest: the window {first} to {last} is not covered by the demand of region {region.name} "
            f"({known[0].isoformat()} to {known[-1].isoformat()})"
        )
    return starts
