"""A series with all that networks and regressions are taught with, fitted on what a moment knew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainer.contract import Region
from trainer.model.arrays import Vector
from trainer.model.config import ModelConfig
from trainer.model.covariates.windows import TAIL, bridged
from trainer.model.decomposition import Decomposition, Series
from trainer.model.forecasting.residual import Situation
from trainer.model.memory import give_memory_back
from trainer.model.regressions.day_features import DayInputs
from trainer.model.regressions.day_regression import DayRegression
from trainer.model.regressions.origin_features import DAY, Outlook, Rows
from trainer.model.regressions.regression import Regression
from trainer.model.training.device_windows import Windows
from trainer.model.training.regressions.day_regression_fitting import fit_day_regression
from trainer.model.training.regressions.regression_fitting import fit_regression


@dataclass(frozen=True)
class Stage:
    """A decomposition fitted on the hours before `until`, and windows over all hours."""

    decomposition: Decomposition
    windows: Windows
    outlook: Outlook
    days: DayInputs
    base: Vector
    """Trend and seasonality of each hour."""
    transformed: Vector
    """Without holes."""
    known_target: np.ndarray
    """Hours whose demand is known."""
    until: int

    @classmethod
    def of(
        cls, series: Series, region: Region, config: ModelConfig, until: int, device: torch.device
    ) -> Stage:
        """Windows before `until` hold cross-fitted residuals, those after it plain ones."""
        give_memory_back()
        past = series if until == len(series) else series.before(until, region)
        decomposition, training_residual = Decomposition.fit(past, config.orders)
        trend, seasonality, known = decomposition.apply(series.surroundings)
        base = trend + seasonality
        scaled = (series.transformed - base) / decomposition.deviation
        scaled[:until] = training_residual
        epoch = decomposition.plan.epoch
        effect = series.transform.effect_of_amount(seasonality)
        outlook = Outlook.of(series.surroundings, effect, region.weather, epoch)
        return cls(
            decomposition,
            Windows.of(known, scaled, config, device),
            outlook,
            DayInputs.of(series.surroundings, outlook, epoch),
            base,
            bridged(series.transformed, base),
            np.isfinite(series.transformed),
            until,
        )

    def training_origins(self, config: ModelConfig) -> Tensor:
        """Rows whose window and target lie before `until` and whose target is known."""
        return torch.as_tensor(self._origins(TAIL, config.horizon))

    def _origins(self, first: int, hours: int) -> Rows:
        unknown = np.concatenate([[0], np.cumsum(~self.known_target)])  # of the hours before each
        rows = np.arange(first, self.until - hours + 1)
        return np.asarray(rows[unknown[rows + hours] == unknown[rows]])

    def _clean(self) -> Rows:
        """Rows of which the day ahead lies before `until` and is known; gaps of the past are bridged."""
        return self._origins(TAIL + DAY, DAY)

    def situation(self) -> Situation:
        """Its hours, for forecasts from origins at `until` and later."""
        return Situation(
            known=self.windows.known.cpu().numpy(),
            residual=self.windows.residual.cpu().numpy(),
            transformed=self.transformed,
            kept_level=np.zeros(len(self.transformed)),
            known_demand=self.known_target,
            base=self.base,
            deviation=self.decomposition.deviation,
            outlook=self.outlook,
            days=self.days,
        )

    def regression(self, only: Sequence[int] | None) -> Regression:
        """Fitted on the days before `until`; `only`: local hours with a regression of their own."""
        residual = self.windows.residual.cpu().numpy()
        return fit_regression(self.outlook, residual, self._clean(), only)

    def day_regression(self, only: Sequence[int] | None) -> DayRegression:
        """As `regression`."""
        return fit_day_regression(self.days, self.transformed, self._clean(), only)

    def validation_origins(self, hours: int, step: int) -> Tensor:
        """Rows from `until` on, `step` hours apart, that have at least `hours` hours after them."""
        last = len(self.known_target) - hours
        return torch.arange(self.until, max(last + 1, self.until), step)
