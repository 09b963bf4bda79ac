"""The units in which grids write demand, as a header or a region's settings name them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_PREFIX: Final = MappingProxyType({"": 1e-6, "k": 1e-3, "m": 1.0, "g": 1e3, "t": 1e6})
_MYRIAD: Final = MappingProxyType(
    {"万": 1e4, "萬": 1e4, "만": 1e4, "百万": 1e6, "백만": 1e6, "億": 1e8, "억": 1e8}
)
_UNIT: Final = re.compile(
    r"(?P<sign>[-\N{MINUS SIGN}])?\s*(?P<number>\d+(?:\.\d+)?)?\s*"
    r"(?P<myriad>百万|백만|万|萬|만|億|억)?\s*(?P<prefix>[kmgt]?)w"
    r"(?P<energy>[\s.·]?h)?(?:(?<=[kmgt]w)_?el?|(?<=[kmgt]wh)_?el?)?(?P<rate>\s*(?:/|per)\s*h(?:our)?)?"
    r"(?P<row>\s*(?:/|per)\s*(?:interval|period|row|quarter(?:[ -]hour)?|half[ -]hour|\d+\s*min(?:utes)?))?"
)
_OTHER_SCRIPTS: Final = MappingProxyType(
    {
        r"千瓦|瓩": "kw",
        r"兆瓦": "mw",
        r"квт": "kw",
        r"мвт": "mw",
        r"гвт": "gw",
        r"вт": "w",
        r"[·. *]?(?:год|час|ч)\b": "h",
    }
)
"""How other scripts write what Latin letters do."""
_THOUSANDS: Final = re.compile(r"^(?:['\N{RIGHT SINGLE QUOTATION MARK}]?000|thousand) ?(?=[kmg]?w)")
_WATTS: Final = re.compile(r"(kilo|mega|giga|tera)?[ -]?watt(?:s(?!tunde))?")
_HOURS: Final = re.compile(r"(?<=w)[ .-]?(?:hours?|stunden?)")


@dataclass(frozen=True)
class Unit:
    """A unit of power or energy, by its size."""

    megawatts: float
    """In MW, or in MWh where it is energy; below zero where consumption is written so."""
    energy: bool
    """Counts the energy of a row's interval, not the power in it."""


MEGAWATT: Final = Unit(1.0, energy=False)


def parse_unit(text: str) -> Unit | None:
    """What `text` names, such as `kW`, `MWh`, `megawatt-hours`, `MWh per interval`, `万kW`, `10 MW` or `-MW`;
    None for what is no unit of power or energy. `MWh/h` is power.
    """
    plain = _THOUSANDS.sub("1000 ", unicodedata.normalize("NFKC", text).casefold().strip())
    for pattern, latin in _OTHER_SCRIPTS.items():
        plain = re.sub(pattern, latin, plain)
    found = _UNIT.fullmatch(_HOURS.sub("h", _WATTS.sub(lambda word: f"{(word[1] or '')[:1]}w", plain)))
    if found is None or (found["row"] and not found["energy"]) or (found["rate"] and not found["energy"]):
        return None
    size = (
        float(found["number"] or 1)
        * (-1 if found["sign"] else 1)
        * _MYRIAD.get(found["myriad"] or "", 1.0)
        * _PREFIX[found["prefix"]]
    )
    # Products of powers of ten as 1e4 * 1e-3 are not exact in binary; the digits that people mean are.
    return Unit(float(f"{size:.12g}"), energy=bool(found["energy"]) and not found["rate"])
