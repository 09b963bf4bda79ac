"""NEM12, of Australia's interval meters: a record of 200 for each channel, one of 300 for each of its days.

Source: AEMO, "Meter Data File Format Specification NEM12 & NEM13".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.contract.units import parse_unit
from trainer.data.files.encoding import decoded
from trainer.data.files.headers_of_text import cells_of
from trainer.data.files.table import Table
from trainer.data.report import Finding
from trainer.errors import DataError

_BEGINS: Final = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*(?:"?100"?,"?NEM1[23]\b|200,(?:[^\r\n,]*,){7}\d{1,2},[^\r\n]*[\r\n]+300,\d{8},)',
    re.IGNORECASE,
)
_LOOK: Final = 1000
_NEM13: Final = re.compile(rb"\W*100\W+NEM13", re.IGNORECASE)
_MINUTES_A_DAY: Final = 24 * 60
_LONGEST: Final = 60
"""Minutes of an interval."""
_QUALITY: Final = re.compile(r"[A-Za-z]\d{0,2}")
_MEASURED, _UNKNOWN = "A", "N"
"""Qualities: as the meter counted; nothing is known, whatever is written."""
_QUALITIES: Final = MappingProxyType(
    {"E": "estimated", "F": "final substitutes", "S": "substitutes", "N": "unknown"}
)
_FROM_THE_CUSTOMER: Final = "B"
"""How suffixes begin of channels whose energy the network has back; those of what it gives begin with E."""
_SHOWN: Final = 60
_CLOCKS: Final = MappingProxyType({"Australia/Perth": "+08:00"})
"""Of a market of its own."""
_CLOCK: Final = "+10:00"
"""Of all others: the market's, standard time all the year."""


@dataclass
class _Channel:
    """What a record of 200 says."""

    nmi: str
    """The national identifier of the meter's place."""
    suffix: str
    unit: str
    minutes: int
    days: list[_Day] = field(default_factory=list)


@dataclass
class _Day:
    """What a record of 300 says, and those of 400 below it."""

    first: pd.Timestamp
    values: list[str]
    qualities: list[str]
    """Of each value, as the day or a record of 400 says."""


def is_nem12(content: bytes) -> bool:
    """Whether it begins as such a file does, or one without its first record, or one of NEM13."""
    return _BEGINS.match(content[:_LOOK]) is not None


def read_nem12(content: bytes, region: Region, place: str) -> Table:
    """A row for each interval of each channel: `time` (its beginning), `nmi`, `suffix`, both as `channel`,
    `unit`, `demand` in it. Intervals of which the file says that nothing is known are empty.

    Channels of other quantities than power and energy, and those of energy that comes back, are left out and
    told of, where the region's `where` names no suffix.
    Raises DataError for NEM13, for records out of order and for days that have not as many values as their
    intervals are long, by their line.
    """
    if _NEM13.match(content[:_LOOK]):
        raise DataError(f"{place} is a file of NEM13, of meters that are read by months; give one of NEM12")
    channels = _channels(decoded(content, region, place), place)
    if not channels:
        raise DataError(f"{place} is a file of NEM12 without a day of values (a record that begins with 300)")
    chosen = channels if {"suffix", "channel"} & {*region.files.where} else _of_demand(channels)
    if not chosen:
        raise DataError(
            f"{place} is a file of NEM12 whose channels count no energy that was given: {_told(channels)}; "
            'if one is demand all the same, say so in the region: where = {suffix = "..."}'
        )
    offset = "" if region.files.stamp_timezone else _CLOCKS.get(region.timezone, _CLOCK)
    frame = pd.concat([_rows(channel, offset) for channel in chosen], ignore_index=True)
    return Table(frame, findings=tuple(_findings(frame, channels, chosen, offset)))


def _channels(text: str, place: str) -> list[_Channel]:
    """In the order of the file, those without a day left out."""
    found: list[_Channel] = []
    for line, record in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in cells_of(record, ",")]
        try:
            _take(cells, found)
        except (ValueError, IndexError) as error:
            raise DataError(
                f"{place}: line {line} of a file of NEM12, {','.join(cells)[:_SHOWN]!r}, cannot be read: "
                f"{error}; ask for the file once more"
            ) from error
    return [channel for channel in found if channel.days]


def _take(cells: Sequence[str], channels: list[_Channel]) -> None:
    """One record; raises ValueError or IndexError for what is none."""
    kind = cells[0] if any(cells) else ""
    if kind in ("", "100", "500", "900"):
        return
    if kind == "200":
        channel = _Channel(cells[1], cells[4], cells[7], int(cells[8]))
        if not 0 < channel.minutes <= _LONGEST or _MINUTES_A_DAY % channel.minutes:
            raise ValueError(f"intervals of {channel.minutes} minutes do not make up a day")
        channels.append(channel)
    elif kind == "300" and channels:
        channels[-1].days.append(_day(cells, channels[-1]))
    elif kind == "400" and channels and channels[-1].days:
        begin, end = int(cells[1]), int(cells[2])
        there = channels[-1].days[-1].qualities
        if not 1 <= begin <= end <= len(there):
            raise ValueError(f"its day has intervals 1 to {len(there)}")
        there[begin - 1 : end] = [cells[3][:1].upper()] * (end - begin + 1)
    else:
        raise ValueError("it begins like no record that may stand there")


def _day(cells: Sequence[str], channel: _Channel) -> _Day:
    count = _MINUTES_A_DAY // channel.minutes
    quality = cells[2 + count] if len(cells) > 2 + count else ""
    if not _QUALITY.fullmatch(quality):
        raise ValueError(
            f"a day of intervals of {channel.minutes} minutes has {count} values, and a mark of their quality"
        )
    first = pd.to_datetime(cells[1], format="%Y%m%d")
    return _Day(first, list(cells[2 : 2 + count]), [quality[0].upper()] * count)


def _of_demand(channels: Sequence[_Channel]) -> list[_Channel]:
    """Those of power and energy but for what came back."""
    return [
        channel
        for channel in channels
        if parse_unit(channel.unit) and not channel.suffix.startswith(_FROM_THE_CUSTOMER)
    ]


def _rows(channel: _Channel, offset: str) -> pd.DataFrame:
    count = _MINUTES_A_DAY // channel.minutes
    days = pd.DatetimeIndex([day.first for day in channel.days]).repeat(count)
    within = pd.to_timedelta(np.tile(np.arange(count) * channel.minutes, len(channel.days)), unit="min")
    known = [
        value if value and quality != _UNKNOWN else None
        for day in channel.days
        for value, quality in zip(day.values, day.qualities, strict=True)
    ]
    said = {"nmi": channel.nmi, "suffix": channel.suffix, "channel": f"{channel.nmi} {channel.suffix}"}
    frame = pd.DataFrame({"time": (days + within).strftime(f"%Y-%m-%dT%H:%M:%S{offset}")}, dtype=object)
    return frame.assign(**said, unit=channel.unit, demand=pd.Series(known, dtype=object))


def _findings(
    frame: pd.DataFrame, channels: Sequence[_Channel], chosen: Sequence[_Channel], offset: str
) -> Iterator[Finding]:
    clock = f", its times as UTC{offset}: stamp_timezone says another clock" if offset else ""
    yield Finding("nem12", len(frame), f"read as NEM12, Australia's interval metering{clock}")
    if others := [channel for channel in channels if channel not in chosen]:
        text = f"channels of no demand, left out: {_told(others)}; where = {{suffix = ...}} chooses one"
        yield Finding("channels_left_out", len(others), text)
    qualities = Counter(
        quality for each in chosen for day in each.days for quality in day.qualities if quality != _MEASURED
    )
    if qualities:
        listed = ", ".join(f"{_QUALITIES.get(each, each)} {count:,}" for each, count in qualities.items())
        yield Finding("quality", qualities.total(), f"values that no meter counted: {listed}")


def _told(channels: Sequence[_Channel]) -> str:
    """Each once."""
    return ", ".join(dict.fromkeys(f"{each.nmi} {each.suffix} ({each.unit})" for each in channels))
