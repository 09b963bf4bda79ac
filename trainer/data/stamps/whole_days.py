"""Times without a zone that are whole days of the region only if they are UTC."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.grid import usual_step
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.errors import DataError

_FEWEST_DAYS: Final = 2
_NIGHT: Final = frozenset(range(7))
"""Hours of the clock that hold the day's lowest demand of any grid, but of one behind many panels."""
_HOURS: Final = 24
_AROUND: Final = 3
"""Hours whose mean is compared, of all days."""


def heard_of_utc(
    stamps: pd.Series[pd.Timestamp], raw: SourceFrame, header: str, region: Region, demand: str
) -> list[Finding]:
    """What is told of `stamps` (beginnings, without a zone, that are to be read by the region's clock) which
    would be whole days of that clock if they were UTC, and are none as they are.

    Raises DataError where `demand` (a header) is also lowest at night only if they are UTC.
    """
    if not raw.is_file or len(stamps) < 2:
        return []
    ordered = stamps.sort_values()
    first, after = ordered.iloc[0], ordered.iloc[-1] + usual_step(pd.DatetimeIndex(stamps))
    ends = pd.Series([first, after])
    there = ends.dt.tz_localize("UTC").dt.tz_convert(region.zone).dt.tz_localize(None)
    if after - first < pd.Timedelta(days=_FEWEST_DAYS) or (ends == ends.dt.normalize()).any():
        return []
    if (there != there.dt.normalize()).any():
        return []
    span = f"times go from {first:%Y-%m-%d %H:%M} to {ordered.iloc[-1]:%Y-%m-%d %H:%M}, whole days of "
    span += region.timezone
    mend = 'if they are UTC, say so in the region: stamp_timezone = "UTC"'
    lowest = _lowest_hour(stamps, raw.frame[demand])
    if lowest is not None and lowest not in _NIGHT:
        moved = first.normalize() + pd.Timedelta(hours=lowest)
        if moved.tz_localize("UTC").tz_convert(region.zone).hour in _NIGHT:
            raise DataError(
                f"{raw.place}: {span} if column {header!r} is UTC, and demand would be lowest at {lowest}:00 "
                f'otherwise; {mend}, else stamp_timezone = "{region.timezone}"'
            )
    text = f"{span} if they are UTC, but read by its clock for want of a word; {mend}"
    return [Finding("perhaps_utc", len(stamps), text)]


def _lowest_hour(stamps: pd.Series[pd.Timestamp], cells: pd.Series) -> int | None:
    """The hour of the clock of `stamps` about which the numbers of `cells` are least; None where few are."""
    values = pd.to_numeric(cells.loc[stamps.index], errors="coerce")
    usual = values.groupby(stamps.dt.hour).median().reindex(range(_HOURS)).to_numpy(dtype=np.float64)
    if np.isnan(usual).any():
        return None
    around = sum(np.roll(usual, hours) for hours in range(-(_AROUND // 2), _AROUND // 2 + 1))
    return int(np.argmin(around))
