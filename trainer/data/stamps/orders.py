"""Whether day or month comes first, as the rows of a file tell by how they follow each other."""

from __future__ import annotations

from typing import Final

import pandas as pd

from trainer.contract import FileSettings
from trainer.data.sources import SourceFrame, first_label
from trainer.data.stamps.fields import StampFields
from trainer.errors import DataError

_NOTHING: Final = pd.Timedelta(0)
_NEAR: Final = pd.Timedelta(days=2)
"""From row to row; more is a leap."""
_FEWEST_LEAPS: Final = 4
_MENDED: Final = 4
"""Times fewer leaps with day and month exchanged, where they can be, that say that rows were written so."""
_CERTAIN: Final = (
    r"\s*(?:\d{4}|(?:[^\W\d]{3,}[.,]?\s+)?\d{1,2}\D{0,3}[^\W\d]{3}|[^\W\d]{3,}\.?\s*\d{1,2},?\s+\d{4}).*"
)
"""The year first, or the name of a month: nothing exchanges these."""


def likeliest(readings: list[StampFields], raw: SourceFrame, header: str) -> StampFields:
    """The reading whose times follow each other most evenly. Raises DataError where two do so alike and are
    not the same."""
    if len(readings) == 1:
        return readings[0]

    def evenness(fields: StampFields) -> float:
        numbered = fields.number.fillna(0.0) / max(fields.number.max(), 1.0) * pd.Timedelta(days=1)
        gaps = (fields.day + fields.clock.fillna(numbered)).sort_values().diff().iloc[1:]
        return float((gaps == gaps.median()).mean()) if len(gaps) else 0.0

    even = [evenness(reading) for reading in readings]
    first, next_best = sorted(range(len(readings)), key=even.__getitem__, reverse=True)[:2]
    best, second = readings[first], readings[next_best]
    if even[first] == even[next_best] and not best.day.equals(second.day):
        raise DataError(
            f"{raw.place}: '{raw.frame[header].iloc[0]}' in column {header!r}, {raw.row_name(0)}, can be "
            f"{best.day.iloc[0]:%d %B %Y} or {second.day.iloc[0]:%d %B %Y}; "
            f'say which in the region: time_format = "%d/%m/%Y %H:%M" or '
            '"%m/%d/%Y %H:%M"'
        )
    return best


def refuse_exchanged_rows(
    fields: StampFields, texts: pd.Series[str], raw: SourceFrame, header: str, settings: FileSettings
) -> None:
    """Raises DataError for dates that leap from row to row, and hardly do where day and month are exchanged
    in those that can be: a spreadsheet of another country took 03/04 for the fourth of March, and left 13/04.

    `texts`: the times as written. Where `time_format` is said, a file without any day past the twelfth has
    the days that it says.
    """
    day = fields.day
    leaps = _leaps(day)
    if leaps < _FEWEST_LEAPS or texts.str.fullmatch(_CERTAIN).all():
        return
    both = day.dt.day <= 12
    if both.all() and settings.time_format:
        return
    exchanged = pd.to_datetime({"year": day.dt.year, "month": day.dt.day.where(both, 1), "day": day.dt.month})
    if _leaps(day.where(~both, exchanged)) * _MENDED > leaps:
        return
    label = first_label(both & (exchanged != day))
    raise DataError(
        f"{raw.place}: day and month change places in column {header!r}: {raw.row_name(label)} with "
        f"'{raw.frame[header].loc[label]}' fits its neighbours as {exchanged[label]:%d %B %Y}, others as "
        f"'{raw.frame[header].loc[first_label(~both)]}'; a spreadsheet that opens a file of another country "
        "does so: take the file as it was published, or write the year first"
    )


def _leaps(day: pd.Series[pd.Timestamp]) -> int:
    return int((day.diff().abs() > _NEAR).sum())
