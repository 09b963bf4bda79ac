"""Who takes part in the accuracy benchmark: our model in its ways of training, and its peers."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

import pandas as pd

from benchmarks.peers.lightgbm import LightGBM
from benchmarks.peers.nhits import NHITS
from benchmarks.peers.seasonal_naive import SeasonalNaive
from benchmarks.protocol import Peer, Window, operators_own, run_peer
from trainer.contract import Product, Region
from trainer.contract.products import market_product
from trainer.errors import UsageError
from trainer.model.backtest import Refit, WeatherKind, backtest
from trainer.model.config import ModelConfig
from trainer.model.production_replay import Schedule
from trainer.model.training.search.search import search

Group = Literal["ours", "operator", "peer", "peer with our features"]
Figures = dict[WeatherKind, dict[str, Any]]
MakePeer = Callable[[Region], Peer]
Weathers = tuple[WeatherKind, ...]

KNOWN: Final[Weathers] = ("perfect", "forecast-like")
UNKNOWN: Final[Weathers] = ("none",)
QUICK_TRIALS, QUICK_EPOCHS = 5, 10
STATIC, WEEKLY = "demand-forecast, static", "demand-forecast, weekly refit"
PRODUCED = "demand-forecast, as produced"
ALONE = "demand-forecast without boosted trees, static"
_PRODUCTION: Final = Schedule(retrain_days=28)
"""Trainings every four weeks, not every one, so that a benchmark ends; refits every week, as by default."""
QUICK = f"demand-forecast, quick training ({QUICK_TRIALS} trials x {QUICK_EPOCHS} epochs)"
MARKET_HOUR: Final = 10
AT_MARKET_HOUR: Final = f", at {MARKET_HOUR}:00"
"""What models are called when they forecast tomorrow then."""
TREES, NETWORK = "LightGBM, tuned", "NHITS, known future"
OPERATOR = "the grid operator's own forecast"


@dataclass(frozen=True)
class Effort:
    """How long the peers may take; the search of ours is the quick one in any case."""

    lightgbm_trials: int = 8
    nhits_steps: int = 3000
    nhits_seeds: int = 2


@dataclass(frozen=True)
class Job:
    """One process's work: fitted in one way, judged for each of `weathers`. Picklable."""

    model: str
    group: Group
    weathers: Weathers
    weight: float
    """Minutes on one core, roughly; the longest begin first."""
    run: Callable[[pd.DataFrame, Region, Window, Weathers], Figures]
    origin_hour: int | None = None
    """Local hour of the day before at which days are forecast; None: at their own midnight."""


def everyone(region: Region, effort: Effort, *, beside_operator: bool = False) -> list[Job]:
    """All rows and columns that the region's weather allows. `beside_operator`: its history has the grid
    operator's own forecast, which is a row of each table."""
    fits = [KNOWN, UNKNOWN] if region.weather else [UNKNOWN]
    jobs = [job for weathers in fits for job in _naive(weathers)]
    if beside_operator:
        jobs += [Job(OPERATOR, "operator", weathers, 0.1, _operators_own) for weathers in fits]
    for weathers in fits:
        for derived in (False, True):
            group: Group = "peer with our features" if derived else "peer"
            trees = partial(LightGBM, derived=derived, trials=effort.lightgbm_trials)
            jobs.append(_peer(TREES, group, weathers, 4, trees))
            seeds = tuple(range(1, effort.nhits_seeds + 1))
            network = partial(NHITS, derived=derived, steps=effort.nhits_steps, seeds=seeds)
            jobs.append(_peer(NETWORK, group, weathers, 12, network))
    columns = [weather for weathers in fits for weather in weathers]
    jobs += [_ours(STATIC, weather, 3, partial(_backtest, refit=None)) for weather in columns]
    for weathers in fits:
        jobs.append(_ours(ALONE, weathers[0], 3, partial(_backtest, refit=None, ensemble=())))
        jobs.append(_ours(WEEKLY, weathers[0], 30, partial(_backtest, refit="weekly")))
        produced = partial(_backtest, refit=None, as_produced=_PRODUCTION)
        jobs.append(_ours(PRODUCED, weathers[0], 30, produced))
        jobs.append(_ours(QUICK, weathers[0], 8, _quick_training))
    return jobs + _for_the_market(fits[0][:1], effort)


def _for_the_market(weathers: Weathers, effort: Effort) -> list[Job]:
    """Tomorrow, forecast at MARKET_HOUR: ours, and peers that take no demand from then on either."""
    ours = partial(_backtest, refit=None, product=market_product(MARKET_HOUR))
    trees = partial(LightGBM, derived=False, trials=effort.lightgbm_trials, origin_hour=MARKET_HOUR)
    jobs = [
        _ours(STATIC, weathers[0], 3, ours),
        _peer(TREES, "peer", weathers, 4, trees, origin_hour=MARKET_HOUR),
        *_naive(weathers, origin_hour=MARKET_HOUR),
    ]
    return [replace(job, model=f"{job.model}{AT_MARKET_HOUR}", origin_hour=MARKET_HOUR) for job in jobs]


def quick(region: Region, effort: Effort, *, beside_operator: bool = False) -> list[Job]:
    """One column, what is fast: seasonal naive, LightGBM, and ours trained once."""
    wanted = (STATIC, TREES, OPERATOR, *(job.model for job in _naive(UNKNOWN)))
    best = KNOWN[0] if region.weather else UNKNOWN[0]
    return [
        replace(job, weathers=(best,))
        for job in everyone(region, effort, beside_operator=beside_operator)
        if job.model in wanted
        and job.origin_hour is None
        and best in job.weathers
        and job.group != "peer with our features"
    ]


def missing_peers() -> list[str]:
    """Sentences about peers whose package is not installed."""
    if importlib.util.find_spec("neuralforecast"):
        return []
    return [f"{NETWORK}: left out, neuralforecast is not installed (make bench-venv installs it)"]


def installed(jobs: list[Job]) -> list[Job]:
    return [job for job in jobs if job.model != NETWORK] if missing_peers() else jobs


def _naive(weathers: Weathers, origin_hour: int | None = None) -> list[Job]:
    return [
        _peer(
            f"seasonal naive, {hours} h",
            "peer",
            weathers,
            0.1,
            partial(_seasonal_naive, hours=hours),
            origin_hour=origin_hour,
        )
        for hours in (168, 24)
    ]


def _seasonal_naive(_: Region, hours: int) -> SeasonalNaive:
    return SeasonalNaive(hours)


def _peer(
    model: str,
    group: Group,
    weathers: Weathers,
    weight: float,
    make: MakePeer,
    origin_hour: int | None = None,
) -> Job:
    return Job(model, group, weathers, weight, partial(_run_peer, make=make, origin_hour=origin_hour))


def _run_peer(
    history: pd.DataFrame,
    region: Region,
    window: Window,
    weathers: Weathers,
    *,
    make: MakePeer,
    origin_hour: int | None,
) -> Figures:
    seen = replace(region, weather=()) if weathers == UNKNOWN else region
    seed = ModelConfig().seed
    return run_peer(make(seen), history, region, window, weathers, seed, origin_hour=origin_hour)


def _operators_own(history: pd.DataFrame, region: Region, window: Window, weathers: Weathers) -> Figures:
    """The same in every column: what the weather was is no matter any more."""
    return dict.fromkeys(weathers, operators_own(history, region, window))


def _ours(model: str, weather: WeatherKind, weight: float, run: Callable[..., dict[str, Any]]) -> Job:
    return Job(model, "ours", (weather,), weight, partial(_run_ours, run=run))


def _run_ours(
    history: pd.DataFrame,
    region: Region,
    window: Window,
    weathers: Weathers,
    *,
    run: Callable[..., dict[str, Any]],
) -> Figures:
    return {weather: run(history, region, window, weather) for weather in weathers}


def _backtest(
    history: pd.DataFrame,
    region: Region,
    window: Window,
    weather: WeatherKind,
    *,
    refit: Refit,
    as_produced: Schedule | None = None,
    config: ModelConfig | None = None,
    product: Product | None = None,
    ensemble: tuple[str, ...] | None = None,
) -> dict[str, Any]:
    result = backtest(
        history,
        region if ensemble is None else replace(region, ensemble=ensemble),
        config or ModelConfig(),
        test_start=window.first,
        test_end=window.last,
        refit=refit,
        as_produced=as_produced,
        weather=weather,
        product=product,
    )
    return result.to_dict()


def _quick_training(
    history: pd.DataFrame, region: Region, window: Window, weather: WeatherKind
) -> dict[str, Any]:
    """What `make train` does, judged over the whole window."""
    if weather not in ("perfect", "none"):
        raise UsageError("a search is judged with the weather that it was made with")
    seen = replace(region, weather=()) if weather == "none" else region
    found = search(
        history,
        seen,
        trials=QUICK_TRIALS,
        epochs=QUICK_EPOCHS,
        seed=42,
        train_until=window.midnights(region)[0],
    )
    return _backtest(history, region, window, weather, refit=None, config=found.best)
