"""Whether a time names the end of its interval, and how long that interval is."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import FileSettings, Region
from trainer.data.grid import usual_step
from trainer.data.sources import SourceFrame, first_label
from trainer.data.stamps.fields import StampFields
from trainer.errors import DataError, StampUnknownError

_DAY: Final = pd.Timedelta(days=1)
_AROUND: Final = 5
"""Times whose usual distance tells how long the intervals are there."""


def before_their_intervals(stamps: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
    """The beginnings of the intervals that end at `stamps`, in the resolution that these have.

    An interval is as long as those that lie about it: a file may have been hourly once, and a row that is
    missing makes the one after it no longer.
    """
    counts, unit = pd.DatetimeIndex(stamps).asi8, stamps.dt.unit
    moments = np.sort(counts)
    moments = moments[np.concatenate([[True], np.diff(moments) > 0])]
    if len(moments) < 2:
        return stamps - usual_step(pd.DatetimeIndex(stamps)).as_unit(unit)
    since = np.diff(moments)
    since = np.concatenate([since[:1], since])  # of the first one, as of the second
    if (since == since[0]).all():
        return stamps - pd.Timedelta(since[0], unit=unit).as_unit(unit)
    lengths = pd.Series(since)
    back = lengths.rolling(_AROUND, min_periods=1).median()
    ahead = lengths[::-1].rolling(_AROUND, min_periods=1).median()[::-1]
    usual = lengths.where((lengths == back) | (lengths == ahead), np.minimum(back, ahead))
    step = usual.to_numpy().astype("int64")[np.searchsorted(moments, counts)]
    return stamps - pd.Series(step.astype(f"timedelta64[{unit}]"), index=stamps.index)


def with_midnights_of_their_own_day(
    stamps: pd.Series[pd.Timestamp], stamp: str | None, settings: FileSettings
) -> tuple[pd.Series[pd.Timestamp], str | None]:
    """Where 00:00 follows the last time of the day of its own date, it is that day's 24:00, and times are
    ends; all as it is where no day is written so."""
    midnight = stamps == stamps.dt.normalize()
    if settings.stamp == "start" or stamps.dt.tz is not None or not midnight.any():
        return stamps, stamp
    forward = stamps.diff()
    own = midnight & (forward < -_DAY / 2) & (forward > -_DAY)
    if own.sum() <= midnight.sum() / 2:
        return stamps, stamp
    return stamps + own.astype("int64") * _DAY, "end"


def ends_said_by_24(raw: SourceFrame, header: str, fields: StampFields, settings: FileSettings) -> str:
    """`end`. Raises DataError where the region says otherwise."""
    if settings.stamp == "start":
        label = first_label(fields.clock == _DAY)
        raise DataError(
            f"{raw.place}: {raw.row_name(label)} of column {header!r} says 24:00, the end of a day's last "
            'interval, but the region says stamp = "start"; take that out, or say stamp = "end"'
        )
    return "end"


def ask_where_ends_are_likely(
    stamps: pd.Series[pd.Timestamp], raw: SourceFrame, header: str, region: Region, zone: tzinfo
) -> None:
    """Raises StampUnknownError for whole days that begin one interval after midnight and end with it, by the
    clock of `stamps` (aware, or of `zone`) or by the region's; not where they go by another `zone` and are
    whole days from its midnight on."""
    if not raw.is_file or len(stamps) < 24:
        return
    ordered = stamps.sort_values()
    step = usual_step(pd.DatetimeIndex(stamps))
    ends = ordered.iloc[[0, -1]]
    begun = ordered[ordered > ends.iloc[0]]
    if begun.empty or step >= pd.Timedelta(hours=2):
        return
    length = begun.iloc[0] - ordered.iloc[0]
    if ordered.dt.tz is None and zone is not region.zone:
        if all(moment == moment.normalize() for moment in (ends.iloc[0], ends.iloc[1] + length)):
            return
        ends = ends.dt.tz_localize(zone, ambiguous=np.ones(len(ends), bool), nonexistent="shift_forward")
    clocks = [ends, ends.dt.tz_convert(region.zone)] if ends.dt.tz is not None else [ends]
    for first, last in clocks:
        if first - first.normalize() == length and last == last.normalize():
            raise StampUnknownError(
                f"{raw.place}: times go from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, as the ends of "
                f"the intervals of whole days would; column {header!r} does not say whether they are ends or "
                'beginnings, so say it once in the region: stamp = "end" or stamp = "start"'
            )
