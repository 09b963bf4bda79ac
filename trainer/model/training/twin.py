"""The weatherless twin: the same model without weather, for the days of which no weather is known."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from trainer.contract import ORIGIN_HOURS, Region
from trainer.model.config import ModelConfig
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.fitting import fit
from trainer.model.training.training_series import SHORTEST_DAYS

log = logging.getLogger(__name__)

_EPOCHS: Final = 1
"""Of its network, which only says how wide the band is: ten of them gain 0.002 points of MAPE."""


def fit_twin(
    history: pd.DataFrame,
    region: Region,
    config: ModelConfig,
    *,
    train_until: pd.Timestamp,
    device: str,
    origin_hours: Sequence[int] = ORIGIN_HOURS,
) -> Forecaster | None:
    """A model of the demand before `train_until` (UTC) alone; None for a region without weather, whose model
    is one already. Raises as `fit` does."""
    if not region.weather:
        return None
    quick = replace(config, epochs=_EPOCHS, members=1)
    without = replace(region, weather=(), weather_error=0.0)
    return fit(history, without, quick, train_until=train_until, device=device, origin_hours=origin_hours)


def without_scarce_weather(history: pd.DataFrame, region: Region, train_until: pd.Timestamp) -> Region:
    """`region`, or the same without weather where that is known together with demand for too few hours to
    learn from, and demand alone for enough."""
    past = history.loc[history.index < train_until].reindex(columns=["demand", *region.weather])
    least = 24 * SHORTEST_DAYS
    both, demand = int(past.notna().all(axis=1).sum()), int(past["demand"].notna().sum())
    if both >= least or demand < least:
        return region
    log.warning(
        "region %s: %s and demand are known together for %d days only; trained without weather",
        region.name,
        ", ".join(region.weather),
        both // 24,
    )
    return replace(region, weather=(), weather_error=0.0)
