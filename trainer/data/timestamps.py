"""Stamps of any accepted spelling -> UTC, local clock changes included."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.data.columns import says_utc
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame, first_label
from trainer.errors import DataError

_LOOSE: Final = (  # as spreadsheets write it: 2024/3/1 9:00, 2024.03.01 09:00:00
    r"^\s*(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})\.?"
    r"(?:[ T](?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?)?\s*$"
)
_WITH_OFFSET: Final = r":\d{2}(?:\.\d+)?\s*(?:Z|z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})\s*$"


def to_utc(
    raw: SourceFrame, header: str, region: Region, distinguishing: list[str]
) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
    """The UTC moment of every row of `raw`, by the rows' labels; rows of no existing hour are left out.

    Stamps with an offset (or UTC) are taken at their word. Stamps without one are UTC where their header says
    so, else the region's local clock:
    - Clocks go back: of two different rows with the repeated stamp the first in the file is the first hour;
      one alone is the first hour, and the second is missing (left to the gap filling). Columns
      `distinguishing` tell different rows from copies.
    - Clocks go forward: a row for the hour that never was is dropped, unless the day lacks exactly as many
      rows at its end: such a file numbers the hours of the day, and they are moved to where they belong.
    Raises DataError naming the first stamp that cannot be read.
    """
    stamps = _parsed(raw, header)
    if stamps.dt.tz is not None:
        return stamps.dt.tz_convert("UTC"), []
    if says_utc(header):
        text = f"times read as UTC, as their header {header!r} says"
        return stamps.dt.tz_localize("UTC"), [Finding("utc_header", len(stamps), text)]
    return _localised(stamps, raw, region, distinguishing)


def _parsed(raw: SourceFrame, header: str) -> pd.Series[pd.Timestamp]:
    values = raw.frame[header]
    if values.isna().any():
        raise DataError(
            f"{raw.place}: column {header!r} has no value in {raw.row_name(first_label(values.isna()))}; "
            "every row needs its time"
        )
    if pd.api.types.is_datetime64_any_dtype(values):
        return values
    if pd.api.types.is_numeric_dtype(values):
        raise _unreadable(raw, header, int(values.index[0]))
    text = values.astype("str")
    try:
        return pd.to_datetime(text, format="ISO8601")  # all naive, or all of one offset: most files, and fast
    except ValueError:
        text = text.str.strip().str.replace(r"\s*UTC$", "Z", regex=True)
    offset = text.str.contains(_WITH_OFFSET, regex=True)
    if offset.any() and not offset.all():
        raise DataError(
            f"{raw.place}: column {header!r} has stamps with and without an offset from UTC, the first "
            f"without in {raw.row_name(first_label(~offset))}; write all of them one way"
        )
    try:
        return pd.to_datetime(text, utc=bool(offset.any()), format="ISO8601")
    except ValueError:
        parsed = pd.to_datetime(text.str.extract(_LOOSE).astype("float64"), errors="coerce")
    if parsed.isna().any():
        raise _unreadable(raw, header, first_label(parsed.isna()))
    return parsed


def _unreadable(raw: SourceFrame, header: str, label: int) -> DataError:
    return DataError(
        f"{raw.place}: '{raw.frame[header].loc[label]}' in column {header!r}, {raw.row_name(label)}, is no "
        "time that can be read safely; write year first, such as 2024-03-01 13:00 or 2024-03-01T13:00+09:00"
    )


def _localised(
    stamps: pd.Series[pd.Timestamp], raw: SourceFrame, region: Region, distinguishing: list[str]
) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
    findings: list[Finding] = []
    zone = region.zone
    if len(stamps) > 1 and stamps.is_monotonic_decreasing:  # newest first: file order is turned round
        stamps = stamps.iloc[::-1]
    first_fold = np.ones(len(stamps), dtype=bool)
    local = stamps.dt.tz_localize(zone, ambiguous=first_fold, nonexistent="NaT")
    never = local.isna()
    if never.any():
        stamps, more = _clock_forward(stamps, never, region)
        findings += more
        first_fold = np.ones(len(stamps), dtype=bool)
        local = stamps.dt.tz_localize(zone, ambiguous=first_fold)
    repeated = stamps.dt.tz_localize(zone, ambiguous="NaT").isna()
    if repeated.any():
        first_fold[repeated.to_numpy()], more = _first_folds(stamps[repeated], raw, distinguishing)
        findings += more
        local = stamps.dt.tz_localize(zone, ambiguous=first_fold)
    return local.dt.tz_convert("UTC").sort_index(), findings


def _clock_forward(
    stamps: pd.Series[pd.Timestamp], never: pd.Series[bool], region: Region
) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
    """Drop the rows of hours that never were, or move a day that numbers its hours."""
    dropped: list[str] = []
    numbered: list[str] = []
    days = stamps.dt.normalize()
    stamps = stamps.copy()
    keep = pd.Series(True, index=stamps.index)
    for day in days[never].unique():
        of_day = days == day
        skip = _skipped(day, region)
        present = set(stamps[of_day])
        first_never = stamps[of_day & never].min()
        last = day + timedelta(days=1) - skip
        contiguous = all(day + skip * n in present for n in range((last - day) // skip))
        if contiguous and not any(stamp >= last for stamp in present):
            numbered.append(f"{day:%Y-%m-%d}")
            later = of_day & (stamps >= first_never)
            stamps[later] += skip
        else:
            dropped.append(f"{first_never:%Y-%m-%d %H:%M}")
            keep &= ~(of_day & never)
    findings = []
    if numbered:
        findings.append(
            Finding(
                "numbered_hours", len(numbered), f"days that number their 23 hours, moved: {_some(numbered)}"
            )
        )
    if dropped:
        text = (
            f"hours that never were in {region.timezone} (clocks went forward), dropped: {_some(dropped)}; "
            "if the file keeps standard time all the year, write its stamps with their offset"
        )
        findings.append(Finding("nonexistent_hour", int((~keep).sum()), text))
    return stamps[keep], findings


def _skipped(day: pd.Timestamp, region: Region) -> timedelta:
    """By how much the clocks go forward on the local `day`: one hour almost everywhere."""
    midnight = day.to_pydatetime()
    length = (midnight + timedelta(days=1)).replace(tzinfo=region.zone).timestamp() - midnight.replace(
        tzinfo=region.zone
    ).timestamp()
    return timedelta(days=1) - timedelta(seconds=length)


def _first_folds(
    repeated: pd.Series[pd.Timestamp], raw: SourceFrame, distinguishing: list[str]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], list[Finding]]:
    """For every row of a repeated hour, whether it belongs to the first of the two."""
    rows = raw.frame.loc[repeated.index, distinguishing].assign(stamp=repeated)
    # Copies of a row are told apart from the second hour by their values; two equal rows stay two hours.
    kinds = rows.drop_duplicates()
    place_among = kinds.groupby("stamp").cumcount()
    if (place_among > 1).any():
        label = first_label(place_among > 1)
        raise DataError(
            f"{raw.place}: {raw.row_name(label)} is a third different row for {repeated[label]}, an hour "
            "that the clocks repeat once; keep two, or write the stamps with their offset"
        )
    single = kinds["stamp"].value_counts() == 1
    copies = rows["stamp"].map(single).astype(bool) & rows.duplicated()
    merged = rows.reset_index().merge(
        kinds.assign(place_among=place_among), on=[*distinguishing, "stamp"], how="left"
    )
    first = (merged["place_among"].to_numpy() == 0) & ~copies.to_numpy()
    alone = sorted({f"{stamp:%Y-%m-%d %H:%M}" for stamp, n in repeated.value_counts().items() if n == 1})
    if not alone:
        return first, []
    text = f"hours that the clocks repeat, given once and taken as the first: {_some(alone)}"
    return first, [Finding("repeated_hour_once", len(alone), text)]


def _some(names: list[str], shown: int = 5) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
