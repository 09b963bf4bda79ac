"""Unknown hours of the past take what the model itself forecasts for them, so that lags and corrections of
later forecasts stand on something likely."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from trainer.contract import MAX_HORIZON
from trainer.model.arrays import Vector
from trainer.model.covariates.windows import TAIL
from trainer.model.forecasting.forecast_context import ForecastContext
from trainer.model.forecasting.residual import Residual, reach
from trainer.model.regressions.origin_features import DAY, Rows

_SHORTEST: Final = 3
"""Hours; over fewer an hour departs from the usual much as the one a day before."""
_COST_OF_DAY, _COST_OF_WEEKS = 0.1, 0.15
"""By how much larger errors are where the last day, or all of the last two weeks, is unknown: as on Korea
(docs/faults.md)."""


def imputed(here: ForecastContext, residual: Residual, block: int, last: int) -> ForecastContext:
    """`here` with forecasts in place of the residuals of each gap of 3 hours and more before row `last`. Each
    gap is forecast from its start, by what was known before it alone.

    Gaps in the first two weeks, and what lies more than 168 hours after a gap's start, stay as they are
    bridged. `block`: hours that one pass of the networks forecasts.
    """
    changed: ForecastContext | None = None
    for start, end in _gaps(here.known_demand[:last]):
        hours = min(end - start, MAX_HORIZON)
        if start < TAIL or start + reach(hours, block) > len(here.base):
            continue
        now = changed or replace(here, residual=here.residual.copy(), transformed=here.transformed.copy())
        median = residual.quantiles(now, np.array([start]), hours)[0, :, 1]
        rows = slice(start, start + hours)
        now.residual[rows] = median
        now.transformed[rows] = here.base[rows] + median * here.deviation
        changed = now
    return changed or here


def cost_of_unknown(known: np.ndarray, rows: Rows) -> Vector:
    """(origins,): by how much wider the band has to be for what is not `known` (hours,) of the day and of the
    two weeks before each of `rows`."""
    unknown = np.concatenate([[0], np.cumsum(~known)])

    def share(hours: int) -> Vector:
        return np.asarray((unknown[rows] - unknown[np.maximum(rows - hours, 0)]) / hours)

    return 1 + _COST_OF_DAY * share(DAY) + _COST_OF_WEEKS * share(TAIL)


def _gaps(known: np.ndarray) -> list[tuple[int, int]]:
    """(start, end) of each run of 3 unknown hours and more that known ones follow."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], known, [False]]).astype(np.int8)))
    pairs = edges[: len(edges) // 2 * 2].reshape(-1, 2)
    return [(int(s), int(e)) for s, e in pairs if e - s >= _SHORTEST and e < len(known)]
