"""A meter that is stuck: the same value hour after hour."""

from __future__ import annotations

from typing import Final

import numpy as np

from trainer.data.quality.habits import Mask, Values, is_habit
from trainer.data.runs import runs

SHORTEST: Final = 6
"""Hours of exactly the same demand that a living grid does not show."""
_MUCH_LONGER: Final = 3


def flat_lines(demand: Values) -> Mask:
    """(hours,): repetitions of the hour before in stretches of 6 equal hours and more; the first hour of each
    was measured.

    Where such stretches are usual, as in small feeders that are rounded, only those count that last three
    times as long as is usual.
    """
    same = np.concatenate([[False], np.diff(demand) == 0])
    stretches = [(start, end) for start, end in runs(same) if end - start + 1 >= SHORTEST]

    def flat(shortest: int) -> Mask:
        found = np.zeros(len(demand), dtype=bool)
        for start, end in stretches:
            found[start:end] = end - start >= shortest
        return found

    usual = [length for length in {end - start for start, end in stretches} if is_habit(flat(length))]
    return flat(_MUCH_LONGER * max(usual)) if usual else flat(0)
