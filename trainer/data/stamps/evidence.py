"""What the rows about changes of the clocks say of the clock that they go by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.grid import usual_step
from trainer.data.sources import SourceFrame
from trainer.errors import DataError

_DAY: Final = pd.Timedelta(days=1)
_FINE: Final = pd.Timedelta(minutes=15)
"""Changes of clocks begin and end on quarters of an hour."""
_FALL: Final = pd.Timedelta(minutes=15)
"""By which times go back at least where the clocks do."""


@dataclass(frozen=True)
class _Window:
    """Local times, without a zone, that the clocks left out or showed twice."""

    first: pd.Timestamp
    end: pd.Timestamp
    """The first time after it."""
    left_out: bool

    def rows(self, stamps: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
        """Those of `stamps` that lie in it."""
        return stamps[(stamps >= self.first) & (stamps < self.end)]

    @property
    def length(self) -> pd.Timedelta:
        return self.end - self.first

    def beside(self, stamps: pd.Series[pd.Timestamp], step: pd.Timedelta) -> pd.Series[pd.Timestamp]:
        """Those that lie as long before it, or as long after it, and at least a row's `step`."""
        length = max(self.length, step)
        near = (stamps >= self.first - length) & (stamps < self.end + length)
        return stamps[near & ~((stamps >= self.first) & (stamps < self.end))]


def refuse_another_clock(
    raw: SourceFrame,
    stamps: pd.Series[pd.Timestamp],
    zone: tzinfo,
    demand: str,
    marks: pd.Series[str],
) -> None:
    """Raises DataError for times (without a zone) that no change of the clocks of `zone` shows to be theirs
    and some change shows not to be: they keep standard time or UTC, and every hour of summer would be off.

    An hour that is left out, or given without `demand`, where the clocks left it out, an hour given twice, or
    with a mark, where they showed it twice, and a day of 23 numbered hours show that they are theirs.
    """
    against: list[str] = []
    step = usual_step(pd.DatetimeIndex(stamps))
    for window in _windows(stamps, zone):
        rows = window.rows(stamps)
        if window.left_out:
            theirs = _keeps_left_out(raw, window, rows, stamps, demand, step)
            text = f"speaks of {window.first:%Y-%m-%d %H:%M}, which the clocks of {zone} left out"
        else:
            theirs = _keeps_repeated(rows, marks)
            text = f"is alone for {window.first:%Y-%m-%d %H:%M}, which the clocks of {zone} showed twice"
        if theirs:
            return
        if theirs is False:
            against.append(f"{raw.row_name(int(rows.index[0]))} {text}")
    if against:
        raise DataError(
            f"{raw.place}: {', and '.join(against[:2])}: these times seem to go by another clock. Say which "
            'in the region: stamp_timezone = "standard" (standard time all the year), "UTC", or '
            f'"{zone}" for the local clock all the same'
        )


def refuse_repeated_hours(
    stamps: pd.Series[pd.Timestamp], raw: SourceFrame, region: Region, zone: tzinfo
) -> None:
    """Raises DataError for times that are there twice just where the region's clocks repeat them: no other
    clock does."""
    twice = stamps[stamps.duplicated(keep=False)]
    if twice.empty:
        return
    if twice.dt.tz_localize(region.zone, ambiguous="NaT", nonexistent="shift_forward").notna().any():
        return
    if twice.dt.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward").isna().all():
        return  # both clocks go back at that hour
    label = int(str(twice.index[0]))
    raise DataError(
        f"{raw.place}: {raw.row_name(label)} and another have {twice.iloc[0]:%Y-%m-%d %H:%M}, which the "
        f"clocks of {region.timezone} showed twice: these times are local, but are said to be {zone}; take "
        f'stamp_timezone out of the region, or say stamp_timezone = "{region.timezone}"'
    )


def _windows(stamps: pd.Series[pd.Timestamp], zone: tzinfo) -> list[_Window]:
    """In order, those that lie within the file's times, with rows on either side."""
    first, last = stamps.min(), stamps.max()
    days = pd.date_range(first.normalize() - _DAY, last.normalize() + 2 * _DAY, freq="D")
    utc = days.tz_localize(zone, ambiguous=np.ones(len(days), dtype=bool), nonexistent="shift_forward")
    offset = (days - utc.tz_convert(None)).asi8
    changes = np.flatnonzero(np.diff(offset)).tolist()
    found = []
    for place in changes:
        # A day longer, where midnight itself is left out or shown twice.
        grid = pd.date_range(days[place] - _DAY / 2, days[place] + 1.5 * _DAY, freq=_FINE)
        odd = grid[grid.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").isna()]
        if odd.empty:
            continue  # a day skipped, by a move over the date line
        window = _Window(odd[0], odd[-1] + _FINE, left_out=bool(offset[place + 1] > offset[place]))
        if first < window.first and last >= window.end:
            found.append(window)
    return found


def _keeps_left_out(
    raw: SourceFrame,
    window: _Window,
    rows: pd.Series[pd.Timestamp],
    stamps: pd.Series[pd.Timestamp],
    demand: str,
    step: pd.Timedelta,
) -> bool | None:
    """Whether a file leaves the window out as the clocks did; None where the rows about it do not tell: hours
    may step over half an hour."""
    if not _has_demand(raw, window.beside(stamps, step), demand).any():
        return None
    if not _has_demand(raw, rows, demand).any():
        return True if step <= window.length else None
    day = window.first.normalize()
    last = day + _DAY - (window.end - window.first)
    without_last = not ((stamps >= last) & (stamps < day + _DAY)).any()
    return without_last and bool(stamps.max() >= day + _DAY)


def _keeps_repeated(rows: pd.Series[pd.Timestamp], marks: pd.Series[str]) -> bool | None:
    """Whether a file repeats a time that the clocks repeated; None where it has no such time."""
    if rows.empty:
        return None
    is_marked = marks.loc[rows.index].ne("").any()
    return bool(rows.duplicated().any() or is_marked or second_passes(rows).any())


def second_passes(rows: pd.Series[pd.Timestamp]) -> pd.Series[bool]:
    """Which of the times (without a zone, in the order of the file) that the clocks of one day show twice are
    of the second passing: those after they go back, as samples do, none of which is there twice.
    """
    fall = rows.diff() < -_FALL
    if rows.duplicated().any() or (rows.diff() < pd.Timedelta(0)).sum() != fall.sum() or fall.sum() != 1:
        return pd.Series(False, index=rows.index)
    return fall.cumsum() > 0


def _has_demand(raw: SourceFrame, rows: pd.Series[pd.Timestamp], demand: str) -> pd.Series[bool]:
    """By row, whether it gives any; a zero fills an hour that never was."""
    cells = raw.frame[demand].loc[rows.index]
    return cells.notna() & ~cells.astype("str").str.fullmatch(r"\s*(?:0+(?:[.,]0*)?|[^\d]*)\s*")
