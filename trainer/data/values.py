"""Cells -> numbers: text, infinities and impossible values are refused by row and value."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from trainer.data.sources import SourceFrame, first_label
from trainer.errors import DataError

_PLAUSIBLE: Final = MappingProxyType({"temperature": (-90.0, 60.0, "C"), "humidity": (0.0, 100.0, "%")})
"""Lowest and highest value that weather can have on Earth, where we know the variable."""


def numbers(raw: SourceFrame, header: str, rows: pd.Index) -> pd.Series[float]:
    """The column as float64 for `rows`, NaN where the source has nothing.

    Raises DataError naming the first row that holds text or an infinite number, and its value.
    """
    cells = raw.frame[header].loc[rows]
    if pd.api.types.is_bool_dtype(cells):
        raise DataError(f"{raw.place}: column {header!r} holds true and false, not numbers")
    values = pd.to_numeric(cells, errors="coerce").astype("float64")
    text = values.isna() & cells.notna()
    if text.any():
        label = first_label(text)
        raise DataError(
            f"{raw.place}: '{cells[label]}' in column {header!r}, {raw.row_name(label)}, is no number "
            f"({int(text.sum())} such rows); write plain numbers such as 65388.5, leave unknown cells empty"
        )
    _refuse(raw, header, values, values.abs() == np.inf, "not finite; leave the cell empty if it is unknown")
    return values


def refuse_non_positive(raw: SourceFrame, header: str, demand: pd.Series[float]) -> None:
    """Raises DataError for zero and negative demand: the model works on its logarithm."""
    why = "not above zero, as demand has to be; leave the cell empty if the meter was out"
    _refuse(raw, header, demand, demand <= 0, why)


def refuse_implausible_weather(raw: SourceFrame, header: str, ours: str, values: pd.Series[float]) -> None:
    """Raises DataError for temperature or humidity in another unit than C or %."""
    if ours not in _PLAUSIBLE:
        return
    lowest, highest, unit = _PLAUSIBLE[ours]
    why = f"not within {lowest:g} .. {highest:g} {unit}; convert the column to {unit}"
    _refuse(raw, header, values, (values < lowest) | (values > highest), why)
    if ours == "humidity" and len(values) >= 24 and values.max() <= 1:
        raise DataError(
            f"{raw.place}: column {header!r} looks like a share of 1; give humidity in %, 0 .. 100"
        )


def _refuse(raw: SourceFrame, header: str, values: pd.Series[float], bad: pd.Series[bool], why: str) -> None:
    if bad.any():
        label = first_label(bad)
        raise DataError(
            f"{raw.place}: {values[label]:g} in column {header!r}, {raw.row_name(label)}, is {why} "
            f"({int(bad.sum())} such rows)"
        )
