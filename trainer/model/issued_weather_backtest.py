"""The forecasts of a backtest by the weather as it was issued, and by the twin where it was not."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.weather.issued import ISSUED_AT, IssuedWeather
from trainer.errors import WeatherUnknownError
from trainer.model.config import ModelConfig
from trainer.model.covariates.weather_as_issued import as_issued
from trainer.model.forecasting.day_figures import DayFigures
from trainer.model.forecasting.forecast_with_twin import ForecastWithTwin
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.twin import fit_twin

log = logging.getLogger(__name__)

Made = tuple[pd.DataFrame, list[DayFigures]]
"""The hours of forecasts, and the figures of their whole local days: what `made_with_days` gives back."""


@dataclass
class IssuedWeatherBacktest:
    """Makes each forecast from the history as it was known at its origin (`as_issued`), and counts the hours
    of which an issue spoke. Weather of which none did is unknown, as it is in production: up to a day of it
    is carried on from what was known before, and beyond that the model's twin forecasts."""

    history: pd.DataFrame
    issued: IssuedWeather
    region: Region
    config: ModelConfig
    origin_hours: Sequence[int]
    device: str = "auto"
    _hours: int = 0
    _covered: int = 0
    _weatherless: int = 0
    _ages: list[float] = field(default_factory=list)
    _twin: Forecaster | None = None

    def made(self, forecaster: Forecaster, asked: Iterable[tuple[datetime, range]]) -> list[Made]:
        """As `made_with_days` makes those of each origin (UTC). Raises DataError as it does, but for unknown
        weather."""
        return [self._made(forecaster, pd.Timestamp(origin), lead_times) for origin, lead_times in asked]

    def _made(self, forecaster: Forecaster, origin: pd.Timestamp, lead_times: range) -> Made:
        seen = as_issued(self.history, self.issued, origin, self.region)
        hours = pd.date_range(origin, periods=lead_times[-1], freq="h")[lead_times[0] - 1 :]
        covered = seen[[*self.region.weather]].reindex(hours).notna().all(axis=1)
        issued_at = pd.DatetimeIndex(self.issued.known_at(hours[covered], origin)[ISSUED_AT])
        self._ages += list((origin - issued_at) / pd.Timedelta(hours=1))
        self._hours += len(hours)
        self._covered += int(covered.sum())
        twin = partial(self._twin_of, forecaster)
        made = ForecastWithTwin.of(forecaster, twin, seen, origin, lead_times[-1])
        self._weatherless += len(lead_times) - len(range(lead_times[0], made.by_model + 1))
        frame = made.frame().assign(origin=origin)
        return frame[frame["lead_time"] >= lead_times[0]], made.days(lead_times[0]) or []

    def _twin_of(self, forecaster: Forecaster, error: WeatherUnknownError) -> Forecaster:
        """Of the same days as `forecaster`, made when it is first needed."""
        log.warning("%s; the twin without weather forecasts", error)
        until = forecaster.training.train_until
        if self._twin is None or self._twin.training.train_until < until:
            self._twin = fit_twin(
                self.history,
                self.region,
                self.config,
                train_until=until,
                device=self.device,
                origin_hours=self.origin_hours,
            )
        assert self._twin is not None  # a region without weather never lacks any
        return self._twin

    @property
    def facts(self) -> dict[str, Any]:
        """`hours` that were forecast, `covered_share` (%) of them of which an issue spoke, `weatherless` of
        them that the twin forecast, and `age_hours`: how old the issue usually was at the origin (median;
        None where none was covered)."""
        return {
            "hours": self._hours,
            "covered_share": 100 * self._covered / self._hours,
            "weatherless": self._weatherless,
            "age_hours": float(np.median(self._ages)) if self._ages else None,
        }
