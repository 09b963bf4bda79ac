"""The clock that a file's times go by, as its header, its settings or the region say it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from trainer.contract import STANDARD_TIME, FileSettings, Region

_NEW_WORD: Final = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SAYS_UTC: Final = re.compile(r"(?<![^\W_])(?:utc|gmt)(?![^\W_])(?!\s*[+\-\N{MINUS SIGN}]?\s*\d)")
_SAYS_ZONE: Final = MappingProxyType(
    {
        r"cet\s*/\s*cest|mez\s*/\s*mesz": "Europe/Brussels",
        r"eet\s*/\s*eest": "Europe/Athens",
        r"wet\s*/\s*west": "Europe/Lisbon",
    }
)
"""Names of European clocks in headers, and a zone that keeps them."""
_IANA: Final = re.compile(r"(?<![\w/])[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?(?![\w/])")
_ABOUT_TIMES: Final = re.compile(
    r"time ?zone|zeitzone|zona hor|huso|fuseau|tijdzone|times? (?:(?:is|are|given|shown|stamps?) )*in"
)
_SAYS_END: Final = re.compile(
    r"(?<![^\W_])(?:end(?:ing|s)?|he|bis|(?:time|date|hour|interval|period) to)(?![^\W_])"
)
_SAYS_START: Final = re.compile(r"(?<![^\W_])(?:start(?:ing|s)?|begin(?:ning|s)?|from|von)(?![^\W_])")


def says_utc(header: str) -> bool:
    """Whether a header of times names UTC or GMT, such as `time_utc` or `Time (GMT)`; `UTC+9` does not."""
    return _SAYS_UTC.search(_plain(header)) is not None


def said_stamp(header: str) -> str | None:
    """`end` or `start`, where a header says which of an interval its times are, such as `Hour Ending`."""
    words = _plain(header).replace("_", " ")
    if _SAYS_END.search(words):
        return "end"
    return "start" if _SAYS_START.search(words) else None


def clock_of(
    header: str, settings: FileSettings, region: Region, *, below: str = "", above: Sequence[str] = ()
) -> tuple[tzinfo, str | None]:
    """The zone of times without an offset, and what said so; None where it is the region's own clock for want
    of a word.

    `below`: what stands in their column in a row of units. `above`: the lines above the header, heard where
    they speak of times.
    """
    said = settings.stamp_timezone
    if said == STANDARD_TIME:
        return standard_time(region.zone), "the region's settings say (standard time)"
    if said:
        return ZoneInfo(said), f"stamp_timezone says ({said})"
    about_times = _lines_about_times(above)
    for place, text in [
        (f"their header {header!r}", header),
        (f"{below!r} below their header", below),
        *((f"{line.strip()[:60]!r} above the header", line) for line in about_times),
    ]:
        zone = _zone_in(text)
        if zone is not None and zone != region.zone:  # of the region's own the rows themselves may say better
            return zone, f"{place} says"
    return region.zone, None


def zone_in_lines(lines: Sequence[str]) -> tzinfo | None:
    """The clock that lines above a header name, where they speak of times."""
    return next(filter(None, map(_zone_in, _lines_about_times(lines))), None)


def _lines_about_times(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if _ABOUT_TIMES.search(_plain(line))]


def _zone_in(text: str) -> tzinfo | None:
    """The clock that a text names."""
    if says_utc(text):
        return UTC
    for name in _IANA.findall(text):
        with suppress(ZoneInfoNotFoundError):
            return ZoneInfo(name)
    return next(
        (ZoneInfo(name) for pattern, name in _SAYS_ZONE.items() if re.search(pattern, _plain(text))), None
    )


def standard_time(zone: ZoneInfo) -> timezone:
    """The offset that `zone` keeps outside of summer time, today's law."""
    now = datetime.now(UTC)
    offsets = []
    for month in range(1, 13):
        local = now.replace(month=month, day=1).astimezone(zone)
        offsets.append((local.utcoffset() or timedelta()) - (local.dst() or timedelta()))
    return timezone(max(set(offsets), key=offsets.count))


def change_on(day: pd.Timestamp, zone: tzinfo) -> timedelta:
    """By how much the local `day` (its midnight, without a zone) is longer than 24 hours; below zero where
    the clocks go forward, by one hour almost everywhere."""
    midnight = day.to_pydatetime()
    following = (midnight + timedelta(days=1)).replace(tzinfo=zone)
    return timedelta(seconds=following.timestamp() - midnight.replace(tzinfo=zone).timestamp()) - timedelta(1)


def _plain(header: str) -> str:
    """Without case, words that were written together apart: `GMTIntervalEnd`, `Minutes5UTC`."""
    return _NEW_WORD.sub(" ", unicodedata.normalize("NFKC", str(header))).casefold()
