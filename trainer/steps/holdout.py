"""The held-out days: whole local days before as_of that no fit and no search may see."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

from trainer.contract import Region
from trainer.contract.local_days import day_of, midnight, midnights


def holdout_start(as_of: datetime, region: Region, days: int) -> pd.Timestamp:
    """The local midnight `days` local days before the day of as_of, in UTC; DST days count as one."""
    return pd.Timestamp(midnight(day_of(as_of, region) - timedelta(days=days), region))


def local_days(start: pd.Timestamp, end: pd.Timestamp, region: Region) -> pd.DatetimeIndex:
    """The local midnights, in UTC, of the whole local days within [start, end)."""
    first = day_of(start, region)
    if midnight(first, region) < start:
        first += timedelta(days=1)
    return pd.DatetimeIndex(midnights(first, day_of(end, region), region), tz="UTC")
