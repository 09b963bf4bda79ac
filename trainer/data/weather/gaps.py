"""Weather beside the demand: short holes are bridged, long ones are told of."""

from __future__ import annotations

from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.data.gaps import named
from trainer.data.report import Finding
from trainer.data.runs import runs
from trainer.errors import DataError

LONGEST_INTERPOLATED: Final = 6
"""Hours: so long weather is close to a line."""


def bridge_weather(
    frame: pd.DataFrame, region: Region, origin: pd.Timestamp
) -> tuple[pd.DataFrame, list[Finding]]:
    """Interpolate each weather column of the hourly UTC `frame` over up to 6 unknown hours between known.

    Longer stretches, and those at the start, stay NaN and are told of; models leave them out. Those that
    end after `origin` (UTC) are the future's, and no finding.
    """
    bridged, findings = frame.copy(), []
    index = pd.DatetimeIndex(frame.index)
    for name in region.weather:
        column = frame[name]
        gaps = [gap for gap in runs(column.isna().to_numpy()) if gap[1] < len(column)]
        short = [gap for gap in gaps if gap[1] - gap[0] <= LONGEST_INTERPOLATED and gap[0] > 0]
        values = column.to_numpy(copy=True)
        line = column.interpolate(limit_area="inside").to_numpy()
        for start, end in short:
            values[start:end] = line[start:end]
        bridged[name] = values
        findings += _told(name, "interpolated", short, index, region)
        long = [gap for gap in gaps if gap not in short and index[gap[1] - 1] < origin]
        findings += _told(name, "left out of what needs it", long, index, region)
    return bridged, findings


def _told(
    name: str, how: str, stretches: list[tuple[int, int]], index: pd.DatetimeIndex, region: Region
) -> list[Finding]:
    if not stretches:
        return []
    hours = sum(end - start for start, end in stretches)
    text = f"hours without {name}, {how}: {hours} ({named(index, stretches, region)})"
    return [Finding(f"weather_gap_{how.split(maxsplit=1)[0]}", hours, text)]


def require_weather(history: pd.DataFrame, region: Region, origin: pd.Timestamp, horizon: int) -> None:
    """Raises DataError unless every weather column of the region is known `horizon` hours from `origin`.

    `history`: the canonical frame.
    """
    needed = pd.date_range(origin, periods=horizon, freq="h")
    ahead = history.reindex(needed)[list(region.weather)]
    for name in region.weather:
        if holes := runs(ahead[name].isna().to_numpy()):
            hours = sum(end - start for start, end in holes)
            raise DataError(
                f"region {region.name}: {name} is unknown for {hours} of the {horizon} hours to forecast: "
                f"{named(needed, holes, region)}; add rows with the weather forecast and empty demand, ask "
                "for a shorter horizon, or train without weather (`weather = []`)"
            )
