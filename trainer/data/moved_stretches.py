"""Stretches of a history that seem to lie an hour or a day off, as people read them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.quality.moves import Move, moves_by_a_day, moves_by_an_hour
from trainer.data.report import Finding


def moved_stretches(demand: pd.Series[float], region: Region) -> list[Finding]:
    """What lies off in `demand` (MW, consecutive UTC hours, NaN where it is unknown or suspect).

    It stays as it is: no number tells which side of a move is right.
    """
    local = pd.DatetimeIndex(demand.index).tz_convert(region.zone).tz_localize(None)
    first = local[0].normalize()
    days = (local.normalize() - first).days.to_numpy()
    by_hour = np.full((days[-1] + 1, 24), np.nan)
    by_hour[days, local.hour] = demand.to_numpy()
    return [
        *_told(moves_by_an_hour(by_hour), "an hour", "the clock of the meter, or of the file,", first),
        *_told(moves_by_a_day(by_hour), "a day", "the date of rows", first),
    ]


def _told(moves: Sequence[Move], by: str, what: str, first: pd.Timestamp) -> list[Finding]:
    """A move and the one that takes it back are one stretch. `first`: the day with number 0."""
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
            f"demand seems to lie {by} {'late' if begin.is_later else 'early'} from about "
            f"{first + pd.Timedelta(days=begin.day):%Y-%m-%d}{until}, beside what is before and after: is "
            f"{what} off? It is trained on as it is: mend the file, or reject those hours with the verb judge"
        )
        findings.append(Finding("moved", 24 * ((end.day if end else begin.day + 1) - begin.day), text))
    return findings
