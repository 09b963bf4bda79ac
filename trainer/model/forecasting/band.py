"""The 80 % band: the networks' own quantiles, widened by a band scale until they cover what they should.

Split conformal prediction with the band's half-widths as the unit (conformalised quantile regression, Romano
et al. 2019, in its scaled form), one scale for each lead time, pooled over its neighbours. After training all
of them are widened or narrowed day by day (adaptive conformal inference, Gibbs and Candes 2021, on the
logarithm of the width).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from trainer.contract import MAX_HORIZON
from trainer.model.arrays import Matrix, Vector
from trainer.model.regressions.origin_features import Rows

_POOL: Final = 3
"""Lead times on either side that are judged together."""
_FEWEST: Final = 30
"""Scores that a lead time and its neighbours need; with fewer it has the band scale of the one before."""
RATE: Final = 0.3
"""A day of which no hour lay within the band multiplies the next day's width by exp(RATE x coverage)."""


def calibrate(actual: Matrix, quantiles: Matrix, coverage: float) -> Vector:
    """The band scale of each lead time 1..168, (168,): the factor on the half-widths under which the band
    holds the share `coverage` of `actual`.

    `actual` (origins, hours), NaN where unknown; `quantiles` (origins, hours, 3) of the same unit.
    """
    score = _half_widths(actual, quantiles)
    band_scale = np.ones(MAX_HORIZON)
    last = 1.0
    for lead, pooled in enumerate(pooled_scores(score)):
        if pooled.size:
            level = min(1.0, np.ceil((pooled.size + 1) * coverage) / pooled.size)
            last = float(np.quantile(pooled, level))
        band_scale[lead] = last
    return band_scale


def pooled_scores(scores: Matrix) -> Iterator[Vector]:
    """The known `scores` (origins, hours) of each lead time 1..168 and its neighbours; none where those are
    so few that the lead times before it speak for it."""
    for lead in range(MAX_HORIZON):
        pooled = scores[:, max(0, lead - _POOL) : lead + _POOL + 1]
        pooled = pooled[np.isfinite(pooled)]
        yield pooled if pooled.size >= _FEWEST else pooled[:0]


def width_factors(actual: Matrix, quantiles: Matrix, coverage: float) -> Matrix:
    """(origins, days + 1): the factors on the band scale, above 1 where the band held too little on the days
    before, below 1 where it held too much; one for each of the days and one for the day after the last.

    `actual` (origins, days, hours), the earliest day first, NaN where unknown or where the day does not
    count; `quantiles` (origins, days, hours, 3) of the same unit.
    """
    score, known = _half_widths(actual, quantiles), np.isfinite(actual)
    wider = np.ones((len(actual), actual.shape[1] + 1))
    for day in range(actual.shape[1]):
        missed = score[:, day] > wider[:, day, None]
        step = np.exp(RATE * np.where(known[:, day], missed - (1 - coverage), 0.0).mean(1))
        wider[:, day + 1] = wider[:, day] * step
    return wider


def with_band_scale(quantiles: Matrix, band_scale: Vector, wider: Vector | float = 1.0) -> Matrix:
    """`quantiles` (origins, hours, 3), the distance of their edges from the median multiplied by the lead
    time's band scale and by the factor `wider`, (origins,) or one for all.

    Beyond 168 hours, where demand is late, the last band scale holds.
    """
    median = quantiles[..., 1:2]
    leads = np.minimum(np.arange(quantiles.shape[1]), len(band_scale) - 1)
    of_origins = np.reshape(wider, (-1, 1, 1))
    return np.asarray(median + (quantiles - median) * (band_scale[leads, None] * of_origins))


def wider_where_carried_on(quantiles: Matrix, since: Rows, widths: Vector | None) -> Matrix:
    """`quantiles` (origins, hours, 3), their edges farther from the median at the hours whose weather is
    carried on: `since` (origins, hours) tells for how many hours it has been, 0 where it is known.

    `widths` (24,), in the unit of `quantiles`: the half-widths that this adds, by those hours. The errors are
    independent of those that the band stands for, so squares add up. None leaves the band as it is.
    """
    if widths is None or not since.any():
        return quantiles
    more = np.where(since, widths[np.minimum(since, len(widths)) - 1], 0.0)
    median = quantiles[..., 1]
    lower, upper = (np.hypot(quantiles[..., edge] - median, more) for edge in (0, 2))
    return np.stack([median - lower, median, median + upper], axis=-1)


def _half_widths(actual: Matrix, quantiles: Matrix) -> Matrix:
    """Distance of `actual` from the median in half-widths of the band: 1 on its edge. (origins, hours)."""
    low, median, high = (quantiles[..., k] for k in range(3))
    return np.asarray(np.maximum((median - actual) / (median - low), (actual - median) / (high - median)))
