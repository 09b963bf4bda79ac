"""Trend and seasonality fitted together with all that the network's inputs are made with."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.model.arrays import Matrix, Vector
from trainer.model.covariates.features import HourCovariates, Scaler, flags, measures
from trainer.model.covariates.fourier import MAX_ORDER, Orders, resolvable_yearly_harmonics
from trainer.model.covariates.places import PlaceWeights
from trainer.model.decomposition.regressors import RegressorPlan, build
from trainer.model.decomposition.seasonality import Seasonality, cross_fitted, search_orders
from trainer.model.decomposition.trend import Trend
from trainer.model.target_transform import TargetTransform

_BLOCK: Final = 30 * 24
_FOLDS: Final = 8


@dataclass(frozen=True)
class Series:
    """Consecutive hours of a region with their covariates; `transformed` (hours,) is their demand on the
    scale of `transform`, NaN where unknown."""

    frame: pd.DataFrame
    covariates: HourCovariates
    transform: TargetTransform
    transformed: Vector
    places: PlaceWeights = field(default_factory=PlaceWeights)
    """The weights by which the temperature of `frame` was made from those of its places."""

    @classmethod
    def of(cls, frame: pd.DataFrame, region: Region, transform: TargetTransform | None = None) -> Series:
        """`frame` has demand in MW and the region's weather, hourly, UTC; `transform` is found where none is
        given. Raises DataError for a demand that never changes."""
        demand = frame["demand"].to_numpy(dtype=np.float64)
        transform = transform or TargetTransform.of(demand)
        return cls(frame, HourCovariates.of(frame, region), transform, transform(demand))

    def before(self, row: int, region: Region) -> Series:
        """The hours before `row`, their covariates made anew from those hours, so that nothing later is in
        them."""
        return Series.of(self.frame.iloc[:row], region, self.transform)

    def __len__(self) -> int:
        return len(self.transformed)


@dataclass(frozen=True)
class Decomposition:
    """Trend and seasonality, and the scaling of what the networks read; fitted in closed form. Its parts are
    on the scale of `transform`."""

    transform: TargetTransform

    trend: Trend
    plan: RegressorPlan
    seasonality: Seasonality
    scaler: Scaler
    deviation: float
    """Standard deviation of the training residual."""

    @classmethod
    def fit(cls, series: Series, orders: Orders) -> tuple[Decomposition, Vector]:
        """The decomposition of `series`, and the scaled residual (hours,) to train on, each block of it from
        a seasonality that did not see it.

        In-sample residuals are smaller than those a forecast meets, most of all on holidays, and a network
        trained on them trusts the seasonality too much.
        """
        facts = series.covariates
        trend = Trend.fit(facts.index, series.transformed)
        plan = RegressorPlan.of(facts)
        regressors = build(plan, facts)
        target = series.transformed - trend(facts.index)
        local = facts.calendar.local
        seasonality, unseen = cross_fitted(local, regressors, target, orders, _BLOCK, _FOLDS)
        residual = target - unseen
        deviation = float(np.nanstd(residual))
        usual = seasonality.from_explained(local, regressors.explained(seasonality.regressor_coefficients))
        columns = measures(facts, usual, plan.epoch)
        scaler = Scaler.fit(columns, slice(None))
        whole = cls(series.transform, trend, plan, seasonality, scaler, deviation)
        return whole, residual / deviation

    def apply(self, facts: HourCovariates) -> tuple[Vector, Vector, Matrix]:
        """Trend (hours,), seasonality (hours,), both on the model's scale, and the features that the networks
        read (hours, features), scaled."""
        told = build(self.plan, facts).explained(self.seasonality.regressor_coefficients)
        seasonality = self.seasonality.from_explained(facts.calendar.local, told)
        columns = measures(facts, seasonality, self.plan.epoch)
        known = np.hstack([flags(facts.calendar), self.scaler(columns)])
        return self.trend(facts.index), seasonality, known


def best_orders(series: Series, validation_from: int) -> Orders:
    """The winner of all 14 x 14 x 14, fitted before row `validation_from` and validated from there on.

    On less than two years, of those with no more yearly harmonics than `resolvable_yearly_harmonics` allows.
    """
    facts = series.covariates
    known = series.transformed[:validation_from]
    trend = Trend.fit(facts.index[:validation_from], known)
    regressors = build(RegressorPlan.of(facts, validation_from), facts)
    target = series.transformed - trend(facts.index)
    each, yearly = range(1, MAX_ORDER + 1), range(1, resolvable_yearly_harmonics(len(series)) + 1)
    candidates = itertools.product(each, each, yearly)
    local = facts.calendar.local
    return search_orders(local, regressors, target, validation_from, candidates)[0].orders
