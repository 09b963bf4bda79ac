"""The grid operator's own forecast, which some sources carry beside demand: what ours is compared with."""

from __future__ import annotations

from typing import Final

import pandas as pd

from trainer.contract import FileSettings
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.data.tables.numbers_of_cells import numbers
from trainer.errors import DataError

REFERENCE: Final = "reference"
"""Our column's name. It is compared with, and averaged with where a region wants that, by weights that follow
its errors; no model is fitted on it, so it is judged by no rule."""


def reference_numbers(
    raw: SourceFrame, header: str, rows: pd.Index, settings: FileSettings
) -> tuple[pd.Series[float], list[Finding]]:
    """The column as float64 for `rows`, in the source's unit, NaN where the source has no number.

    A column that holds none is told of and unknown: no forecast of ours hangs on it.
    """
    try:
        return numbers(raw, header, rows, settings)
    except DataError as error:
        text = f"the operator's own forecast is left out: {error}"
        return pd.Series(float("nan"), index=rows), [Finding("reference", len(rows), text)]


def one_reference_per_time(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` (columns `time`, `reference`, others) with one reference for all rows of a time: that which is
    there, NaN where rows give two. So what copies say of it makes no demand suspect.
    """
    if REFERENCE not in frame or frame["time"].is_unique:
        return frame
    said = frame.groupby("time")[REFERENCE]
    one = said.transform("first").where(said.transform("nunique") <= 1)
    return frame.assign(**{REFERENCE: one})
