"""The unit of demand: as the region's settings, a header, the row below it, a column or a line above says."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import pandas as pd

from trainer.contract.units import MEGAWATT, Unit, parse_unit
from trainer.data.reference import REFERENCE
from trainer.data.report import Finding
from trainer.data.tables.columns import ColumnMapping, unit_in_lines
from trainer.data.tables.layout import Layout
from trainer.errors import DataError

_SAYS_UNIT: Final = re.compile(r"\bunits?\b|unidad|einheit|unit[ée]\b|eenheid|\buom\b|單位|単位|单位|단위")
_NO_POWER: Final = re.compile(r"(?<![^\W_\d])(?:[kM]?VAr?h?|kvarh?|[kM]?V|[kM]?A|GJ|MJ|MMBtu|m3)(?![^\W_\d])")
"""Units of what demand is not counted in."""
_SCALED: Final = re.compile(
    r"(?<![^\W\d_])(?:(?i:thousands?|tsd|tausend|mio|milli?on(?:s|en|es)?|millones|mrd|billions?|lakhs?|crores?"
    r"|per[ -]unit|p\.?u\.?|per (?:day|week|month|year))|MU|[kMGT]Wd)(?![^\W\d_])"
    r"|%|/\s?(?i:d|day|week|month|a|yr|year)(?![^\W\d_])"
)
"""What makes other numbers of a unit's: a multiple, a share, or the energy of more than a row."""


def units_of(layout: Layout, mapping: ColumnMapping) -> tuple[dict[str, Unit], list[Finding]]:
    """Of demand and, where there is one, its operator's forecast: MW where nothing is said, by the settings,
    the header, the row below it, a column or a line above the header.

    Raises DataError for another quantity, for a header that speaks of a multiple or a share, and for a table
    of days that says it nowhere: no header of its own says that its numbers are demand in our unit.
    """
    said = layout.settings.unit
    written = {"demand": mapping.demand_unit, REFERENCE: mapping.reference_unit}
    frame = layout.raw.frame
    below: dict[str, str | None] = {}
    if not any(sign.isdigit() for sign in str(frame[mapping.headers["time"]].iloc[0])):
        below = {ours: _unit(str(frame[header].iloc[0])) for ours, header in mapping.headers.items()}
    beside = below.get("demand") or _in_a_column(frame) or unit_in_lines(layout.raw.above)
    demand = said or mapping.demand_unit or beside
    if demand is None and layout.wide and layout.raw.is_file:
        raise DataError(
            f"{layout.raw.place}: a table with a column for each interval or year, and nothing says the unit "
            'of its numbers; say it in the region: unit = "MW", "kW", "kWh" (of each interval) or another'
        )
    if demand is None and (other := _NO_POWER.search(mapping.headers["demand"])):
        raise DataError(
            f"{layout.raw.place}: column {mapping.headers['demand']!r} speaks of {other[0]}, which is no "
            'power; give MW, or say what it is to be taken for in the region: unit = "kW"'
        )
    if said is None:
        _refuse_scaled(mapping, layout.raw.place)
    units = {
        ours: parse_unit(said or unit or below.get(ours) or demand or "") or MEGAWATT
        for ours, unit in written.items()
        if ours in mapping.headers
    }
    if units["demand"].megawatts == MEGAWATT.megawatts:
        return units, []
    who = "the region's settings say" if said else f"its column {mapping.headers['demand']!r} says"
    if not said and not mapping.demand_unit:
        who = "the file says beside it"
    return units, [Finding("unit", len(layout.raw.frame), f"demand converted from {demand} to MW, as {who}")]


def _refuse_scaled(mapping: ColumnMapping, place: str) -> None:
    """Raises DataError where the demand's header has a word beside its unit that no unit here has."""
    header = mapping.headers["demand"]
    found = _SCALED.search(header)
    if found and found[0].casefold() not in (mapping.demand_unit or ""):
        raise DataError(
            f"{place}: column {header!r} speaks of {found[0]!r}, which is no unit of power that is known; "
            'give MW, or say what one of its numbers is in the region: unit = "1000 kWh", "MW" or another'
        )


def _in_a_column(frame: pd.DataFrame) -> str | None:
    """In a column whose every cell is one unit."""
    for header in frame.columns:
        if _SAYS_UNIT.search(unicodedata.normalize("NFKC", str(header)).casefold()):
            cells = frame[header].dropna().unique()
            if len(cells) == 1 and (unit := _unit(str(cells[0]))):
                return unit
    return None


def _unit(text: str) -> str | None:
    text = text.strip().strip("[]()")
    return text if parse_unit(text) else None
