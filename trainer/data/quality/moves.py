"""From one day on demand comes an hour, or a day, off: a meter's clock is wrong, or rows of a file slid.

People live by the clock and the week that they see, and neither moves overnight. So the shapes of a day and
of a week before some day are compared with those after it, as they are and moved, of whatever level and sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from trainer.data.quality.habits import Values
from trainer.data.runs import runs

_FITS: Final = 0.3
"""Share of the difference of two shapes that is left where one is moved, and of their own size. Seasons,
holidays, lockdowns and clocks that change leave more than 0.47 of the former in Korea, France and Greece."""
_DAYS: Final = 14
"""Before and after, whose median steps from hour to hour are the shape of a day."""
_FEWEST: Final = 7
"""Of them that must be known."""
_INNER: Final = slice(2, 21)
"""Steps of a day that have others an hour before and after them."""
_WEEKS: Final = 6
"""Before and after, whose median departures from the week's mean are the shape of a week."""
_WEEK: Final = 7


@dataclass(frozen=True)
class Move:
    """From the beginning of `day` (numbered from 0) on."""

    day: int
    is_later: bool


def moves_by_an_hour(by_hour: Values) -> list[Move]:
    """The days from which on all comes an hour later, or earlier, than before, in order.

    `by_hour` (days, 24): demand by local day and hour of the clock, NaN where it is unknown.
    """
    steps = np.diff(by_hour, axis=1)
    if len(steps) < 2 * _DAYS:
        return []
    usual = pd.DataFrame(steps).rolling(_DAYS, min_periods=_FEWEST).median().to_numpy()
    before, after = usual[_DAYS - 1 : -_DAYS], usual[2 * _DAYS - 1 :]
    moves = []
    size = _misfit(before[:, _INNER], 0.0)
    for move in _moves(_by_hours(before, after), size, first=_DAYS):
        begins = max(move.day - _DAYS, 0)
        days = steps[begins : move.day + _DAYS]
        misfits = _by_hours(np.tile(before[move.day - _DAYS], (len(days), 1)), days)
        turn = _turn(misfits[0], misfits[1 if move.is_later else -1])
        moves.append(Move(begins + turn, move.is_later))
    return moves


def moves_by_a_day(by_hour: Values) -> list[Move]:
    """Likewise the days from which on weekends come a day later, or earlier, than before."""
    known = np.isfinite(by_hour).mean(axis=1) > 0.5
    daily = np.full(len(by_hour), np.nan)
    daily[known] = np.nanmean(by_hour[known], axis=1)
    departures = daily - pd.Series(daily).rolling(_WEEK, center=True, min_periods=_WEEK - 2).mean().to_numpy()
    span = _WEEKS * _WEEK
    if len(daily) < 2 * span:
        return []
    weeks = np.lib.stride_tricks.sliding_window_view(departures, span).reshape(-1, _WEEKS, _WEEK)
    usual = np.median(weeks, axis=1)  # (days, days of a week) of the weeks that begin with each day
    before, after = usual[:-span], usual[span:]
    by_days = {days: _misfit(before, np.roll(after, -days, axis=1)) for days in (-1, 0, 1)}
    moves = []
    for move in _moves(by_days, _misfit(before, 0.0), first=span):
        begins = max(move.day - span, 0)
        days = departures[begins : move.day + span]
        shape = np.resize(before[begins], len(days))  # its weeks begin as `days` do
        moved = np.resize(np.roll(before[begins], 1 if move.is_later else -1), len(days))
        moves.append(Move(begins + _turn((days - shape) ** 2, (days - moved) ** 2), move.is_later))
    return moves


def _by_hours(before: Values, after: Values) -> dict[int, Values]:
    """By the hours that shapes `after` (days, 23) are taken to be later, how they differ from `before`."""
    return {
        hours: _misfit(before[:, _INNER], after[:, _INNER.start + hours : _INNER.stop + hours])
        for hours in (-1, 0, 1)
    }


def _misfit(before: Values, after: Values | float) -> Values:
    """(days,): sum of squares, NaN where a part of a shape is unknown."""
    return np.asarray(((before - after) ** 2).sum(axis=1))


def _moves(misfits: Mapping[int, Values], size: Values, *, first: int) -> list[Move]:
    """The best day of each stretch in which shapes fit better moved, in order. `size` (days,): that of them,
    as misfits have it; `first`: the day of the first misfit."""
    found = []
    for by in (-1, 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = misfits[by] / np.fmin(misfits[0], size)
        for begins, ends in _joined(runs(share < _FITS), first // 2):
            found.append(Move(first + begins + int(np.nanargmin(share[begins:ends])), by > 0))
    return sorted(found, key=lambda move: move.day)


def _joined(stretches: Sequence[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Those between which `gap` days or less lie as one: a holiday parts what is one move."""
    found: list[tuple[int, int]] = []
    for begins, ends in stretches:
        if found and begins - found[-1][1] <= gap:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


def _turn(unmoved: Values, moved: Values) -> int:
    """The place from which on days fit better moved, given how they misfit as they are and moved (days,)."""
    gain = np.nan_to_num(unmoved - moved)
    return int(np.argmin(np.concatenate([[0.0], np.cumsum(gain)])))
