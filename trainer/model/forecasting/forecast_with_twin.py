"""One forecast by a model for as long as its weather is known, and by its weatherless twin from there on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from trainer.errors import WeatherUnknownError
from trainer.model.arrays import Matrix
from trainer.model.forecasting.day_figures import DayFigures
from trainer.model.forecasting.error_distribution import PATHS
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.forecasts import Forecasts
from trainer.model.forecasting.needed_hours import hours_with_weather


@dataclass(frozen=True)
class ForecastWithTwin:
    """The hours from one origin. The twin's begin with a local day, so that each day is of one of the two."""

    model: Forecasts | None
    """Of the lead times up to `by_model`; None where the model has none."""
    twin: Forecasts | None
    """Of all lead times; None where the model has them all."""
    by_model: int
    """The last lead time of the model's, in hours."""
    reason: str | None = None
    """Why the twin forecasts, where it does."""

    @classmethod
    def of(
        cls,
        model: Forecaster,
        twin: Callable[[WeatherUnknownError], Forecaster | None],
        history: pd.DataFrame,
        origin: pd.Timestamp,
        horizon: int,
    ) -> Self:
        """The `horizon` hours from `origin` (UTC); `history` as for `Forecaster.forecast`. The `twin` is
        asked for, with the reason, where `model` lacks weather for some of the hours. Raises as
        `Forecaster.forecast` does, WeatherUnknownError where there is no twin.
        """
        try:
            return cls(model.forecasts(history, [origin], horizon), None, horizon)
        except WeatherUnknownError as error:
            without_weather = twin(error)
            if without_weather is None:
                raise
            reason = str(error)
        by_model = hours_with_weather(history, model.region, origin, horizon)
        return cls(
            model.forecasts(history, [origin], by_model) if by_model else None,
            without_weather.forecasts(history, [origin], horizon),
            by_model,
            reason,
        )

    def frame(self) -> pd.DataFrame:
        """The rows of `Forecaster.forecast`."""
        return pd.concat([part.frame().iloc[first - 1 :] for part, first in self._parts(1)])

    def days(self, first_lead_time: int = 1) -> list[DayFigures] | None:
        """Of each whole local day from `first_lead_time` on; None where either says nothing of them."""
        found: list[DayFigures] = []
        for part, first in self._parts(first_lead_time):
            days = part.days(first)
            if days is None:
                return None
            found += days
        return found

    def paths(self, count: int = PATHS, seed: int = 0) -> Matrix | None:
        """(count, hours), MW, as `Forecasts.paths` gives them; None where either knows none. The twin's hours
        go on as if nothing were known of the errors before them."""
        found: list[Matrix] = []
        for part, first in self._parts(1):
            paths = part.paths(0, count, seed)
            if paths is None:
                return None
            found.append(paths[:, first - 1 :])
        return np.hstack(found)

    def shares(self, first_lead_time: int = 1) -> dict[str, float] | None:
        """Member -> its mean weight, 0..1, over the hours from `first_lead_time` on; None of a model that
        stands alone."""
        parts = self._parts(first_lead_time)
        hours = [part.hours.shape[1] - first + 1 for part, first in parts]
        shares = [part.shares(first) or {} for part, first in parts]
        return {
            name: round(float(np.average([each.get(name, 0.0) for each in shares], weights=hours)), 4)
            for name in dict.fromkeys(name for each in shares for name in each)
        } or None

    def _parts(self, first_lead_time: int) -> list[tuple[Forecasts, int]]:
        """Those that have hours from `first_lead_time` on, each with the lead time of its first one."""
        found = [(self.model, first_lead_time), (self.twin, max(first_lead_time, self.by_model + 1))]
        return [(part, first) for part, first in found if part and first <= part.hours.shape[1]]
