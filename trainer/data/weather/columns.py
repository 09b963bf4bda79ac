"""Which columns hold the weather of one place, by their names: `temperature_lille`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from trainer.contract import Region
from trainer.data.tables.columns import claimed, normalised

_NO_PLACES: Final = frozenset(
    [
        *("min", "max", "minimum", "maximum", "mean", "avg", "average", "std", "normal", "climatology"),
        *("forecast", "fc", "predicted", "apparent", "feels", "dew", "dewpoint", "anomaly", "lag"),
        *("error", "flag", "quality", "unit", "source"),
    ]
)
"""Words after the name of a weather that say what is told of it, not where."""
_WEATHER: Final = ("temperature", "humidity")
WEIGHED: Final = ("temperature",)
"""Weather whose places the model weighs. Of others it reads the mean alone."""


def places_of(weather: str, headers: Sequence[str]) -> list[str]:
    """The headers that begin with the weather's name and go on with a place: `temperature_lille`."""
    prefix = f"{normalised(weather)} "
    return [
        header
        for header in headers
        if (text := normalised(header)).startswith(prefix)
        and not _NO_PLACES & set(text.removeprefix(prefix).split())
    ]


def weather_among(headers: Sequence[str], known: Collection[str] = ()) -> list[str]:
    """Weather that one of the headers holds, of one place or of many, and that is not `known`."""
    return [
        weather
        for weather in _WEATHER
        if weather not in known and (claimed(weather, headers) or places_of(weather, headers))
    ]


def place_columns(columns: Sequence[str], region: Region) -> list[str]:
    """Those of a history's `columns` that hold the weather of one place, beside its mean."""
    kept = [weather for weather in WEIGHED if weather in region.weather]
    found = [column for weather in kept for column in places_of(weather, columns)]
    return [column for column in found if column not in region.weather]
