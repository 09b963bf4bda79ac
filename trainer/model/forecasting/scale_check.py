"""Whether a model can still read demand: one of its logarithm knows nothing of demand at zero and below."""

from __future__ import annotations

from typing import Final

import pandas as pd

from trainer.errors import DataError
from trainer.model.forecasting.forecaster import Forecaster

_RECENT: Final = pd.Timedelta(days=7)


def require_scale(forecaster: Forecaster, history: pd.DataFrame, origin: pd.Timestamp) -> None:
    """Raises DataError for a model of the logarithm where demand has turned to zero and below for most of the
    week before `origin` (UTC). To it these hours are unknown, and it would go on forecasting what was before.

    `history`: `demand` in MW by UTC hour, NaN where it was not measured."""
    recent = history["demand"][(history.index >= origin - _RECENT) & (history.index < origin)].dropna()
    beyond = int((recent <= 0).sum())
    if forecaster.decomposition.transform.logarithmic and beyond > len(recent) / 2:
        raise DataError(
            f"it models the logarithm of demand, and {beyond} of the {len(recent)} hours measured in the "
            "last 7 days are at or below zero, where there is none; retrain the region once its held-out "
            "days begin after that change: then it is modelled in MW"
        )
