"""The held-out days: whole local days before as_of that no fit and no search may see."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from trainer.contract import Region


def holdout_start(as_of: datetime, region: Region, days: int) -> pd.Timestamp:
    """The local midnight `days` local days before the day of as_of, in UTC; DST days count as one."""
    midnight = pd.Timestamp(as_of).tz_convert(region.timezone).normalize()
    return (midnight - pd.DateOffset(days=days)).tz_convert("UTC")


def local_days(start: pd.Timestamp, end: pd.Timestamp, region: Region) -> pd.DatetimeIndex:
    """The local midnights, in UTC, of the whole local days within [start, end)."""
    first = start.tz_convert(region.timezone).ceil("D", ambiguous=True, nonexistent="shift_forward")
    last = end.tz_convert(region.timezone).normalize()
    return pd.date_range(first, last, freq="D", inclusive="left").tz_convert("UTC")
