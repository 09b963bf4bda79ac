"""Zero and negative demand, where a series never has them."""

from __future__ import annotations

import numpy as np

from trainer.data.quality.habits import Mask, Values, is_habit


def is_signed(demand: Values) -> bool:
    """Whether demand (hours,) in MW goes to zero or below by its nature, as net load behind solar panels."""
    return is_habit(np.less_equal(demand, 0, where=np.isfinite(demand), out=np.zeros(len(demand), bool)))


def non_positive(demand: Values) -> Mask:
    """(hours,): zero or below where the series never is."""
    if is_signed(demand):
        return np.zeros(len(demand), dtype=bool)
    return np.asarray(demand <= 0)
