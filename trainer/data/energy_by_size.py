"""Numbers that count the energy of their rows' intervals, as their size tells where rows become finer."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

_FEWEST: Final = 48
"""Hours of one resolution before and after a change."""
_COMPARED: Final = 168
"""Hours on either side, at most."""
_NEAR: Final = np.log(1.35)
"""A week's middle hour is as near to the one of the week before."""


def is_energy_by_size(demand: pd.Series[float], rows: pd.Series[float]) -> bool:
    """Whether `demand`, the mean by hour of what rows say, falls and rises wherever the number of `rows` of
    an hour changes, by as much as that rises and falls: a quarter of an hour takes a quarter of its energy.
    """
    values, counts = demand.to_numpy(dtype=np.float64), rows.to_numpy(dtype=np.float64)
    bounds = [0, *(np.flatnonzero(np.diff(counts)) + 1).tolist(), len(counts)]
    stretches = [pair for pair in pairwise(bounds) if pair[1] - pair[0] >= _FEWEST]
    told = False
    for (start, middle), (begin, end) in pairwise(stretches):
        finer = counts[begin] / counts[start]
        before, after = (
            values[max(start, middle - _COMPARED) : middle],
            values[begin : min(end, begin + _COMPARED)],
        )
        if finer == 1 or np.isnan(before).all() or np.isnan(after).all():
            continue
        fall = np.nanmedian(before) / np.nanmedian(after)
        if not fall > 0 or abs(np.log(fall / finer)) > _NEAR:
            return False
        told = True
    return told
