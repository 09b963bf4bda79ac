"""Demand that no grid has, and demand of hours that nobody has lived."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import pandas as pd

from trainer.data.report import Finding
from trainer.errors import DataError

_LARGEST_GRID: Final = 2e6
"""MW: more than the largest grid there is."""


def refuse_beyond_grids(demand: pd.Series[float], place: str) -> None:
    """Raises DataError when the whole of a series (MW) must be of another unit."""
    median = float(demand.median())
    if median > _LARGEST_GRID:
        raise DataError(
            f"{place}: demand is {median:,.0f} in the middle, more than any grid in MW; give it in MW, or "
            "name the unit in its header, such as `demand (kW)`"
        )


def told_future(time: pd.Series[pd.Timestamp], demand: pd.Series[Any], now: datetime) -> list[Finding]:
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
