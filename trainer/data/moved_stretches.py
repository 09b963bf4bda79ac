"""Stretches of a history that seem to lie an hour or a day off, or turned round, as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta, tzinfo
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.quality.habits import Values
from trainer.data.quality.moves import Move, moves_by_a_day, moves_by_an_hour, turns_of_sign
from trainer.data.report import Finding
from trainer.data.stamps.clocks import change_on

_ABOUT: Final = 3
"""Days by which a move may be found too early or too late."""
_AROUND: Final = 14
_NOON: Final = range(9, 17)
_Stretch = tuple[Move, Move | None]
"""A move, and the one that takes it back."""


def moved_stretches(demand: pd.Series[float], region: Region) -> list[Finding]:
    """What lies off in `demand` (MW, consecutive UTC hours, NaN where it is unknown or suspect).

    It stays as it is: no number tells which side of a move is right.
    """
    local = pd.DatetimeIndex(demand.index).tz_convert(region.zone).tz_localize(None)
    first = local[0].normalize()
    days = (local.normalize() - first).days.to_numpy()
    by_hour = np.full((int(days[-1]) + 1, 24), np.nan)
    by_hour[days, local.hour] = demand.to_numpy()
    hours = [
        move for move in moves_by_an_hour(by_hour) if not _is_the_sun_s(move, by_hour, first, region.zone)
    ]
    turns = [Move(day, place % 2 == 0) for place, day in enumerate(turns_of_sign(by_hour))]
    clock, date = "is the clock of the meter, or of the file, off?", "is the date of rows off?"
    return [
        *(_told(stretch, "an hour", clock, first) for stretch in _paired(hours)),
        *(_told(stretch, "a day", date, first) for stretch in _paired(moves_by_a_day(by_hour))),
        *(_told(stretch, "", "is the meter turned round, or the sign?", first) for stretch in _paired(turns)),
    ]


def _is_the_sun_s(move: Move, by_hour: Values, first: pd.Timestamp, zone: tzinfo) -> bool:
    """Whether clocks changed about then by which the sun comes as `move` does, and demand is lowest at noon:
    panels see the sun and no clock."""
    around = by_hour[max(move.day - _AROUND, 0) : move.day + _AROUND]
    whole = around[np.isfinite(around).all(axis=1)]
    if not len(whole) or int(np.argmin(np.median(whole, axis=0))) not in _NOON:
        return False
    about = (first + pd.Timedelta(days=move.day + days) for days in range(-_ABOUT, _ABOUT + 1))
    changes = [change for day in about if (change := change_on(day, zone))]
    return any((change < timedelta()) == move.is_later for change in changes)


def _paired(moves: Sequence[Move]) -> list[_Stretch]:
    """Each with the next one, where that takes it back."""
    stretches: list[_Stretch] = []
    for move in moves:
        if stretches and stretches[-1][1] is None and stretches[-1][0].is_later != move.is_later:
            stretches[-1] = (stretches[-1][0], move)
        else:
            stretches.append((move, None))
    return stretches


def _told(stretch: _Stretch, by: str, question: str, first: pd.Timestamp) -> Finding:
    """`by`: how much it lies off, nothing where what rises falls; `first`: the day with number 0."""
    begin, end = stretch
    how = f"lie {by} {'late' if begin.is_later else 'early'}" if by else "fall where it should rise"
    since = f"{first + pd.Timedelta(days=begin.day):%Y-%m-%d}"
    until = f" to {first + pd.Timedelta(days=end.day - 1):%Y-%m-%d}" if end else " on"
    text = (
        f"demand seems to {how} from about {since}{until}, beside what is before and after: {question} It is "
        "trained on as it is: mend the file, or reject those hours with the verb judge"
    )
    return Finding("moved", 24 * (end.day - begin.day) if end else 1, text)
