"""The level that demand keeps since it shifted, as by a lockdown or a closure, beside what is usual.

Networks and regressions hold back what is far out of the ordinary, rightly for a day, and so would never
follow a shift that stays: it is taken off what they read, and laid on what they say.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Vector

_FAR: Final = 4.0
"""Scaled residual of a day, in the middle: up to here the model follows by what it learnt."""
_DAYS: Final = 2
"""In a row that have to agree: a day alone may be of a kind that no calendar knows."""
_FEWEST: Final = 12
"""Hours that tell the middle of a day."""


def level_shift(
    residual: Vector, telling: npt.NDArray[np.bool_], local_hour: npt.NDArray[np.int64]
) -> Vector:
    """(hours,): by how much demand has shifted at each hour, as a scaled residual, told from the local days
    before its own alone.

    It is 0 until the medians of two days in a row agree on a shift, and again from the day after one on which
    demand is as it was before. `residual` (hours,), scaled; `telling` (hours,) is True where it was measured
    and on no holiday; `local_hour` (hours,), 0..23.
    """
    midnights = np.flatnonzero(local_hour == 0)
    level = np.zeros(len(residual))
    now, last = 0.0, np.empty(0)
    for start, end in zip(midnights, [*midnights[1:], len(residual)], strict=True):
        level[start:end] = now
        known = residual[start:end][telling[start:end]]
        if len(known) < _FEWEST:
            continue
        last = np.append(last, np.median(known))[-_DAYS:]
        agreed = len(last) == _DAYS and np.ptp(last) <= _FAR / 2
        if agreed and (np.abs(last - now) > _FAR).all():
            now = float(last.mean())
        if abs(last[-1] - now) > _FAR and abs(last[-1]) <= _FAR / 2:
            now = 0.0
    return level
