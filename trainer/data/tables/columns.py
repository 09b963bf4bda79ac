"""The mapping from a source's headers to our columns: time, demand, weather, the operator's own forecast."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from trainer.contract import Region
from trainer.contract.units import parse_unit
from trainer.errors import DataError, WeatherColumnError

ALIASES: Final = MappingProxyType(
    {
        "time": (
            *("timestamp", "datetime", "date time", "date", "ds", "tm", "time utc"),
            *("일시", "시간", "시각", "일자", "날짜", "날짜 시간", "측정일시", "거래일시", "기준일시"),
        ),
        "demand": (
            *("load", "power demand", "electricity demand", "total load", "actual load", "y"),
            *(
                "전력수요",
                "전력 수요",
                "전력수요량",
                "전력사용량",
                "수요",
                "수요량",
                "현재수요",
                "부하",
                "총수요",
            ),
        ),
        "temperature": ("temp", "ta", "air temperature", "기온", "온도", "평균기온", "평균 기온"),
        "humidity": ("hm", "rh", "relative humidity", "습도", "상대습도", "평균습도", "평균 습도"),
    }
)
"""Our column -> other headers that mean it, normalised (see `normalised`). The Korean ones and ta, hm,
tm are those of the Korean grid's and weather service's files."""

UNNAMED: Final = "column 1"
"""A first column without a header, as the readers of files call it."""
_BRACKETED: Final = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_IN_ANOTHER_UNIT: Final = re.compile(r"[(\[{]\s*(?:%|[$€£¥]|(?:EUR|USD|GBP|AUD|NZD|CAD)\b|p\.?u\.?\s*[)\]}])")
"""Of several headers that mean demand one is a share or a price of it."""
_WORD_OF_UNIT: Final = re.compile(r"[kmgt]?wh?|[kmgt]wh?el?|[кмг]?вт(?:[·.]?(?:год|ч))?|[萬万만]kw|[萬万]?瓩")
_WRITTEN_OUT: Final = re.compile(r"\b(?:kilo|mega|giga|tera)[ -]?watt(?:s|[ .-]?hours?|stunden?)?\b")
_JOINED: Final = re.compile(r"(?<=[a-z])(?=(?:[KMGT][Ww]|kW)[Hh]?(?![^\W_]))")
"""Before the unit of a header such as `loadKW`."""
_UNITS_OF_A_LINE: Final = re.compile(r"(?<![\w/])(?:[kMGT]?Wh?|百?[万만]kWh?)(?![^\W\d])")
_UNIT_SUFFIX: Final = re.compile(r" ([kmgt]?wh?)$")


@dataclass(frozen=True)
class ColumnMapping:
    """Which header holds which of our columns."""

    headers: dict[str, str]
    """Our column -> the source's header; `time` and `demand` first, then the region's weather, and last
    `reference`, the grid operator's own forecast, where the source has one."""
    unused: tuple[str, ...]
    demand_unit: str | None
    """As the header writes it, see `parse_unit`."""
    reference_unit: str | None


def normalised(header: str) -> str:
    """The header without case, brackets, units, '_' and '-', such as `Total load [MW]` -> `total load`."""
    text = unicodedata.normalize("NFKC", str(header)).casefold()
    text = re.sub(r"[\s_\-]+", " ", _BRACKETED.sub(" ", text)).strip()
    return _UNIT_SUFFIX.sub("", text)


def unit_in(header: str) -> str | None:
    """The unit that a header names: all of it, in brackets, as its last word or as its only one."""
    text = _JOINED.sub(" ", unicodedata.normalize("NFKC", str(header))).casefold()
    candidates = [text.strip(), *(match.strip() for match in _BRACKETED.findall(text))]
    if suffix := _UNIT_SUFFIX.search(re.sub(r"[\s_\-]+", " ", text).strip()):
        candidates.append(suffix.group(1))
    words = {word for word in re.split(r"[^\w/·]+|_", text) if _WORD_OF_UNIT.fullmatch(word)}
    if len(words) == 1:
        candidates.extend(words)
    candidates.extend(_WRITTEN_OUT.findall(text))
    return next((unit for unit in candidates if parse_unit(unit)), None)


def unit_in_lines(lines: Sequence[str]) -> str | None:
    """The only unit that lines above a header name among their words."""
    named = {word for line in lines for word in _UNITS_OF_A_LINE.findall(unicodedata.normalize("NFKC", line))}
    return named.pop() if len(named) == 1 else None


def claimed(ours: str, headers: Sequence[str]) -> list[str]:
    """The headers that mean our column: those of its own name, else those of ALIASES; of demand none in money
    or per cent beside another."""
    by_name: dict[str, list[str]] = {}
    for header in headers:
        by_name.setdefault(normalised(header), []).append(header)
    own = by_name.get(normalised(ours), [])
    found = own or [header for alias in ALIASES.get(ours, ()) for header in by_name.get(alias, [])]
    powers = [header for header in found if not _IN_ANOTHER_UNIT.search(header)]
    return powers if ours == "demand" and powers else found


def map_columns(
    headers: Sequence[str], region: Region, *, place: str, known: Mapping[str, str] = MappingProxyType({})
) -> ColumnMapping:
    """Find time, demand, the region's weather and, where there is one, `reference` among a source's headers.

    `Region.columns` (header -> our column) goes before everything else, then `known` (our column -> header,
    as the file's format has it), then our own names, then ALIASES.
    Raises DataError when a column is missing or when two headers claim it, saying how to map it;
    WeatherColumnError where it is weather alone that is missing.
    """
    needed = ("time", "demand", *region.weather)
    configured = {ours: theirs for theirs, ours in region.columns.items() if theirs in headers}
    given = {**known, **configured}
    found: dict[str, str] = {}
    for ours in (*needed, "reference"):
        if ours in given:
            found[ours] = given[ours]
            continue
        claims = [header for header in claimed(ours, headers) if header not in given.values()]
        if ours == "time" and not claims and headers[0] == UNNAMED:
            claims = [UNNAMED]  # an index that was written beside its columns
        if len(claims) > 1:
            raise claimed_by_several(claims, ours, region, place)
        if claims:
            found[ours] = claims[0]

    if missing := [ours for ours in needed if ours not in found]:
        kind = WeatherColumnError if set(missing) <= set(region.weather) else DataError
        raise kind(_missing(missing, headers, region, place))
    used = set(found.values())
    unused = tuple(header for header in headers if header not in used)
    return ColumnMapping(found, unused, unit_in(found["demand"]), unit_in(found.get("reference", "")))


def lacking_weather(
    headers: Sequence[str], region: Region, known: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """The region's weather that none of the headers holds; `known` as `map_columns` takes it."""
    given = {*known, *(ours for theirs, ours in region.columns.items() if theirs in headers)}
    return [ours for ours in region.weather if ours not in given and not claimed(ours, headers)]


def claimed_by_several(headers: Sequence[str], ours: str, region: Region, place: str) -> DataError:
    """Says how the region names the right one."""
    return DataError(
        f"{place}: columns {list(headers)} can all be read as {ours!r}; name the right one in the region's "
        f'configuration: [{region.name}.columns] "{headers[0]}" = "{ours}"'
    )


def _missing(missing: Sequence[str], headers: Sequence[str], region: Region, place: str) -> str:
    looked = "; ".join(
        f"{ours!r} (also accepted: {', '.join(ALIASES.get(ours, ())) or 'none'})" for ours in missing
    )
    hint = (
        f'add [{region.name}.columns] "<header in the file>" = "{missing[0]}" to the region\'s configuration'
    )
    if any(ours in region.weather for ours in missing):
        hint += f", or take {[m for m in missing if m in region.weather]} out of the region's `weather`"
    return f"{place}: no column for {looked}; found {list(headers)}; to mend it {hint}"
