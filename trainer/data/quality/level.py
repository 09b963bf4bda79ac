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
    known = np.flatnonzero(np.isfinite(medians))
    moves = np.abs(np.diff(medians[known]))
    level = _Level(limit=max(_JUMP, _ODDER * float(np.median(moves)) if moves.size else 0.0))
    for number in known:
        hours = slice(bounds[number], bounds[number + 1])
        if accepted[hours].any():
            level.learn_anew()
        usual = level.usual
        if usual is None:
            level.stays_at(float(medians[number]))
            continue
        unit[hours], of_day = _without_another_unit(demand[hours], usual, float(medians[number]))
        if of_day is None:
            continue
        if abs(of_day - usual) <= level.limit:
            level.stays_at(of_day)
            continue
        jump[hours] = ~unit[hours]
        for held in level.moves_to(of_day, int(number)):
            jump[bounds[held] : bounds[held + 1]] = False
    if is_habit(unit):
        unit[:] = False
    if is_habit(jump):
        jump[:] = False
    return Levels(unit, jump & np.isfinite(demand))


class _Level:
    """The level that demand is at, followed from day to day by the days' medians (log MW)."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        """A day that lies farther from the level than this is at another one."""
        self._days: deque[float] = deque(maxlen=MEMORY_DAYS)
        self._elsewhere: dict[int, float] = {}
        """Days at one other level since the last day at this one, by their number."""

    @property
    def usual(self) -> float | None:
        """None until enough days are known."""
        return median(self._days) if len(self._days) >= FEWEST_DAYS else None

    def learn_anew(self) -> None:
        self._days.clear()
        self._elsewhere = {}

    def stays_at(self, of_day: float) -> None:
        self._elsewhere.clear()
        self._days.append(of_day)

    def moves_to(self, of_day: float, number: int) -> list[int]:
        """Takes in day `number` at another level. The days there, once that has held for long enough: it is
        the level now, and they were true; until then none."""
        near = {n: other for n, other in self._elsewhere.items() if abs(other - of_day) <= self.limit / 2}
        self._elsewhere = {**near, number: of_day}
        if len(self._elsewhere) < ACCEPTED_AFTER_DAYS:
            return []
        held = self._elsewhere
        self.learn_anew()
        self._days.extend(held.values())
        return list(held)


def _without_another_unit(demand: Values, usual: float, of_day: float) -> tuple[Mask, float | None]:
    """Which hours of a day are as by another unit, and the median (log MW) of the others; None where those
    are too few to tell. `of_day`: the median of all."""
    logs = np.log(demand) - usual
    off = np.abs(logs) > np.log(UNIT)
    if not off.any():
        return off, of_day
    rest = logs[~off & np.isfinite(logs)]
    return off, float(np.median(rest)) + usual if rest.size >= off.sum() else None


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
