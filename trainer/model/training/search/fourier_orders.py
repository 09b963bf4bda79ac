"""The Fourier orders that validate best, by exhaustive grid."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.model.config import ModelConfig
from trainer.model.covariates.fourier import (
    MAX_ORDER,
    Orders,
    is_most_of_a_short_history,
    resolvable_yearly_harmonics,
)
from trainer.model.decomposition import Series, best_orders
from trainer.model.progress import Progress
from trainer.model.training.regressions.threads import one_thread_each
from trainer.model.training.training_series import training_series

_VALIDATION: Final = 8760
"""Hours: a whole year judges the orders where there are three of them."""


def fourier_orders(series: Series, progress: Progress) -> Orders:
    """The orders of the seasonality that validates best on the last year of the series, or its last third,
    fitted before that."""
    combinations = MAX_ORDER**2 * resolvable_yearly_harmonics(len(series))
    progress.on_stage("fourier", f"{combinations:,} combinations of daily, weekly and yearly harmonics")
    split = len(series) - min(_VALIDATION, len(series) // 3)
    with one_thread_each():
        return best_orders(series, split)


def with_orders_of_longer_history(
    config: ModelConfig,
    history: pd.DataFrame,
    region: Region,
    *,
    train_until: pd.Timestamp,
    progress: Progress,
) -> ModelConfig:
    """`config`, with its orders found anew where the hours before `train_until` resolve more harmonics of the
    year than it has, which may be all that a shorter history resolved: that has passed a year, or two, since.

    Raises DataError as `training_series`.
    """
    if not is_most_of_a_short_history(config.ky):
        return config
    series = training_series(history, region, train_until)
    if resolvable_yearly_harmonics(len(series)) <= config.ky:
        return config
    orders = fourier_orders(series, progress)
    return replace(config, kd=orders.daily, kw=orders.weekly, ky=orders.yearly)
