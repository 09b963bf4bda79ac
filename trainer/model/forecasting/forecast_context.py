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
from trainer.model.forecasting.kept_level import kept_level
from trainer.model.regressions.day_features import DayFeatures
from trainer.model.regressions.origin_features import Block, OriginFeatures


@dataclass(frozen=True)
class ForecastContext:
    """The hours that forecasts are made in, as each part reads them. All arrays are (hours, ...)."""

    known: Block
    """What the networks read of each hour, scaled."""
    residual: Block
    """Scaled, without holes; nothing of it or of `transformed` at or after an origin is used for it."""
    transformed: Vector
    """Demand on the model's scale, without holes, less the level that it keeps."""
    kept_level: Vector
    """See there; what `residual` is less, and forecasts more."""
    known_demand: npt.NDArray[np.bool_]
    """Where `residual` and `transformed` are of a demand that was measured."""
    base: Vector
    """Trend and seasonality, on the same scale."""
    deviation: float
    """By which residuals are divided, on the same scale."""
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
    origin_features = OriginFeatures.of(facts, effect, region.weather, epoch)
    residual = (transformed - base) / deviation
    telling = known_demand & (origin_features.holiday == 0)
    level = kept_level(residual, telling, origin_features.local_hour)
    here = ForecastContext(
        known=known.astype(np.float32),
        residual=(residual - level).astype(np.float32),
        transformed=transformed - level * deviation,
        kept_level=level,
        known_demand=known_demand,
        base=base,
        deviation=deviation,
        origin_features=origin_features,
        days=DayFeatures.of(facts, origin_features, epoch),
    )
    return here, trend, seasonality
