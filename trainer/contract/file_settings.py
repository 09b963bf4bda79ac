"""How a region's files are read, where neither a known format nor the file itself says it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trainer.contract.errors import ContractError
from trainer.contract.units import parse_unit

STANDARD_TIME: Final = "standard"
"""As `stamp_timezone`: the standard time of the region's zone, all the year."""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _is_list_of(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list | tuple) and len(value) > 0 and all(map(check, value))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_choice(value: object) -> bool:
    return isinstance(value, Mapping) and len(value) > 0 and all(map(_is_one_or_several, value.values()))


def _is_one_or_several(value: object) -> bool:
    return _is_scalar(value) or _is_list_of_different(_is_scalar)(value)


def _is_list_of_different(check: Callable[[object], bool]) -> Callable[[object], bool]:
    """None twice: it would be added up twice."""
    return lambda value: (
        isinstance(value, list | tuple)
        and _is_list_of(check)(value)
        and len({str(item).strip() for item in value}) == len(value)
    )


def _is_encoding(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(codecs.lookup(value))
    except LookupError:
        return False


def _is_unit(value: object) -> bool:
    return isinstance(value, str) and parse_unit(value) is not None


def _is_zone(value: object) -> bool:
    if value == STANDARD_TIME:
        return True
    try:
        return isinstance(value, str) and bool(ZoneInfo(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, as Asia
        return False


_WANTED: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "time_format": (
        lambda value: isinstance(value, str) and bool(re.search("%[a-zA-Z]", value)),
        'a format of times; write it as "%d.%m.%Y %H:%M"',
    ),
    "stamp": (lambda value: value in ("start", "end"), '"start" or "end"'),
    "stamp_timezone": (
        _is_zone,
        'an IANA name such as "UTC", "Europe/Berlin" or "Etc/GMT-10", or "standard" for the standard time of '
        "the region's zone all the year",
    ),
    "unit": (_is_unit, 'a unit such as "kW", "MW", "GW", "MWh per interval" or "万kW"'),
    "decimal": (lambda value: value in (".", ","), '"." or ","'),
    "delimiter": (lambda value: isinstance(value, str) and len(value) == 1, 'one character, such as ";"'),
    "encoding": (_is_encoding, 'an encoding such as "utf-8", "cp949" or "latin-1"'),
    "skip_lines": (_is_count, "the number of lines before the header"),
    "missing": (_is_list_of(_is_scalar), 'a list of marks such as ["n/e", "-9999"]'),
    "date_columns": (_is_list_of(_is_text), 'a list of headers such as ["Date", "Hour"]'),
    "demand": (_is_list_of_different(_is_text), 'a list of different headers such as ["North", "South"]'),
    "where": (
        _is_choice,
        'a table of a header and its value, such as {Region = "NSW1"}, or several different ones, such as '
        '{Region = ["NSW1", "VIC1"]}',
    ),
    "wide": (lambda value: isinstance(value, bool), "true or false"),
}
"""By key: whether a value is one, and what is wanted."""


def wanted() -> dict[str, str]:
    """Key -> what its value has to be, for people."""
    return {key: text for key, (_, text) in _WANTED.items()}


@dataclass(frozen=True, kw_only=True)
class FileSettings:
    """A region's settings on how its files are read. None, or empty, leaves the question to the file."""

    time_format: str | None = None
    """As Python's strptime. A part that it lacks after the date, such as an hour, is read as usual."""
    stamp: str | None = None
    """Whether a time names the `start` or the `end` of its interval."""
    stamp_timezone: str | None = None
    """The clock of times without an offset; else the one that their header names, else the region's own."""
    unit: str | None = None
    """Of demand and the operator's own forecast; else the header's. Energy is that of a row's interval; `-MW`
    is consumption that is written below zero."""
    decimal: str | None = None
    """`.` or `,`; the other one, blanks and apostrophes may part thousands."""
    delimiter: str | None = None
    """Between cells; else found among `,`, `;`, tab and `|`."""
    encoding: str | None = None
    """Else UTF-8, the code page of the country's spreadsheets, or western Europe's."""
    skip_lines: int | None = None
    """Else the header is found by itself."""
    missing: tuple[str, ...] = ()
    """Cells that say that nothing is known, beside empty ones and those that hold no number."""
    date_columns: tuple[str, ...] = ()
    """Headers that hold the time together, such as a date and an hour or period of the day."""
    demand: tuple[str, ...] = ()
    """Headers whose sum is demand, such as zones. An hour at which one of them is missing is unmeasured."""
    where: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, hash=False)
    """The rows of this region, of a file that holds several series. Of several values the series are added
    up; an hour at which one of them is missing is unmeasured."""
    wide: bool | None = None
    """Whether a row is a day and has a column for each of its hours; else found by 23 such headers."""

    @classmethod
    def keys(cls) -> frozenset[str]:
        """The keys of a region that are settings of its files."""
        return frozenset(f.name for f in fields(cls))

    @classmethod
    def parse(cls, name: str, values: Mapping[str, Any]) -> Self:
        """`values`: those of a region's keys that are of `keys()`. Raises ContractError naming the region
        `name` and the key that is no such thing."""
        for key, value in values.items():
            fits, wanted = _WANTED[key]
            if not fits(value):
                raise ContractError(f"region {name}: {key} {value!r} is not {wanted}")
        changed = dict(values)
        for key in ("missing", "date_columns", "demand"):
            if key in changed:
                changed[key] = tuple(str(item) for item in changed[key])
        if "where" in changed:
            changed["where"] = {header: _one_or_several(value) for header, value in changed["where"].items()}
        return cls(**changed)

    def to_dict(self) -> dict[str, Any]:
        """The settings that are given, without the others; `parse` reads the result back."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        said = {key: value for key, value in values.items() if value is not None and value not in ((), {})}
        if "where" in said:
            said["where"] = {header: _listed(value) for header, value in self.where.items()}
        return {key: _listed(value) for key, value in said.items()}

    def over(self, other: Self) -> Self:
        """These settings, and those of `other` where these say nothing."""
        said = {key: getattr(self, key) for key in self.to_dict()}
        return replace(other, **said)


def _one_or_several(value: Any) -> str | tuple[str, ...]:
    """As texts; a list of one is that one."""
    if not isinstance(value, list | tuple):
        return str(value)
    return str(value[0]) if len(value) == 1 else tuple(str(item) for item in value)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


NOTHING_SAID: Final = FileSettings()
"""All is left to the file."""
