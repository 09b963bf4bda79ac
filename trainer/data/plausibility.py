"""Demand that no grid has, and demand of hours that nobody has lived."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import pandas as pd

from trainer.data.report import Finding
from trainer.errors import DataError

_LARGEST_GRID: Final = 2e6
"""MW: more than the largest grid there is."""
_FEWEST_READINGS: Final = 48
"""Rows that never fall: no demand rises for that long."""


def refuse_beyond_grids(demand: pd.Series[float], place: str) -> None:
    """Raises DataError when the whole of a series (MW) must be of another unit."""
    median = float(demand.median())
    if median > _LARGEST_GRID:
        raise DataError(
            f"{place}: demand is {median:,.0f} in the middle, more than any grid in MW; give it in MW, or "
            "name the unit in its header, such as `demand (kW)`"
        )


def refuse_readings(energy: pd.Series[float], place: str) -> None:
    """Raises DataError for energy, in order of time, that never falls: what a meter shows, not what each
    interval took."""
    steps = energy.dropna().diff().iloc[1:]
    if len(steps) >= _FEWEST_READINGS and (steps >= 0).all() and (steps > 0).any():
        raise DataError(
            f"{place}: the energy never falls in {len(steps) + 1:,} rows, as the readings of a meter that "
            "counts on; give the energy of each interval, the difference of two readings"
        )


def future_demand(time: pd.Series[pd.Timestamp], demand: pd.Series[Any], now: datetime) -> list[Finding]:
    """A finding where demand (cells as read) is given for hours that have not begun at `now` (aware)."""
    future = (time > pd.Timestamp(now)) & demand.notna()
    if not future.any():
        return []
    first, last = time[future].min(), time[future].max()
    count = int(future.sum())
    text = (
        f"rows with demand for hours that lie in the future, not taken for measurements: {count} "
        f"({first:%Y-%m-%d %H:%M} .. {last:%Y-%m-%d %H:%M} UTC)"
    )
    return [Finding("future_demand", count, text)]
