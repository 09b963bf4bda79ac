"""Weather that turns to another unit on the way: Fahrenheit after Celsius, a share of 1 after per cent."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.report import Finding
from trainer.data.runs import runs
from trainer.data.weather.columns import places_of
from trainer.data.weather.places import mean_of_places

_JUMP: Final = 15.0
"""By which no temperature moves from an hour to the next, and one of -20 C or more that turns to Fahrenheit
does."""
_LONGEST_GAP: Final = 96
"""Hours within which a jump may be hidden: what is above 60 is unknown already."""
_NEXT: Final = 6
_BEYOND_A_WEEK: Final = 25.0
"""C by which no week departs from the one before it."""
_COMPARED: Final = 168
"""Hours before and after a jump, at most."""
_NEAR: Final = 8.0
"""C: so close a week is to the one before it, or a day to the week."""
_FEWEST: Final = 12
"""Hours of another unit, below which they may be a sensor's slip."""


_SAID: Final = {
    "temperature": ("Fahrenheit after Celsius, or the other way round", "C"),
    "humidity": ("shares of 1", "%"),
}


def without_other_units(
    hours: pd.DataFrame, region: Region, places: Collection[str]
) -> tuple[pd.DataFrame, list[Finding]]:
    """`hours` (by hour, UTC) with NaN where temperature, of the region or of one of its `places` (columns),
    is in Fahrenheit after Celsius, or the other way round, and where humidity is a share of 1 among per cent.
    What a place lacks then the others stand for. Told of, each by its first hour.
    """
    found, findings = hours, list[Finding]()
    for weather, is_off in (("temperature", _in_other_degrees), ("humidity", _as_a_share)):
        if weather not in region.weather:
            continue
        names = places_of(weather, list(places)) or [weather]
        off = {name: is_off(hours[name].to_numpy(dtype=np.float64)) for name in names}
        off = {name: mask for name, mask in off.items() if mask.any()}
        if not off:
            continue
        found = found.assign(**{name: found[name].mask(mask) for name, mask in off.items()})
        if names != [weather]:
            touched = np.any(list(off.values()), axis=0)
            mean = mean_of_places(found[names])
            found = found.assign(**{weather: found[weather].mask(touched, mean)})
        for name, mask in off.items():
            first = hours.index[int(mask.argmax())]
            what, unit = _SAID[weather]
            text = (
                f"{name} seems to be in {what} from {first:%Y-%m-%d %H:%M} UTC on, and is taken for unknown: "
                f"{int(mask.sum())} hours; give all of it in {unit}"
            )
            findings.append(Finding("weather_unit", int(mask.sum()), text))
    return found, findings


def _in_other_degrees(values: np.ndarray) -> np.ndarray:
    """(hours,): from a jump to the next one, where what comes is what the other scale makes of what was."""
    off = np.zeros(len(values), dtype=bool)
    known = np.flatnonzero(np.isfinite(values))
    gaps, moves = np.diff(known), np.abs(np.diff(values[known]))
    jumps = known[1:][(moves >= _JUMP) & (gaps <= _LONGEST_GAP)].tolist()
    after_gap = {*known[1:][gaps > _NEXT].tolist()}
    for jump, following in pairwise([*jumps, len(values)]):
        if off[jump - 1]:
            continue  # back to where it came from
        begin = max(0, jump - _COMPARED)
        before = values[begin:jump][np.isfinite(values[begin:jump]) & ~off[begin:jump]]
        after = values[jump:following][np.isfinite(values[jump:following])][:_COMPARED]
        if before.size < _FEWEST or after.size < _FEWEST:
            continue
        was, comes = np.median(before), np.median(after)
        if jump in after_gap and abs(comes - was) < _BEYOND_A_WEEK:
            continue
        in_celsius, in_fahrenheit = (comes - 32) / 1.8, comes * 1.8 + 32
        if abs(in_celsius - was) <= _NEAR or abs(in_fahrenheit - was) <= 1.8 * _NEAR:
            off[jump:following] = True
    return off


def _as_a_share(values: np.ndarray) -> np.ndarray:
    """(hours,): long stretches of 0 to 1 in a column of more."""
    off = np.zeros(len(values), dtype=bool)
    known = np.isfinite(values)
    if not known.any() or np.nanmax(values) <= 1:
        return off
    places = np.flatnonzero(known)
    for start, end in runs(values[places] <= 1):
        if end - start >= _FEWEST:
            off[places[start:end]] = True
    return off
