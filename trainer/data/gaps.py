"""Hours without demand: short gaps are bridged and reported, long ones refused."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.report import Finding
from trainer.errors import DataError

LONGEST_BRIDGED_GAP: Final = 3
"""Hours. Within 3 hours load is close to a line; over more a line would cut off a peak or a trough."""


def runs(mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """The stretches of True, as (start, end) positions, end exclusive."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def bridge_demand(
    demand: pd.Series[float], region: Region, place: str
) -> tuple[pd.Series[float], list[Finding]]:
    """Interpolate gaps of up to 3 hours between known hours; NaN after the last known hour is the future.

    `demand` begins with a known hour, hourly in UTC. Raises DataError naming each longer gap by its first
    and last hour and its length.
    """
    last = demand.last_valid_index()
    known = demand.loc[:last]
    index = pd.DatetimeIndex(known.index)
    gaps = runs(known.isna().to_numpy())
    if not gaps:
        return demand, []
    if long := [gap for gap in gaps if gap[1] - gap[0] > LONGEST_BRIDGED_GAP]:
        raise DataError(
            f"{place}: demand of region {region.name} is missing for {len(long)} stretches of more than "
            f"{LONGEST_BRIDGED_GAP} hours: {named(index, long, region)}; fill them in from the "
            "metering system, or leave out everything before the last of them"
        )
    bridged = demand.copy()
    bridged.loc[:last] = known.interpolate(limit_area="inside")
    hours = sum(end - start for start, end in gaps)
    text = f"hours without demand, interpolated: {hours} ({named(index, gaps, region)})"
    return bridged, [Finding("demand_gap", hours, text)]


def named(index: pd.DatetimeIndex, stretches: list[tuple[int, int]], region: Region, shown: int = 5) -> str:
    """The stretches for people, in the region's local time."""
    parts = []
    for start, end in stretches[:shown]:
        first = index[start].tz_convert(region.zone)
        if end - start == 1:
            parts.append(f"{first:%Y-%m-%d %H:%M}")
        else:
            parts.append(
                f"{first:%Y-%m-%d %H:%M} .. {index[end - 1].tz_convert(region.zone):%Y-%m-%d %H:%M} "
                f"({end - start} h)"
            )
    more = f" and {len(stretches) - shown} more" if len(stretches) > shown else ""
    return ", ".join(parts) + more + f" {region.timezone}"
