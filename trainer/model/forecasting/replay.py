"""Forecasts made again of the days since training, to see how wide the band has to be by now.

A model errs more when demand is no longer what it was; the days on which the band was calibrated cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Matrix, Vector
from trainer.model.forecasting.band import widened
from trainer.model.forecasting.residual import ForecastContext
from trainer.model.regressions.origin_features import DAY, Rows

REPLAYED_DAYS: Final = 14


@dataclass(frozen=True)
class Replay:
    """The forecasts of the day ahead to be made again: from the 14 days before each origin, at its local
    hour."""

    origins: Rows
    """Of all of them, each once."""
    counts: npt.NDArray[np.bool_]
    """(forecasts now, 14): the earliest day first."""
    place: Rows
    """Of each that counts among `origins`."""

    @classmethod
    def before(cls, now: Rows, tells: npt.NDArray[np.bool_]) -> Self:
        """The replay for origins at rows `now`. `tells` (hours,): the rows whose forecast says how good those
        of now are; others are left out."""
        back = now[:, None] - DAY * np.arange(REPLAYED_DAYS, 0, -1)
        counts = (back >= 0) & tells[np.maximum(back, 0)]
        origins, place = np.unique(back[counts], return_inverse=True)
        return cls(origins, counts, place)

    def wider(self, here: ForecastContext, quantiles: Matrix, coverage: float) -> Vector:
        """(forecasts now,): the factor on their band scale that the replayed days ask for. `quantiles`
        (origins, 24, 3) are the forecasts made again, their band scaled as in training; `coverage` is the
        share the band should hold."""
        rows = self.origins[:, None] + np.arange(DAY)
        known = np.where(here.known_demand[rows], here.residual[rows], np.nan)
        actual = np.full((*self.counts.shape, DAY), np.nan)
        actual[self.counts] = known[self.place]
        bands = np.empty((*actual.shape, quantiles.shape[-1]))
        bands[self.counts] = quantiles[self.place]
        bands[~self.counts] = np.arange(quantiles.shape[-1])  # of no meaning, and no division by 0
        return widened(actual, bands, coverage)
