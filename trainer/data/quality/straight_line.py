"""A line drawn over an outage: each hour as much above the hour before as the next is above it."""

from __future__ import annotations

from typing import Final

import numpy as np

from trainer.data.quality.flat_line import SHORTEST
from trainer.data.quality.habits import Mask, Values, is_habit
from trainer.data.runs import runs

_BEND: Final = 0.01
"""Share of the usual bend up to which a series goes straight on: chance does so once in a hundred hours."""
_USUAL: Final = 0.2
"""Share of the hours that go straight on from which a series is made of lines."""
_CHANCE: Final = 1e-7
"""Of a stretch that values which were rounded make by themselves."""


def straight_lines(demand: Values) -> Mask:
    """(hours,): the hours that somebody interpolated, in straight stretches of 6 of them and more, or of more
    than chance makes where the series often goes straight on, as rounded ones do.

    `demand` (hours,) in MW, NaN where missing or suspect already. The hour before and the hour after such a
    stretch were measured. Level stretches are for `flat_lines` to judge. Series in which straight lines are
    usual, such as a pump's, have none.
    """
    bend = np.full(len(demand), np.nan)
    bend[1:-1] = np.abs(demand[2:] - 2 * demand[1:-1] + demand[:-2])
    found = np.zeros(len(demand), dtype=bool)
    if not np.isfinite(bend).any():
        return found
    straight = bend <= _BEND * np.nanmedian(bend)
    share = straight.sum() / np.isfinite(bend).sum()
    if not 0 < share <= _USUAL:
        return found
    straight[1:-1] &= demand[2:] != demand[:-2]
    shortest = max(SHORTEST, np.log(_CHANCE) / np.log(share))
    for start, end in runs(straight):
        found[start:end] = end - start >= shortest
    return np.zeros_like(found) if is_habit(found) else found
