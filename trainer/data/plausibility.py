"""Demand that reads well and cannot be true: stuck meters, units that change, hours not yet lived."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.gaps import named, runs
from trainer.data.report import Finding
from trainer.errors import DataError

FLAT_REPORTED: Final = 6
FLAT_REFUSED: Final = 48
"""Hours of exactly the same demand. Night valleys of rounded small feeders reach a few; two days do not
happen in a living grid."""
_UNIT_SLIP: Final = 100.0
"""A factor from the median that load never reaches but a change between kW, MW and GW (1000) does."""
_LARGEST_GRID: Final = 2e6
"""MW: more than the largest grid there is."""


def refuse_future(time: pd.Series[pd.Timestamp], demand: pd.Series[Any], now: datetime, place: str) -> None:
    """Raises DataError when demand (cells as read) is given for hours that have not begun at `now`."""
    future = (time > pd.Timestamp(now)) & demand.notna()
    if future.any():
        first, last = time[future].min(), time[future].max()
        raise DataError(
            f"{place}: {int(future.sum())} rows give demand for hours that lie in the future "
            f"({first:%Y-%m-%d %H:%M} .. {last:%Y-%m-%d %H:%M} UTC; now it is "
            f"{pd.Timestamp(now):%Y-%m-%d %H:%M} UTC); leave demand empty there: forecasts are not history"
        )


def refuse_mixed_units(demand: pd.Series[float], region: Region, place: str) -> None:
    """Raises DataError when part of the series is 100 or more times the median or below a hundredth of it,
    or all of it above any grid's size. `demand`: MW, indexed by UTC time."""
    known = demand.dropna()
    median = float(known.median())
    if median > _LARGEST_GRID:
        raise DataError(
            f"{place}: demand is {median:,.0f} in the middle, more than any grid in MW; give it in MW"
        )
    off = (known >= median * _UNIT_SLIP) | (known <= median / _UNIT_SLIP)
    if off.any():
        first = known.index[off.to_numpy()][0]
        raise DataError(
            f"{place}: {int(off.sum())} hours are {_UNIT_SLIP:g} times off the median of {median:,.1f} MW, "
            f"the first {first.tz_convert(region.zone):%Y-%m-%d %H:%M} {region.timezone} with "
            f"{known[first]:,.1f}; are they in kW or GW? Give all in MW, leave outages empty"
        )


def find_flat_lines(demand: pd.Series[float], region: Region, place: str) -> list[Finding]:
    """Stretches of 6 hours and more of exactly the same demand (a stuck meter?).

    `demand`: before gaps are bridged. Raises DataError from 48 hours on.
    """
    same = demand.diff().eq(0).to_numpy()
    # A run of n equal differences is n + 1 equal hours.
    flat = [(start - 1, end) for start, end in runs(same) if end - start + 1 >= FLAT_REPORTED]
    if not flat:
        return []
    if stuck := [line for line in flat if line[1] - line[0] >= FLAT_REFUSED]:
        raise DataError(
            f"{place}: demand stays exactly the same for {FLAT_REFUSED} hours or more: "
            f"{named(_index(demand), stuck, region)}; a meter was stuck: put in what it should have "
            "shown, or leave out everything before"
        )
    hours = int(np.sum([end - start for start, end in flat]))
    text = f"hours in flat lines of {FLAT_REPORTED} hours or more (stuck meter?): {hours} "
    return [Finding("flat_line", hours, text + f"({named(_index(demand), flat, region)})")]


def _index(series: pd.Series[float]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(series.index)
