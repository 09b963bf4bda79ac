"""Cells -> numbers: text, infinities and impossible values are unknown, and told of by row and value."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from trainer.data.report import Finding
from trainer.data.sources import SourceFrame, first_label
from trainer.errors import DataError

_PLAUSIBLE: Final = MappingProxyType({"temperature": (-90.0, 60.0, "C"), "humidity": (0.0, 100.0, "%")})
"""Lowest and highest value that weather can have on Earth, where we know the variable."""


def numbers(raw: SourceFrame, header: str, rows: pd.Index) -> tuple[pd.Series[float], list[Finding]]:
    """The column as float64 for `rows`, NaN where the source has nothing, text or an infinite number.

    Raises DataError for a column of truth values, and for one that holds text and not a single number.
    """
    cells = raw.frame[header].loc[rows]
    if pd.api.types.is_bool_dtype(cells):
        raise DataError(f"{raw.place}: column {header!r} holds true and false, not numbers")
    values = pd.to_numeric(cells, errors="coerce").astype("float64")
    text = values.isna() & cells.notna()
    if text.any() and values.isna().all():
        label = first_label(text)
        raise DataError(
            f"{raw.place}: '{cells[label]}' in column {header!r}, {raw.row_name(label)}, is no number, nor "
            "is any other; write plain numbers such as 65388.5, leave unknown cells empty"
        )
    infinite = values.abs() == np.inf
    findings = [
        *_told(raw, header, cells, text, "no_number", "is no number and taken for unknown"),
        *_told(raw, header, cells, infinite, "infinite", "is not finite and taken for unknown"),
    ]
    return values.mask(infinite), findings


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
