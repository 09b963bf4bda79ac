"""Zones, countries and places, as the time zone database lists them: a region needs all three."""

from __future__ import annotations

import importlib.resources
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from trainer.errors import UsageError

_COORDINATES: Final = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?([+-])(\d{3})(\d{2})(\d{2})?")
"""ISO 6709, as zone.tab writes it: degrees, minutes and perhaps seconds."""


@dataclass(frozen=True)
class Place:
    """The town that a zone is named for."""

    country: str
    """ISO 3166, two letters."""
    timezone: str
    latitude: float
    longitude: float


def place_of(country: str | None, timezone: str | None) -> Place:
    """Where a region lies of which the country (two letters), the zone or both are known.

    Raises UsageError where neither is known, and for a country of several clocks without a zone, naming them.
    """
    if timezone:
        found = [place for place in _places() if place.timezone == timezone]
        if found and (country is None or found[0].country == country):
            return found[0]
        if country is None:
            raise UsageError(
                f"{timezone!r} does not belong to one country; name that with --country, such as DE"
            )
    if country is None:
        raise UsageError("name the country with --country, such as DE, or the zone with --timezone")
    places = [place for place in _places() if place.country == country]
    if not places:
        raise UsageError(
            f"{country!r} is not a country that the time zone database knows; write two letters, such as DE"
        )
    first = places[0]
    if timezone:
        return Place(country, timezone, first.latitude, first.longitude)
    if len({_year_of(place.timezone) for place in places}) > 1:
        names = ", ".join(place.timezone for place in places)
        raise UsageError(f"{country} has several clocks; name the region's with --timezone, one of {names}")
    return first


def _year_of(timezone: str) -> tuple[object, ...]:
    """What a zone's clocks show through this year, by which zones that are alike are found."""
    year = datetime.now(UTC).year
    moments = (datetime(year, month, 15, tzinfo=UTC) for month in range(1, 13))
    return tuple(moment.astimezone(ZoneInfo(timezone)).utcoffset() for moment in moments)


@cache
def _places() -> tuple[Place, ...]:
    table = importlib.resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    found = []
    for line in table.splitlines():
        if line.startswith("#"):
            continue
        country, coordinates, timezone, *_ = line.split("\t")
        parts = _COORDINATES.fullmatch(coordinates)
        assert parts is not None, line
        latitude, longitude = _degrees(*parts.groups()[:4]), _degrees(*parts.groups()[4:])
        found.append(Place(country, timezone, latitude, longitude))
    return tuple(found)


def _degrees(sign: str, degrees: str, minutes: str, seconds: str | None) -> float:
    size = int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600
    return round(-size if sign == "-" else size, 2)
