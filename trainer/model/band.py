"""The 80 % band: the network's own edges, stretched until they hold what they should.

Split conformal prediction with the band's half-widths as the unit (conformalised quantile regression, Romano
et al. 2019, in its scaled form), one stretch per lead time, pooled over neighbouring lead times.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from trainer.contract import MAX_HORIZON
from trainer.model.arrays import Matrix, Vector

_POOL: Final = 3
"""Lead times on either side that are judged together."""
_FEWEST: Final = 30
"""Scores below which the neighbours' stretch is taken over."""


def calibrate(actual: Matrix, quantiles: Matrix, coverage: float) -> Vector:
    """The stretch of each lead time 1..168.

    `actual` (origins, hours), NaN where unknown; `quantiles` (origins, hours, 3) of the same unit.
    """
    low, median, high = (quantiles[..., k] for k in range(3))
    score = np.maximum((median - actual) / (median - low), (actual - median) / (high - median))
    stretch = np.ones(MAX_HORIZON)
    last = 1.0
    for lead in range(MAX_HORIZON):
        pooled = score[:, max(0, lead - _POOL) : lead + _POOL + 1]
        pooled = pooled[np.isfinite(pooled)]
        if pooled.size >= _FEWEST:
            level = min(1.0, np.ceil((pooled.size + 1) * coverage) / pooled.size)
            last = float(np.quantile(pooled, level))
        stretch[lead] = last
    return stretch


def stretched(quantiles: Matrix, stretch: Vector) -> Matrix:
    """`quantiles` (origins, hours, 3) with edges moved from the median by the stretch of their lead time.

    Beyond 168 hours, where demand is late, the last stretch holds.
    """
    median = quantiles[..., 1:2]
    leads = np.minimum(np.arange(quantiles.shape[1]), len(stretch) - 1)
    return np.asarray(median + (quantiles - median) * stretch[leads, None])
