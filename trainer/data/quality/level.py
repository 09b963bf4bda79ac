"""Demand at another level than before: a unit that was changed, or a jump that has yet to prove itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.data.quality.habits import Mask, Values, is_habit
from trainer.data.quality.size import FEWEST_DAYS, MEMORY_DAYS, UNIT, units_by_size

ACCEPTED_AFTER_DAYS: Final = 7
"""Days that a jump has to hold before it is taken for true."""
_JUMP: Final = np.log(2.5)
"""A day's median so far from the last four weeks' is no weather, no holiday and no lockdown."""
_ODDER: Final = 12.0
"""Times the usual move of a day's median, where that is more."""


@dataclass(frozen=True)
class Levels:
    """(hours,) each."""

    unit: Mask
    """Hours as by another unit."""
    jump: Mask
    """Hours of days at another level, before that has held for long enough."""


def levels(demand: Values, day: npt.NDArray[np.int64], accepted: Mask) -> Levels:
    """`demand` (hours,) in MW, NaN where it is missing or suspect already; `day` (hours,): number of each
    hour's local day, from 0; `accepted` (hours,): what a person called true, from where the level is learnt
    anew. Series that pass zero have no level; a unit shows by how far they go from it. Of those that stop at
    zero, such as a pump's, neither is known: a season at work is a thousand times their standing by."""
    unit, jump = np.zeros(len(demand), dtype=bool), np.zeros(len(demand), dtype=bool)
    bounds = np.searchsorted(day, np.arange(day[-1] + 2))
    lowest = np.nanmin(demand, initial=np.inf)
    if lowest <= 0:
        return Levels(units_by_size(demand, bounds, accepted) if lowest < 0 else unit, jump)
    medians = _daily_medians(demand, bounds)
    moves = np.abs(np.diff(medians[np.isfinite(medians)]))
    limit = max(_JUMP, _ODDER * float(np.median(moves)) if moves.size else 0.0)
    known: deque[float] = deque(maxlen=MEMORY_DAYS)
    waiting: list[int] = []
    for number, of_day in enumerate(medians):
        hours = slice(bounds[number], bounds[number + 1])
        if not np.isfinite(of_day):
            continue
        if accepted[hours].any():
            known.clear()
            waiting.clear()
            medians[number] = float(np.nanmedian(np.log(demand[hours][accepted[hours]])))
        if len(known) < FEWEST_DAYS:
            known.append(float(of_day))
            continue
        usual = median(known)
        logs = np.log(demand[hours]) - usual
        off_unit = np.abs(logs) > np.log(UNIT)
        unit[hours] = off_unit
        if off_unit.any():
            rest = logs[~off_unit & np.isfinite(logs)]
            if rest.size < off_unit.sum():
                continue
            medians[number] = float(np.median(rest)) + usual
        if abs(medians[number] - usual) <= limit:
            waiting.clear()
            known.append(float(medians[number]))
            continue
        jump[hours] = ~off_unit
        waiting = [n for n in waiting if abs(medians[n] - medians[number]) <= limit / 2] + [number]
        if len(waiting) >= ACCEPTED_AFTER_DAYS:  # it held: its days were true
            known.clear()
            for held in waiting:
                known.append(float(medians[held]))
                jump[bounds[held] : bounds[held + 1]] = False
            waiting.clear()
    if is_habit(unit):
        unit[:] = False
    if is_habit(jump):
        jump[:] = False
    return Levels(unit, jump & np.isfinite(demand))


def _daily_medians(demand: Values, bounds: npt.NDArray[np.int64]) -> Values:
    """(days,): of log MW; NaN for days of which nothing is known."""
    hours = np.diff(bounds)
    days = np.full((len(hours), max(hours.max(initial=0), 1)), np.nan)
    days[np.arange(days.shape[1]) < hours[:, None]] = np.log(demand)
    days.sort(axis=1)  # unknown hours come last
    known = np.isfinite(days).sum(axis=1)
    row = np.arange(len(days))
    medians: Values = (days[row, (known - 1) // 2] + days[row, known // 2]) / 2
    return medians
