"""Hours filled in with what was measured a day, a week or a year before."""

from __future__ import annotations

from typing import Final

import numpy as np

from trainer.data.quality.habits import Mask, Values, is_habit
from trainer.data.runs import runs

_BEFORE: Final = (24, 48, 168, 336, 52 * 168, 365 * 24, 366 * 24)
"""Hours after which somebody who fills in takes demand again: days, weeks and years."""
_SHORTEST: Final = 12
_FEWEST: Final = 6
"""Different values in a stretch: of fewer, as of a plant that stands still, days are alike by themselves."""
_BY_CHANCE: Final = 0.02
"""Share of the hours that are as such a time before and stand alone, from which a series is rounded."""
_USUAL: Final = 0.2
"""Share of all that are, from which a series is one of profiles."""
_CHANCE: Final = 1e-7
"""Of a stretch that values which were rounded make by themselves."""


def copied(demand: Values) -> Mask:
    """(hours,): stretches of 12 hours and more, or of more than chance makes of rounded values, all exactly
    as a day, a week or a year before; the earlier of the two were measured.

    `demand` (hours,) in MW, NaN where missing or suspect already. Series in which that is usual have none.
    """
    found = np.zeros(len(demand), dtype=bool)
    for hours in _BEFORE:
        alike = np.zeros(len(demand), dtype=bool)
        alike[hours:] = demand[hours:] == demand[:-hours]
        stretches = runs(alike)
        known = max(np.isfinite(demand[hours:] - demand[:-hours]).sum(), 1)
        by_chance = sum(end - start for start, end in stretches if end - start < _SHORTEST) / known
        if by_chance > _BY_CHANCE or alike.sum() / known > _USUAL:
            continue
        shortest = max(_SHORTEST, np.log(_CHANCE) / np.log(max(by_chance, _CHANCE)))
        for start, end in stretches:
            found[start:end] |= end - start >= shortest and len(np.unique(demand[start:end])) >= _FEWEST
    return np.zeros_like(found) if is_habit(found) else found
