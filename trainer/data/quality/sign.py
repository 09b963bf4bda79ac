"""Zero and negative demand, where a series never has them."""

from __future__ import annotations

from typing import Final

import numpy as np

from trainer.data.quality.habits import Mask, Values, is_habit
from trainer.data.runs import runs

_SHARE: Final = 0.01
_FEW: Final = 3
"""Stretches of separate days, and different values in them."""
_USUAL: Final = 0.99
"""Quantile of the steps from hour to hour up to which one is a glide."""


def is_signed(demand: Values) -> bool:
    """Whether demand (hours,) in MW goes to zero or below by its nature, as net load behind solar panels.

    It does where it does so often. In a short history a few stretches are enough that it glides into, as the
    sun rises: a meter with its sign turned round, or one that is dead, jumps.
    """
    odd = np.less_equal(demand, 0, where=np.isfinite(demand), out=np.zeros(len(demand), bool))
    if is_habit(odd):
        return True
    entered = np.array([start for start, _ in runs(odd) if start > 0], dtype=int)
    if odd.mean() < _SHARE or len(entered) < _FEW or len(np.unique(demand[odd])) < _FEW:
        return False
    steps = np.abs(np.diff(demand))
    return bool(np.nanmedian(steps[entered - 1]) <= np.nanquantile(steps, _USUAL))


def non_positive(demand: Values) -> Mask:
    """(hours,): zero or below where the series never is."""
    if is_signed(demand):
        return np.zeros(len(demand), dtype=bool)
    return np.asarray(demand <= 0)
