"""From one day on demand comes an hour, or a day, off, or turned round: a meter or a file is wrong.

People live by the clock and the week that they see, and neither moves overnight. So the shapes of a day and
of a week before some day are compared with those after it, as they are and moved, of whatever level and sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from trainer.data.quality.habits import Values
from trainer.data.runs import runs

_FITS: Final = 0.3
"""Share of the difference of two shapes that is left where one is moved, and of their own size. Seasons,
holidays, lockdowns and clocks that change leave more than 0.47 of the former in Korea, France and Greece."""
_OWN: Final = 0.4
"""Share of that difference by which the halves of one side may differ: more is noise, or the weather."""
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
    found = []
    for hours in (-1, 1):
        moved = slice(_INNER.start + hours, _INNER.stop + hours)
        found += [Move(day, hours > 0) for day in _days_of_change(steps, moved, 1)]
    return sorted(found, key=lambda move: move.day)


def turns_of_sign(by_hour: Values) -> list[int]:
    """Likewise the days from which on what rose falls, and what fell rises, as of a meter turned round."""
    return _days_of_change(np.diff(by_hour, axis=1), _INNER, -1)


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
    half = _WEEKS // 2
    own = _misfit(np.median(weeks[:, :half], axis=1), np.median(weeks[:, half:], axis=1))
    before, after, noise = usual[:-span], usual[span:], np.maximum(own[:-span], own[span:])
    found = []
    for by in (-1, 1):
        for place in _best_fits(before, after, np.roll(after, -by, axis=1), noise):
            begins = max(place, 0)
            days = departures[begins : place + 2 * span]
            shape = np.resize(before[begins], len(days))  # its weeks begin as `days` do
            moved = np.resize(np.roll(before[begins], by), len(days))
            found.append(Move(begins + _turn((days - shape) ** 2, (days - moved) ** 2), by > 0))
    return sorted(found, key=lambda move: move.day)


def _days_of_change(steps: Values, moved: slice, sign: int) -> list[int]:
    """The days from which on `steps` (days, 23), times `sign`, are in the part `moved` of a day what they
    were in its middle before."""
    if len(steps) < 2 * _DAYS:
        return []
    usual = pd.DataFrame(steps).rolling(_DAYS, min_periods=_FEWEST).median().to_numpy()
    before, after = usual[_DAYS - 1 : -_DAYS, _INNER], usual[2 * _DAYS - 1 :]
    half = _DAYS // 2
    of_half = pd.DataFrame(steps[:, _INNER]).rolling(half, min_periods=half // 2 + 1).median().to_numpy()
    own = _misfit(of_half[:-half], of_half[half:])[half - 1 :]  # of the days that begin with each
    found = []
    for place in _best_fits(
        before, after[:, _INNER], sign * after[:, moved], np.maximum(own[:-_DAYS], own[_DAYS:])
    ):
        days = steps[place : place + 2 * _DAYS]
        unmoved = _misfit(before[place], days[:, _INNER])
        found.append(place + _turn(unmoved, _misfit(before[place], sign * days[:, moved])))
    return found


def _best_fits(before: Values, after: Values, moved: Values, noise: Values) -> list[int]:
    """The best place of each stretch in which shapes `before` (places, steps) fit those `after` better when
    these are `moved`. `noise` (places,): by how much either side misfits itself."""
    unmoved = _misfit(before, after)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = _misfit(before, moved) / np.fmin(unmoved, _misfit(before, 0.0))
    stretches = _joined(runs((share < _FITS) & (noise < _OWN * unmoved)))
    return [begins + int(np.nanargmin(share[begins:ends])) for begins, ends in stretches]


def _misfit(before: Values, after: Values | float) -> Values:
    """(days,): sum of squares, NaN where a part of a shape is unknown."""
    return np.asarray(((before - after) ** 2).sum(axis=1))


def _joined(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those between which few days lie as one: a holiday parts what is one move."""
    found: list[tuple[int, int]] = []
    for begins, ends in stretches:
        if found and begins - found[-1][1] <= _DAYS:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


def _turn(unmoved: Values, moved: Values) -> int:
    """The place from which on days fit better moved, given how they misfit as they are and moved (days,)."""
    gain = np.nan_to_num(unmoved - moved)
    return int(np.argmin(np.concatenate([[0.0], np.cumsum(gain)])))
