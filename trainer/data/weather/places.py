"""Weather of several places, such as `temperature_lille` and `temperature_paris`, as one of the region.

A grid has as many temperatures as it has cities. Their mean follows demand more closely than any one of them,
and the model learns which of them demand follows: so temperatures of places stay beside their mean.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.data.tables.columns import claimed, normalised
from trainer.data.tables.layout import Layout
from trainer.data.tables.numbers_of_cells import numbers, plausible_weather
from trainer.data.weather.columns import WEIGHED, place_columns, places_of

_STUCK_HOURS: Final = 72
_MOVED: Final = 5.0
"""C by which the other places' mean moved meanwhile."""


@dataclass(frozen=True)
class PlacesRead:
    """A source whose weather of several places is one column."""

    raw: SourceFrame
    columns: tuple[str, ...]
    """Those of `raw` that hold one place's weather, under names of ours: `temperature_lille`."""
    findings: tuple[Finding, ...]


def with_means_of_places(layout: Layout, region: Region) -> PlacesRead:
    """The rows of `layout` with a column for each weather of `region` that no header claims by itself but
    several places have: their mean. Where places are silent the others stand for them, each by as much as it
    usually departs from the mean, so that it does not jump. Temperatures of places stay beside it, of a
    single one too: a model may know more of them.

    A source that holds such means already (`SourceFrame.has_means_of_places`) stays as it is. Raises
    DataError for a place whose column holds no numbers.
    """
    raw, findings = layout.raw, list[Finding]()
    headers = list(raw.frame.columns)
    if raw.has_means_of_places:
        stored = place_columns(headers, region)
        return PlacesRead(raw, tuple(stored), tuple(_silent(raw.frame[stored])))
    taken: Collection[str] = {*layout.columns, *region.columns.values()}
    columns = list[str]()
    for weather in region.weather:
        places = [] if weather in taken or claimed(weather, headers) else places_of(weather, headers)
        places = [header for header in places if header not in region.weather]
        if not places:
            continue
        known = {}
        for header in places:
            values, unread = numbers(raw, header, raw.frame.index, layout.settings)
            known[header], unlikely = plausible_weather(raw, header, weather, values)
            findings += [*unread, *unlikely]
        table = pd.DataFrame(known)
        findings += [*_told(weather, table), *_silent(table)]
        frame = raw.frame.drop(columns=places).assign(**{weather: mean_of_places(table)})
        named = table.set_axis([normalised(header).replace(" ", "_") for header in places], axis=1)
        if weather in WEIGHED and named.columns.is_unique:
            frame = frame.assign(**named)
            columns += list(named.columns)
        raw = replace(raw, frame=frame)
    return PlacesRead(raw, tuple(columns), tuple(findings))


def without_stuck(hours: pd.DataFrame, columns: Collection[str]) -> tuple[pd.DataFrame, list[Finding]]:
    """`hours` (by hour, UTC), of whose `columns` each holds one place's weather, without those of a sensor
    that showed one value for 72 hours or more while the mean of the others moved by 5 C: it is as good as
    silent, and the others stand for it. Hours of a sound sensor stay as they are.
    """
    found, stuck_hours = hours, dict[str, int]()
    for weather in WEIGHED:
        names = places_of(weather, list(columns))
        table = hours[names]
        stuck = pd.DataFrame({place: _stuck(table, place) for place in names}, index=hours.index)
        if not stuck.any(axis=None):
            continue
        kept = table.mask(stuck)
        touched = stuck.any(axis=1)
        mean = hours[weather].where(~touched, mean_of_places(kept))
        found = found.assign(**{weather: mean, **{name: kept[name] for name in names}})
        stuck_hours |= {str(place): int(count) for place, count in stuck.sum().items() if count}
    if not stuck_hours:
        return hours, []
    named = ", ".join(f"{place} for {count} hours" for place, count in stuck_hours.items())
    text = f"stuck at one value while the other places moved, which stand for it: {named}"
    return found, [Finding("weather_stuck", sum(stuck_hours.values()), text)]


def _stuck(table: pd.DataFrame, place: str) -> pd.Series[bool]:
    values, others = table[place], table.drop(columns=place).mean(axis=1)
    bridged = values.ffill()  # hours without a value end no run
    run = bridged.ne(bridged.shift()).cumsum()
    long = values.groupby(run).transform("count") >= _STUCK_HOURS
    of_run = others.groupby(run)
    moved = of_run.transform("max") - of_run.transform("min") >= _MOVED
    return values.notna() & long & moved


def mean_of_places(table: pd.DataFrame) -> pd.Series[float]:
    """Over the places of each row, as if all of them were known."""
    whole = table.dropna()
    usual = whole.sub(whole.mean(axis=1), axis=0).mean()
    if whole.empty:  # never all at once: by what each departs from those that are known then
        usual = table.sub(table.mean(axis=1), axis=0).mean()
    return table.sub(usual - usual.mean()).mean(axis=1)


def _told(weather: str, table: pd.DataFrame) -> list[Finding]:
    count = len(table.columns)
    if count == 1:
        return [Finding("weather_place", len(table), f"{weather} read from column {table.columns[0]!r}")]
    text = f"{weather} is the mean of {count} places: {', '.join(table.columns)}"
    return [Finding("weather_places", count, text)]


def _silent(table: pd.DataFrame) -> list[Finding]:
    """Of places that are unknown where others are known."""
    somewhere = table.notna().any(axis=1)
    silent = table[somewhere].isna().sum()
    gone = silent[silent > 0]
    if gone.empty:
        return []
    named = ", ".join(f"{header} in {int(rows)} rows" for header, rows in gone.items())
    return [Finding("weather_silent", int(gone.sum()), f"the other places stand for {named}")]
