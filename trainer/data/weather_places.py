"""Weather of several places, such as `temperature_lille` and `temperature_paris`, as one of the region.

A grid has as many temperatures as it has cities. Their mean follows demand more closely than any one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from trainer.contract import Region
from trainer.data.columns import claimed, normalised
from trainer.data.layout import Layout
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.data.values import numbers, plausible_weather

_NO_PLACES: Final = frozenset(
    [
        *("min", "max", "minimum", "maximum", "mean", "avg", "average", "std", "normal", "climatology"),
        *("forecast", "fc", "predicted", "apparent", "feels", "dew", "dewpoint", "anomaly", "lag"),
        *("error", "flag", "quality", "unit", "source"),
    ]
)
"""Words after the name of a weather that say what is told of it, not where."""


def places_of(weather: str, headers: Sequence[str]) -> list[str]:
    """The headers that begin with the weather's name and go on with a place: `temperature_lille`."""
    prefix = f"{normalised(weather)} "
    return [
        header
        for header in headers
        if (text := normalised(header)).startswith(prefix)
        and not _NO_PLACES & set(text.removeprefix(prefix).split())
    ]


def with_means_of_places(layout: Layout, region: Region) -> tuple[SourceFrame, list[Finding]]:
    """The rows of `layout` with a column for each weather of `region` that no header claims by itself but
    several places have: their mean. Where places are silent the others stand for them, each by as much as it
    usually departs from the mean, so that it does not jump.

    Raises DataError for a place whose column holds no numbers.
    """
    raw, findings = layout.raw, list[Finding]()
    headers = list(raw.frame.columns)
    taken: Collection[str] = {*layout.columns, *region.columns.values()}
    for weather in region.weather:
        places = [] if weather in taken or claimed(weather, headers) else places_of(weather, headers)
        if not places:
            continue
        known = {}
        for header in places:
            values, unread = numbers(raw, header, raw.frame.index, layout.settings)
            known[header], unlikely = plausible_weather(raw, header, weather, values)
            findings += [*unread, *unlikely]
        table = pd.DataFrame(known)
        findings += _told(weather, table)
        frame = raw.frame.drop(columns=places).assign(**{weather: _mean(table)})
        raw = replace(raw, frame=frame)
    return raw, findings


def _mean(table: pd.DataFrame) -> pd.Series[float]:
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
    found = [
        Finding(
            "weather_places", count, f"{weather} is the mean of {count} places: {', '.join(table.columns)}"
        )
    ]
    somewhere = table.notna().any(axis=1)
    silent = table[somewhere].isna().sum()
    if len(gone := silent[silent > 0]):
        named = ", ".join(f"{header} in {int(rows)} rows" for header, rows in gone.items())
        found.append(Finding("weather_silent", int(gone.sum()), f"the other places stand for {named}"))
    return found
