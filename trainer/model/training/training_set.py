"""The training set: a series decomposed on its past, as networks and regressions are trained on it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainer.contract import Region
from trainer.model.arrays import Vector
from trainer.model.config import ModelConfig
from trainer.model.covariates.windows import TAIL, bridged
from trainer.model.decomposition import Decomposition, Series
from trainer.model.forecasting.forecast_context import ForecastContext
from trainer.model.memory import give_memory_back
from trainer.model.regressions.day_features import DayFeatures
from trainer.model.regressions.day_regression import DayRegression
from trainer.model.regressions.origin_features import DAY, OriginFeatures, Rows
from trainer.model.regressions.regression import Regression
from trainer.model.training.device_windows import DeviceWindows
from trainer.model.training.regressions.day_regression_fitting import fit_day_regression
from trainer.model.training.regressions.regression_fitting import fit_regression
from trainer.model.training.regressions.threads import one_thread_each


@dataclass(frozen=True)
class TrainingSet:
    """A decomposition fitted on the hours before `until`, and windows over all hours."""

    decomposition: Decomposition
    windows: DeviceWindows
    origin_features: OriginFeatures
    days: DayFeatures
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
    ) -> TrainingSet:
        """Decomposes the hours before row `until` and puts all hours on `device`.

        The residual before `until` is cross-fitted, that after it plain: no hour's own demand is in its
        seasonality.
        """
        give_memory_back()
        past = series if until == len(series) else series.before(until, region)
        with one_thread_each():
            decomposition, training_residual = Decomposition.fit(past, config.orders)
        give_memory_back()
        trend, seasonality, known = decomposition.apply(series.covariates)
        base = trend + seasonality
        scaled = (series.transformed - base) / decomposition.deviation
        scaled[:until] = training_residual
        epoch = decomposition.plan.epoch
        effect = series.transform.effect_of_amount(seasonality)
        of_residual = series.transformed / decomposition.deviation - scaled  # cross-fitted as that is
        of_residual = np.where(np.isfinite(of_residual), of_residual, base / decomposition.deviation)
        origin_features = OriginFeatures.of(series.covariates, effect, region.weather, epoch, of_residual)
        return cls(
            decomposition,
            DeviceWindows.of(known, scaled, config, device),
            origin_features,
            DayFeatures.of(series.covariates, origin_features, epoch),
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
        """Rows whose day ahead lies before `until` and is known. Gaps in their past are bridged."""
        return self._origins(TAIL + DAY, DAY)

    def context(self) -> ForecastContext:
        """The set's hours as forecasts read them, for origins at `until` and later."""
        return ForecastContext(
            known=self.windows.known.cpu().numpy(),
            residual=self.windows.residual.cpu().numpy(),
            transformed=self.transformed,
            level_shift=np.zeros(len(self.transformed)),
            known_demand=self.known_target,
            base=self.base,
            deviation=self.decomposition.deviation,
            origin_features=self.origin_features,
            days=self.days,
        )

    def regression(self, only: Sequence[int] | None, pool: Executor) -> Regression:
        """The hourly regressions, fitted on the days before `until` by the threads of `pool`; `only`: the
        local hours that get one of their own, all 24 for None."""
        residual = self.windows.residual.cpu().numpy()
        return fit_regression(self.origin_features, residual, self._clean(), only, pool)

    def day_regression(self, only: Sequence[int] | None, pool: Executor) -> DayRegression:
        """The day regression, fitted on the days before `until`; the arguments as in `regression`."""
        return fit_day_regression(self.days, self.transformed, self._clean(), only, pool)

    def validation_origins(self, hours: int, step: int) -> Tensor:
        """Rows from `until` on, `step` hours apart, that have at least `hours` hours after them."""
        last = len(self.known_target) - hours
        return torch.arange(self.until, max(last + 1, self.until), step)
