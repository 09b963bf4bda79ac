"""Another unit in a series that passes zero: net load in kW goes a thousand times as far from it."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.data.quality.habits import Mask, Values, is_habit

UNIT: Final = 300.0
"""A factor that no grid's demand moves by, but a change between kW, MW and GW (1000) does."""
MEMORY_DAYS: Final = 28
FEWEST_DAYS: Final = 7
_BEYOND: Final = 3.0
"""Times the usual day's farthest hour: farther than an hour of another unit need not go, and than one of the
old unit goes."""
_LONGEST_GLIDE: Final = 24
"""Hours in which a series of another unit can be near zero."""


def units_by_size(demand: Values, bounds: npt.NDArray[np.int64], accepted: Mask) -> Mask:
    """(hours,): hours as by another unit, of `demand` (hours,) in MW that may be zero or below.

    `bounds` (days + 1,): the first hour of each local day. A day's size is that of its farthest hour from
    zero, and compared with the median of the last four weeks'; from what a person `accepted` (hours,) on it
    is learnt anew.
    """
    size = np.abs(demand)
    unit = np.zeros(len(demand), dtype=bool)
    known: deque[float] = deque(maxlen=MEMORY_DAYS)
    larger = np.zeros(len(demand), dtype=bool)
    for start, end in pairwise(bounds.tolist()):
        hours = slice(start, end)
        if not np.isfinite(size[hours]).any():
            continue
        farthest = float(np.nanmax(size[hours]))
        if accepted[hours].any():
            known.clear()
        usual = median(known) if len(known) >= FEWEST_DAYS else None
        if usual and farthest > UNIT * usual:
            larger[hours] = size[hours] > _BEYOND * usual
        elif usual and 0 < farthest < usual / UNIT:
            unit[hours] = True
        else:
            known.append(farthest)
    off = np.flatnonzero(larger)
    for one, following in pairwise(off.tolist()):
        if following - one <= _LONGEST_GLIDE:
            larger[one:following] = True
    found = (unit | larger) & np.isfinite(demand)
    return np.zeros_like(found) if is_habit(found) else found
