"""How far back a forecast of the residual looks, and what of it each hour ahead is shown."""

from __future__ import annotations

from typing import Final

import numpy as np

from trainer.model.arrays import Vector

LAG_DAYS: Final = 14
"""Days before the origin whose residual at the same hour each hour ahead is shown."""
TAIL: Final = 24 * LAG_DAYS
"""Hours of residual before an origin that a forecast needs."""
SEPARATE_LAGS: Final = 7
LAST_HOURS: Final = 3
LAG_COLUMNS: Final = SEPARATE_LAGS + 2 + LAST_HOURS
"""The last 7 days one by one, the mean of 7 and of 14, and the last 3 hours before the origin."""


def bridged(transformed: Vector, base: Vector) -> Vector:
    """`transformed` without holes: an unknown hour departs from `base`, the usual, as that a day before."""
    return base + filled(transformed - base)


def filled(values: Vector) -> Vector:
    """Each NaN replaced by the value 24 hours before it, or by 0; only earlier values are ever used."""
    values = values.copy()
    for row in np.flatnonzero(np.isnan(values)):
        values[row] = values[row - 24] if row >= 24 else 0.0
    return values
