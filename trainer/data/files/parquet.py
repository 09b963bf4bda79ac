"""A file of Parquet, or of Arrow (Feather), as a frame."""

from __future__ import annotations

import io
from typing import Final

import pandas as pd

from trainer.data.files.table import Table
from trainer.errors import DataError

ARROW: Final = (b"ARROW1", b"FEA1")
"""How files of Arrow begin."""


def read_parquet(content: bytes, place: str) -> Table:
    """Its columns as they are, an index of times being one more, `time` where it has no name of its own.

    Raises DataError for a damaged file and for one without rows.
    """
    is_arrow = content.startswith(ARROW)
    try:
        frame = (pd.read_feather if is_arrow else pd.read_parquet)(io.BytesIO(content))
    except (ValueError, OSError) as error:  # pyarrow's errors derive from both
        kind = "an Arrow" if is_arrow else "a Parquet"
        raise DataError(f"{place} is not {kind} file: {error}; fetch it again") from error
    if isinstance(frame.index, pd.MultiIndex):
        frame = frame.reset_index()
    elif frame.index.name is not None or not pd.api.types.is_integer_dtype(frame.index):
        frame = frame.rename_axis(index=str(frame.index.name or "time")).reset_index()
    for header in frame.columns[[isinstance(kind, pd.PeriodDtype) for kind in frame.dtypes]]:
        frame[header] = frame[header].dt.to_timestamp()
    if frame.empty:
        raise DataError(f"{place} is empty: it has no rows")
    return Table(frame.reset_index(drop=True))
