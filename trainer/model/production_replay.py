"""The forecasts that production would have published over a past window: trainings judged on held-out days,
the gate, refits, and the model that serves between them."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.contract.local_days import day_of, midnights
from trainer.data.weather.issued import IssuedWeather
from trainer.model.config import ModelConfig
from trainer.model.forecasting.day_ahead import day_ahead
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.metrics import mape
from trainer.model.paired_test import daily_errors, improvement
from trainer.model.training.fitting import fit, update, without_hindsight

log = logging.getLogger(__name__)

RefitPolicy = Literal["daily", "weekly", "never"]

_WEEK: Final = 7


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What production does and when, days counted from the window's first."""

    retrain_days: int = 7
    """Between trainings of a challenger."""
    holdout_days: int = 28
    """Before each training's day: held out, and what champion and challenger are compared on."""
    margin: float = 0.01
    """Share of the champion's error that a challenger must win by."""
    significance: float = 0.05
    """Chance must give so great an improvement in less than this share of cases."""
    refit: RefitPolicy = "weekly"


@dataclass
class ProductionReplay:
    """Serves each day of a window in turn. `facts` counts what happened."""

    history: pd.DataFrame
    region: Region
    config: ModelConfig
    schedule: Schedule
    origin_hours: Sequence[int]
    device: str = "auto"
    issued: IssuedWeather | None = None
    """By which champion and challenger are compared; without it by the weather that came."""
    facts: dict[str, Any] = field(
        default_factory=lambda: {"trainings": 0, "promotions": 0, "refits": 0, "seconds_fit": 0.0}
    )
    _champion: Forecaster | None = None

    def serving(self, number: int, day: pd.Timestamp) -> Forecaster:
        """The champion of the window's day `number`, which begins at `day` (UTC), with all that production
        would have done by then; to be asked for every day in order. Raises DataError as `fit` does."""
        clock = time.perf_counter()
        trained = number % self.schedule.retrain_days == 0
        if trained or self._champion is None:
            self._champion = self._decided(day)
        weekly = self.schedule.refit == "weekly" and number % _WEEK == 0
        if (weekly or self.schedule.refit == "daily") and self._champion.training.train_until < day:
            self._champion = update(
                self._champion, self.history, train_until=day, origin_hours=self.origin_hours
            )
            self.facts["refits"] += 1
        self.facts["seconds_fit"] += time.perf_counter() - clock
        return self._champion

    def _decided(self, day: pd.Timestamp) -> Forecaster:
        """The champion after a challenger was trained for `day` and compared on the days held out."""
        first = day_of(day, self.region) - timedelta(days=self.schedule.holdout_days)
        held_out = pd.DatetimeIndex(midnights(first, day_of(day, self.region), self.region), tz="UTC")
        challenger = fit(
            self.history,
            self.region,
            self.config,
            train_until=held_out[0],
            device=self.device,
            origin_hours=self.origin_hours,
        )
        self.facts["trainings"] += 1
        champion = self._champion
        if champion is None:
            self.facts["promotions"] += 1
            return challenger
        judged = without_hindsight(champion, self.history, held_out)
        forecasts = pd.DataFrame(
            {
                name: day_ahead(model, self.history, held_out, self.issued)["forecast"]
                for name, model in (("challenger", challenger), ("champion", judged))
            }
        )
        if not self._wins(forecasts):
            return champion
        log.info("from %s on a challenger serves", day.isoformat())
        self.facts["promotions"] += 1
        return challenger

    def _wins(self, forecasts: pd.DataFrame) -> bool:
        """What the gate says of `challenger` and `champion`, MW by UTC hour."""
        measured = self.history["demand"].reindex(forecasts.index).dropna()
        known = forecasts.loc[measured.index]
        if not np.isfinite(known).all(axis=None):
            return False
        challenger, champion = (
            float(share if math.isfinite(share := mape(measured, said)) else (said - measured).abs().mean())
            for said in (known["challenger"], known["champion"])
        )
        if challenger >= champion or challenger > champion * (1 - self.schedule.margin):
            return False
        by_day = daily_errors(measured, known, self.region)
        found = improvement(by_day["challenger"].to_numpy(), by_day["champion"].to_numpy())
        return found is None or found.p_value <= self.schedule.significance
