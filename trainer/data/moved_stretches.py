"""Stretches of a history that seem to lie an hour or a day off, or turned round, as people read them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.quality.moves import Move, moves_by_a_day, moves_by_an_hour, turns_of_sign
from trainer.data.report import Finding


def moved_stretches(demand: pd.Series[float], region: Region) -> list[Finding]:
    """What lies off in `demand` (MW, consecutive UTC hours, NaN where it is unknown or suspect).

    It stays as it is: no number tells which side of a move is right.
    """
    local = pd.DatetimeIndex(demand.index).tz_convert(region.zone).tz_localize(None)
    first = local[0].normalize()
    days = (local.normalize() - first).days.to_numpy()
    count = int(days[-1]) + 1
    by_hour = np.full((count, 24), np.nan)
    by_hour[days, local.hour] = demand.to_numpy()
    told = [
        *_told(
            moves_by_an_hour(by_hour), "lie an hour", "the clock of the meter, or of the file,", first, count
        ),
        *_told(moves_by_a_day(by_hour), "lie a day", "the date of rows", first, count),
    ]
    turns = [Move(day, place % 2 == 0) for place, day in enumerate(turns_of_sign(by_hour))]
    return [
        *told,
        *_told(turns, "be turned round, its sign another", "the meter", first, count, said=("", "")),
    ]


def _told(
    moves: Sequence[Move],
    how: str,
    what: str,
    first: pd.Timestamp,
    days: int,
    *,
    said: tuple[str, str] = (" late", " early"),
) -> list[Finding]:
    """A move and the one that takes it back are one stretch. `first`: the day with number 0 of `days`;
    `said`: what is said of a move that is later, and of one that is not."""
    stretches: list[tuple[Move, Move | None]] = []
    for move in moves:
        if stretches and stretches[-1][1] is None and stretches[-1][0].is_later != move.is_later:
            stretches[-1] = (stretches[-1][0], move)
        else:
            stretches.append((move, None))
    findings = []
    for begin, end in stretches:
        until = f" to {first + pd.Timedelta(days=end.day - 1):%Y-%m-%d}" if end else " on"
        text = (
            f"demand seems to {how}{said[0] if begin.is_later else said[1]} from about "
            f"{first + pd.Timedelta(days=begin.day):%Y-%m-%d}{until}, beside what is before and after: is "
            f"{what} off? It is trained on as it is: mend the file, or reject those hours with the verb judge"
        )
        findings.append(Finding("moved", 24 * ((end.day if end else days) - begin.day), text))
    return findings
