"""Times of one column that are written in several ways, as where a publisher changed his from a day on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from trainer.data.files.parts import PARTS
from trainer.data.sources import SourceFrame
from trainer.data.stamps.fields import DAMAGED, StampFields, concatenated, spellings

_MOST: Final = 6
"""Ways of one file."""
_FEWEST: Final = 12
"""Rows that are written alike: fewer may be slips."""


def read_by_ways(texts: pd.Series[str], raw: SourceFrame) -> StampFields | None:
    """`texts` (of rows of `raw`), each read as those that are written alike would be, all but a few
    that cannot be read; where day and month can be exchanged, as the rows of the others are followed best.

    None where they are of one way or of many, where hours are counted, and where day and month stay open.
    """
    found: StampFields | None = None
    groups = list(_groups(texts, raw))
    if not 2 <= len(groups) <= max(_MOST, 2 * _parts_of(texts, raw).nunique()):
        return None
    readings = [spellings(group, None) if len(group) >= _FEWEST else [] for group in groups]
    for of_group in sorted(filter(None, readings), key=len):  # those that leave nothing open come first
        joined = [reading if found is None else concatenated([found, reading]) for reading in of_group]
        uneven = [_uneven(fields) for fields in joined]
        found = joined[int(np.argmin(uneven))]
        if uneven.count(min(uneven)) > 1 or found.clock.isna().any():
            return None
    if found is None or len(texts) - len(found.day) > DAMAGED * len(texts):
        return None
    return found.of_rows(texts.index[texts.index.isin(found.day.index)])


def _groups(texts: pd.Series[str], raw: SourceFrame) -> Iterator[pd.Series[str]]:
    """Rows that are written alike; where these have no spelling in common, such as days of two countries,
    those of each part of the file."""
    parts = _parts_of(texts, raw)
    for _, rows in texts.groupby(texts.map(_way), sort=False):
        if parts.loc[rows.index].nunique() > 1 and not spellings(rows, None):
            yield from (of_part for _, of_part in rows.groupby(parts.loc[rows.index], sort=False))
        else:
            yield rows


def _parts_of(texts: pd.Series[str], raw: SourceFrame) -> pd.Series[str]:
    """By row the sheet or the file that it is of; one for all where the source is one table."""
    header = next((header for header in PARTS if header in raw.frame), None)
    if header is None:
        return pd.Series("", index=texts.index)
    parts: pd.Series[str] = raw.frame.loc[texts.index, header].astype("str")
    return parts


def _way(text: str) -> str:
    """How a date is written: where its year stands, and what parts it."""
    date = re.split(r"[\sT]", text, maxsplit=1)[0]
    return re.sub(r"\d{1,3}", "0", re.sub(r"\d{4}", "Y", re.sub(r"[^\W\d_]+", "a", date)))


def _uneven(fields: StampFields) -> int:
    """How many rows, in order of time, do not follow the one before as most do."""
    gaps = (fields.day + fields.clock).sort_values().diff().iloc[1:]
    return int((gaps != gaps.median()).sum())
