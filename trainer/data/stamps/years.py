"""Years of other calendars than the one that clocks go by here."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.errors import DataError

_OURS: Final = r"(?<!\d)(?:19|20)\d\d"
_BUDDHIST: Final = re.compile(r"(?<!\d)25[5-9]\d(?=\D|$|[01]\d[0-3]\d)")
"""2007 to 2056."""
_IRANIAN: Final = re.compile(r"(?<!\d)1[34]\d\d(?=[-/.]\d{1,2}[-/.]\d)")
_AHEAD: Final = 543
"""Years by which Thailand's calendar is ahead; its months and days are ours."""
_LOOK: Final = 200


def with_years_of_ours(cells: pd.Series, raw: SourceFrame, header: str) -> tuple[pd.Series, list[Finding]]:
    """`cells` (times as read) with years of the Buddhist era, which no other calendar has, as ours, and told
    of. Raises DataError for dates of Iran's calendar, whose months are others."""
    if pd.api.types.is_datetime64_any_dtype(cells) or pd.api.types.is_numeric_dtype(cells) or cells.empty:
        return cells, []
    first = cells.head(_LOOK).astype("str")
    if first.str.contains(_OURS, regex=True).any():
        return cells, []
    if first.str.contains(_IRANIAN).all():
        raise DataError(
            f"{raw.place}: '{first.iloc[0]}' in column {header!r}, {raw.row_name(int(first.index[0]))}, is a "
            "date of Iran's calendar; write those of the Gregorian one, such as 2024-03-01"
        )
    if not first.str.contains(_BUDDHIST).all():
        return cells, []
    texts = cells.astype("str").str.replace(
        _BUDDHIST, lambda year: str(int(year[0]) - _AHEAD), n=1, regex=True
    )
    text = f"years of the Buddhist era, read as {_AHEAD} less: {len(cells):,}, the first {first.iloc[0]!r}"
    return texts.where(cells.notna()), [Finding("buddhist_years", len(cells), text)]
