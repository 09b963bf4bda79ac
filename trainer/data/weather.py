"""Weather beside the demand: holes in the past are filled, holes in the future are the caller's to mend."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.gaps import named, runs
from trainer.data.report import Finding
from trainer.errors import DataError

LONGEST_INTERPOLATED: Final = 6
"""Hours: so long weather is close to a line."""
LARGEST_MISSING_SHARE: Final = 0.1
"""Of the past hours; with more, a model would learn the fill and not the weather."""
_SEASON: Final = 10
"""Days around a day of the year whose weather stands for it."""


def fill_weather(
    frame: pd.DataFrame, region: Region, origin: pd.Timestamp, place: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Fill each weather column of the hourly UTC `frame`.

    Before `origin` gaps of up to 6 h are interpolated, longer ones get what is usual at that hour of the day
    within 10 days of that day of the year, over all years before `origin`. From `origin` on only gaps of up
    to 6 h between known hours are interpolated; the rest stays NaN (see `require_weather`).
    Raises DataError when more than a tenth of a column's past is missing.
    """
    filled, findings = frame.copy(), []
    index = pd.DatetimeIndex(frame.index)
    past = np.asarray(index < origin)
    for name in region.weather:
        column = frame[name]
        gaps = runs(column.isna().to_numpy())
        if not gaps:
            continue
        missing = float(column[past].isna().mean()) if past.any() else 0.0
        if missing > LARGEST_MISSING_SHARE:
            raise DataError(
                f"{place}: {name} is missing in {missing:.0%} of the past hours of region {region.name} "
                f"({named(index, gaps, region)}); fill it in, or take {name} out of the region's `weather`"
            )
        short = [g for g in gaps if g[1] - g[0] <= LONGEST_INTERPOLATED and g[0] > 0 and g[1] < len(column)]
        long_past = [(s, e) for s, e in _before(gaps, int(past.sum())) if (s, e) not in short]
        values = column.to_numpy(copy=True)
        line = column.interpolate(limit_area="inside").to_numpy()
        for start, end in short:
            values[start:end] = line[start:end]
        if long_past:
            usual = _usual(column[past])
            for start, end in long_past:
                values[start:end] = usual[start:end]
        filled[name] = values
        findings += _told(name, "interpolated", short, index, region)
        findings += _told(name, "filled with what is usual then", long_past, index, region)
    return filled, findings


def _before(gaps: list[tuple[int, int]], end_of_past: int) -> list[tuple[int, int]]:
    return [(start, min(end, end_of_past)) for start, end in gaps if start < end_of_past]


def _usual(past: pd.Series[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Mean by hour of the day and season, hour's mean where a season was never seen. Shape: as `past`."""
    index = pd.DatetimeIndex(past.index)
    hour, day = index.hour.to_numpy(), index.day_of_year.to_numpy() - 1
    total, count = np.zeros((24, 366)), np.zeros((24, 366))
    known = past.notna().to_numpy()
    np.add.at(total, (hour[known], day[known]), past.to_numpy()[known])
    np.add.at(count, (hour[known], day[known]), 1)
    shifts = range(-_SEASON, _SEASON + 1)
    near_total = sum(np.roll(total, shift, axis=1) for shift in shifts)
    near_count = sum(np.roll(count, shift, axis=1) for shift in shifts)
    overall = total.sum(axis=1, keepdims=True) / np.maximum(count.sum(axis=1, keepdims=True), 1)
    usual = np.where(near_count > 0, near_total / np.maximum(near_count, 1), overall)
    return np.asarray(usual[hour, day], dtype=np.float64)


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
