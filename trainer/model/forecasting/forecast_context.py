"""The hours of a region as all parts of its model read them when they forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from trainer.contract import Region
from trainer.model.arrays import Vector
from trainer.model.covariates.features import HourCovariates
from trainer.model.covariates.windows import bridged
from trainer.model.decomposition import Decomposition
from trainer.model.forecasting.level_shift import level_shift
from trainer.model.regressions.day_features import DayFeatures
from trainer.model.regressions.origin_features import Block, OriginFeatures


@dataclass(frozen=True)
class ForecastContext:
    """The hours before and after the origins of forecasts, as the model's parts read them. Demand at or after
    an origin is never read for it."""

    known: Block
    """(hours, features): what the networks read of each hour beside the residual, scaled."""
    residual: Block
    """(hours,): demand less trend, seasonality and level shift, divided by `deviation`; gaps are filled."""
    transformed: Vector
    """(hours,): demand on the model's scale less the level shift; gaps are filled."""
    level_shift: Vector
    """(hours,): as `level_shift` tells it, scaled; it is taken off `residual` and added to forecasts."""
    known_demand: npt.NDArray[np.bool_]
    """(hours,): True where demand was measured, False where it was filled."""
    base: Vector
    """(hours,): trend and seasonality together, on the model's scale."""
    deviation: float
    """The model's scale per unit of the scaled residual."""
    origin_features: OriginFeatures
    days: DayFeatures


def forecast_context(
    frame: pd.DataFrame, region: Region, decomposition: Decomposition
) -> tuple[ForecastContext, Vector, Vector]:
    """The hours of `frame` (by UTC hour `demand` in MW, NaN where unknown, and the region's weather) as
    forecasts read them; and the trend and the seasonality of each, (hours,), on the model's scale."""
    facts = HourCovariates.of(frame, region)
    trend, seasonality, known = decomposition.apply(facts)
    base = trend + seasonality
    deviation, epoch = decomposition.deviation, decomposition.plan.epoch
    demand = frame["demand"].to_numpy(dtype=np.float64)
    transform = decomposition.transform
    transformed = transform(demand)
    known_demand = np.isfinite(transformed)
    transformed = bridged(transformed, base)
    effect = transform.effect_of_amount(seasonality)
    origin_features = OriginFeatures.of(facts, effect, region.weather, epoch, base / deviation)
    residual = (transformed - base) / deviation
    telling = known_demand & (origin_features.holiday == 0)
    level = level_shift(residual, telling, origin_features.local_hour)
    here = ForecastContext(
        known=known.astype(np.float32),
        residual=(residual - level).astype(np.float32),
        transformed=transformed - level * deviation,
        level_shift=level,
        known_demand=known_demand,
        base=base,
        deviation=deviation,
        origin_features=origin_features,
        days=DayFeatures.of(facts, origin_features, epoch),
    )
    return here, trend, seasonality
