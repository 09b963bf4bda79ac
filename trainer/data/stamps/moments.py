"""Cells of times, text or numbers, -> moments, or the parts of a time where a number or a mark counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import FileSettings
from trainer.data.sources import SourceFrame, first_label
from trainer.data.stamps.fields import StampFields, first_unread, spellings
from trainer.data.stamps.orders import likeliest, refuse_exchanged_rows
from trainer.data.stamps.ways import read_by_ways
from trainer.errors import DataError

_DAY: Final = pd.Timedelta(days=1)
_EPOCH: Final = r"\d{9,10}(?:\.\d+)?|\d{12,13}(?:\.\d+)?|\d{15,16}(?:\.0+)?|\d{18,19}|\d\.\d+[eE]\+?\d{1,2}"
"""Seconds, milliseconds, microseconds or nanoseconds since 1970."""
_WITH_OFFSET: Final = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+\-]\d\d:?\d\d)"
_SERIAL: Final = r"[2-7]\d{4}(?:[.,]\d+)?"
"""Days as spreadsheets count them, 1954 to 2119."""
_MOSTLY: Final = 0.9
_NOTHING: Final = pd.Timedelta(0)
_MOST_SECONDS: Final = 1e11
"""Since 1970: a larger number counts thousandths, millionths or billionths of one."""


def moments(
    cells: pd.Series, raw: SourceFrame, header: str, settings: FileSettings
) -> pd.Series[pd.Timestamp] | StampFields:
    """Times with a zone, or without one where nothing is said; parts where a number, a mark, an offset or a
    24:00 counts. Where a publisher changed how he writes them, each as it is written.

    Raises DataError naming the first time that cannot be read, and where day and month cannot be told apart
    or change places from row to row.
    """
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells
    texts = cells.astype("str").str.strip()
    if settings.time_format is None and (written := _iso_8601(texts)) is not None:
        return written
    readings = spellings(texts, settings.time_format)
    if not readings and settings.time_format is None and (counted := _counted(texts)) is not None:
        return counted
    fields = _fields(readings, texts, raw, header, settings)
    if not fields.offset.notna().any():
        plain = fields.number.isna().all() and fields.mark.eq("").all() and not (fields.clock == _DAY).any()
        return fields.day + fields.clock.fillna(_NOTHING) if plain else fields
    if (fields.number > 24).any():
        raise _unreadable(raw, header, first_label(fields.number > 24), settings)
    # 13Z: a number beside an offset is an hour of that clock.
    return replace(fields, clock=fields.clock.fillna(pd.to_timedelta(fields.number, unit="h")))


def _fields(
    readings: list[StampFields],
    texts: pd.Series[str],
    raw: SourceFrame,
    header: str,
    settings: FileSettings,
) -> StampFields:
    """The likeliest of the `readings`; where none of them reads all of `texts`, each part of these as it is
    written. Raises DataError as `moments` does."""
    if settings.time_format is None and all(len(reading.day) < len(texts) for reading in readings):
        fields = read_by_ways(texts, raw)
        if fields is not None:
            return fields
    if not readings:
        raise _unreadable(raw, header, first_unread(texts, settings.time_format), settings)
    fields = likeliest(readings, raw, header)
    refuse_exchanged_rows(fields, texts, raw, header, settings)
    return fields


def _counted(texts: pd.Series[str]) -> pd.Series[pd.Timestamp] | None:
    """Times that are counted from some day on; None where they are not."""
    if texts.str.fullmatch(_EPOCH).all():
        return _since_1970(texts)
    return _of_a_spreadsheet(texts) if texts.str.fullmatch(_SERIAL).all() else None


def _iso_8601(texts: pd.Series[str]) -> pd.Series[pd.Timestamp] | None:
    """As most files are written; None where they are not."""
    try:
        return pd.to_datetime(texts, format="ISO8601")  # all naive, or all of one offset
    except ValueError:
        pass
    if not texts.str.fullmatch(_WITH_OFFSET).all():
        return None
    try:
        return pd.to_datetime(texts, format="ISO8601", utc=True)  # those of summer and of standard time
    except ValueError:
        return None


def are_counts_since_1970(texts: pd.Series[str]) -> bool:
    """Whether `texts` are all seconds, or parts of them, since 1970, a minute to an hour apart."""
    if texts.empty or not texts.str.fullmatch(_EPOCH).all():
        return False
    return _are_apart(_since_1970(texts))


def are_days_of_a_spreadsheet(texts: pd.Series[str]) -> bool:
    """Whether `texts` are all days and parts of them since 1900, as spreadsheets count, as far apart."""
    if texts.empty or not texts.str.fullmatch(_SERIAL).all():
        return False
    return _are_apart(_of_a_spreadsheet(texts))


def _are_apart(times: pd.Series[pd.Timestamp]) -> bool:
    steps = times.diff().abs()
    usual = steps.median()
    even = ((steps > usual / 2) & (steps < usual * 1.5)).mean() > _MOSTLY
    return bool(pd.Timedelta(minutes=1) <= usual <= pd.Timedelta(hours=1) and even)


def _since_1970(texts: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    """By their size; of what is finer, whole seconds: no demand needs more, and floats do not hold it."""
    counts = pd.to_numeric(texts)
    if pd.api.types.is_float_dtype(counts):
        counts = counts.round(3)
    size = float(counts.abs().median())
    unit = 1
    while size / unit > _MOST_SECONDS:
        unit *= 1000
    seconds = counts // unit if unit > 1 else np.floor(counts)
    return pd.to_datetime(seconds.astype("int64"), unit="s", utc=True)


def _of_a_spreadsheet(texts: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    days = pd.to_timedelta(texts.str.replace(",", ".", regex=False).astype("float64"), unit="D")
    # A minute is a fraction of a day that is no exact one.
    return pd.Timestamp("1899-12-30") + days.dt.round("min")


def _unreadable(raw: SourceFrame, header: str, label: int, settings: FileSettings) -> DataError:
    said = (
        f"is not as time_format {settings.time_format!r} says"
        if settings.time_format
        else "is no time that can be read safely; write year first, such as 2024-03-01 13:00 or "
        "2024-03-01T13:00+09:00, or say how it is written in the region: time_format, date_columns"
    )
    return DataError(
        f"{raw.place}: '{raw.frame[header].loc[label]}' in column {header!r}, {raw.row_name(label)}, {said}"
    )
