"""Cells -> numbers: text, infinities and impossible values are unknown, and told of by row and value."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import NOTHING_SAID, FileSettings
from trainer.contract.units import parse_unit
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame, first_label
from trainer.data.tables.decimal_signs import as_written, points_part
from trainer.errors import DataError

_PLAUSIBLE: Final = MappingProxyType({"temperature": (-90.0, 60.0, "C"), "humidity": (0.0, 100.0, "%")})
"""Lowest and highest value that weather can have on Earth, where we know the variable."""
_TRUTH: Final = ("true", "false")
_POWER: Final = re.compile(r"([+\-]?[\d.,'\s]*\d)\s*([kMGT]?W)")


def numbers(
    raw: SourceFrame,
    header: str,
    rows: pd.Index,
    settings: FileSettings = NOTHING_SAID,
    *,
    country: str | None = None,
) -> tuple[pd.Series[float], list[Finding]]:
    """The column as float64 for `rows`, NaN where the source has nothing, text or an infinite number, and
    where `settings.missing` says that nothing is known. `country`: whose ways of writing leave a column open
    that has three digits behind every point; without one it is decimal.

    Raises DataError for a column of truth values, for one that holds text and not a single number, and where
    the decimal sign cannot be told.
    """
    cells = raw.frame[header].loc[rows]
    cells = _without_marks(cells, settings)
    if (in_megawatts := _with_units_of_their_own(cells)) is not None:
        cells, factor = in_megawatts
    values = pd.to_numeric(cells, errors="coerce").astype("float64")
    if pd.api.types.is_bool_dtype(cells) or (values.isna().all() and _are_truth_values(cells)):
        raise DataError(f"{raw.place}: column {header!r} holds true and false, not numbers")
    decimal = settings.decimal
    if _is_text(cells) and decimal is None and points_part(raw, header, cells, country):
        decimal = ","
    # Where Python reads every cell, only a decimal comma could mean it otherwise: 11.181 for 11181.
    if _is_text(cells) and (decimal == "," or (values.isna() & cells.notna()).any()):
        values = as_written(raw, header, cells, values, decimal)
    text = values.isna() & cells.notna()
    if text.any() and values.isna().all():
        label = first_label(text)
        raise DataError(
            f"{raw.place}: '{cells[label]}' in column {header!r}, {raw.row_name(label)}, is not a "
            "number, nor is any other; write plain numbers such as 65388.5, leave unknown cells empty"
        )
    if in_megawatts is not None:
        values *= factor
    infinite = values.abs() == np.inf
    findings = [
        *_told(raw, header, cells, text, "no_number", "is no number and taken for unknown"),
        *_told(raw, header, cells, infinite, "infinite", "is not finite and taken for unknown"),
    ]
    return values.mask(infinite), findings


def _with_units_of_their_own(cells: pd.Series) -> tuple[pd.Series[str], pd.Series[float]] | None:
    """Cells such as `43.5 GW`, as a screen shows them: their numbers, and MW in one of their units; None for
    all others."""
    known = cells.dropna()
    if not _is_text(cells) or known.empty or not _POWER.fullmatch(str(known.iloc[0]).strip()):
        return None
    parts = cells.astype("str").str.strip().str.extract(rf"^{_POWER.pattern}$")
    units = {word: parse_unit(word) for word in parts[1].dropna().unique()}
    factor = parts[1].map({word: unit.megawatts for word, unit in units.items() if unit}).astype("float64")
    return parts[0].where(parts[0].notna(), cells), factor


def _is_text(cells: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(cells)


def _are_truth_values(cells: pd.Series) -> bool:
    known = cells.dropna()
    return _is_text(cells) and len(known) > 0 and bool(known.astype("str").str.casefold().isin(_TRUTH).all())


def _without_marks(cells: pd.Series, settings: FileSettings) -> pd.Series:
    """`cells`, empty where they are one of the marks, as text or as a number."""
    if not settings.missing:
        return cells
    texts = cells.astype("str").str.strip()
    sizes = pd.to_numeric(pd.Series(settings.missing), errors="coerce").dropna().to_list()
    return cells.mask(texts.isin(settings.missing) | pd.to_numeric(cells, errors="coerce").isin(sizes))


def plausible_weather(
    raw: SourceFrame, header: str, ours: str, values: pd.Series[float]
) -> tuple[pd.Series[float], list[Finding]]:
    """`values` with NaN where temperature or humidity cannot be that on Earth, in C and %.

    Raises DataError for humidity as a share of 1, which every value would hide.
    """
    if ours not in _PLAUSIBLE:
        return values, []
    lowest, highest, unit = _PLAUSIBLE[ours]
    if ours == "humidity" and len(values) >= 24 and values.max() <= 1:
        raise DataError(
            f"{raw.place}: column {header!r} looks like a share of 1; give humidity in %, 0 .. 100"
        )
    odd = (values < lowest) | (values > highest)
    what = f"is not within {lowest:g} .. {highest:g} {unit} and taken for unknown; is the column in {unit}?"
    return values.mask(odd), _told(raw, header, values, odd, "implausible_weather", what)


def _told(
    raw: SourceFrame, header: str, cells: pd.Series, bad: pd.Series[bool], kind: str, what: str
) -> list[Finding]:
    """One finding for all rows that are `bad`, the first by name."""
    if not bad.any():
        return []
    label, count = first_label(bad), int(bad.sum())
    cell = cells[label]
    shown = f"{cell:g}" if isinstance(cell, float) else f"'{cell}'"
    place = f"{shown} in column {header!r}, {raw.row_name(label)}, {what}"
    return [Finding(kind, count, f"{place} ({count} such rows)")]
