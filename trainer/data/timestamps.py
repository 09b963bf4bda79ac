"""Times of any accepted spelling -> the UTC moment at which each row's interval begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import FileSettings, Region
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame, first_label
from trainer.data.stamps.clocks import clock_of, said_stamp
from trainer.data.stamps.ends import (
    ask_where_ends_are_likely,
    before_their_intervals,
    ends_said_by_24,
    with_midnights_of_their_own_day,
)
from trainer.data.stamps.evidence import refuse_repeated_hours
from trainer.data.stamps.fields import StampFields
from trainer.data.stamps.gregorian_dates import with_years_of_ours
from trainer.data.stamps.local import LocalClock
from trainer.data.stamps.moments import moments
from trainer.data.stamps.numbered import numbered_periods
from trainer.data.stamps.seams import ENDS, UTC, rows_read_otherwise
from trainer.data.stamps.whole_days import heard_of_utc
from trainer.errors import DataError

_DAY: Final = pd.Timedelta(days=1)


def to_utc(
    raw: SourceFrame, header: str, region: Region, distinguishing: list[str], settings: FileSettings
) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
    """The UTC beginning of every row's interval, by the rows' labels; rows of no existing hour and rows
    without a time are left out, and told of.

    Times with an offset (or UTC) are taken at their word. Times without one go by the clock that
    `settings`, else their header, the row below or a line above it, else the region names; `LocalClock` says
    what becomes of hours that clocks repeat or leave out, for which `distinguishing` columns tell different
    rows from copies. Whether a time is the end of its interval is said by `settings`, by the header, or by an
    hour 24.
    Raises DataError naming the first time that cannot be read, and, where the file cannot tell whether its
    times are beginnings or ends, or by which clock they go, the setting that can.
    """
    cells, below, findings = _rows_with_time(raw, header)
    cells, told = with_years_of_ours(cells, raw, header, region, settings)
    findings += told
    zone, said_by = clock_of(header, settings, region, below=below, above=raw.above)
    certain, stamp = said_by is not None, settings.stamp or said_stamp(header)
    found = moments(cells, raw, header, settings)
    if isinstance(found, StampFields) and found.offset.notna().nunique() == 2:
        return _with_and_without_offset(found.offset, raw, header, region, distinguishing, settings)
    findings += _told_unreadable(raw, header, cells.index.difference(_rows_of(found)))
    if isinstance(found, StampFields) and found.clock.isna().any():
        starts, more = _of_numbers(found, raw, header, zone, stamp, distinguishing, certain=certain)
        return starts, [*findings, *more]
    if isinstance(found, StampFields):
        stamps, marks = found.times(), found.mark
    else:
        stamps, marks = found, pd.Series("", index=found.index)
    if stamp is None:
        others, told = rows_read_otherwise(found, stamps, raw, zone, certain=certain)
        if others:
            starts, more = _read_apart(others, raw, header, region, distinguishing, settings)
            return starts, [*told, *more]
    if isinstance(found, StampFields) and (found.clock == _DAY).any():
        stamp = ends_said_by_24(raw, header, found, settings)
    stamps, stamp = with_midnights_of_their_own_day(stamps, stamp, settings)
    if stamp is None:
        ask_where_ends_are_likely(stamps, raw, header, region, zone)
    if settings.stamp is None and stamp == "end":
        text = f"times read as the ends of their intervals, as their column {header!r} says"
        findings.append(Finding("ends", len(stamps), text))
    if stamps.dt.tz is not None:
        stamps = stamps.dt.tz_convert("UTC")
        return before_their_intervals(stamps) if stamp == "end" else stamps, findings
    if said_by and zone is not region.zone:
        text = f"times read as {zone}, as {said_by}"
        findings.append(Finding("utc_header" if str(zone) == "UTC" else "clock", len(stamps), text))
        refuse_repeated_hours(stamps, raw, region, zone)
    elif not certain:
        begun = before_their_intervals(stamps) if stamp == "end" else stamps
        findings += heard_of_utc(begun, raw, header, region, distinguishing[0])
    clock = LocalClock(raw, zone, distinguishing, marks, certain=certain)
    starts, more = _of_clock(clock, stamps, ends=stamp == "end")
    return starts, [*findings, *more]


def _read_apart(
    others: Mapping[str, pd.Index],
    raw: SourceFrame,
    header: str,
    region: Region,
    distinguishing: list[str],
    settings: FileSettings,
) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
    """`others`: rows by what they are alone, `ENDS` of intervals or `UTC`; all else are local beginnings."""
    said = {ENDS: replace(settings, stamp="end"), UTC: replace(settings, stamp_timezone="UTC", stamp="start")}
    labels = [label for rows in others.values() for label in rows]
    groups = [(raw.frame.drop(index=labels), replace(settings, stamp="start"))]
    groups += [(raw.frame.loc[rows], said[how]) for how, rows in others.items()]
    found = [
        to_utc(replace(raw, frame=frame), header, region, distinguishing, of_group)
        for frame, of_group in groups
    ]
    findings = dict.fromkeys(finding for _, told in found for finding in told)
    return pd.concat([starts for starts, _ in found]).sort_index(), list(findings)


def _with_and_without_offset(
    offset: pd.Series[float],
    raw: SourceFrame,
    header: str,
    region: Region,
    distinguishing: list[str],
    settings: FileSettings,
) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
    """Of rows of which some have an `offset` and others (NaN) have none, as where a publisher changed how he
    writes times: the former at their word, the latter by the clock that they would go by alone.

    Raises DataError where that clock is not said and they follow the others no better by it than by UTC.
    """
    said, unsaid = (
        replace(raw, frame=raw.frame.loc[offset.index[rows]]) for rows in (offset.notna(), offset.isna())
    )
    with_offset, findings = to_utc(said, header, region, distinguishing, settings)
    local, more = to_utc(unsaid, header, region, distinguishing, settings)
    zone, said_by = clock_of(header, settings, region, below="", above=raw.above)
    first = raw.row_name(int(str(unsaid.frame.index[0])))
    if said_by is None:
        in_utc = replace(settings, stamp_timezone="UTC")
        try:
            utc, _ = to_utc(unsaid, header, region, distinguishing, in_utc)
        except DataError:  # they have what no clock of UTC shows
            utc = None
        if utc is not None and not utc.equals(local):
            by_utc, by_zone = (_misfits(pd.concat([times, with_offset])) for times in (utc, local))
            if by_utc <= by_zone:
                raise DataError(
                    f"{raw.place}: column {header!r} has times with an offset from UTC and without one, the "
                    f"first without in {first}; which clock the latter go by the rows do not tell: say so in "
                    f'the region: stamp_timezone = "UTC" or "{region.timezone}"'
                )
    text = (
        f"times without an offset from UTC beside others with one, read by the clock of {zone}: "
        f"{len(local):,}, the first {first}"
    )
    return pd.concat([local, with_offset]).sort_index(), [
        *dict.fromkeys([*findings, *more]),
        Finding("mixed_offsets", len(local), text),
    ]


def _misfits(times: pd.Series[pd.Timestamp]) -> int:
    """How many of `times`, in their order, do not follow the one before as most do."""
    gaps = times.sort_values().diff().iloc[1:]
    return int((gaps != gaps.median()).sum())


def _of_numbers(
    fields: StampFields,
    raw: SourceFrame,
    header: str,
    zone: tzinfo,
    stamp: str | None,
    distinguishing: list[str],
    *,
    certain: bool,
) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
    """Beginnings in UTC of rows that number the hours or periods of their day."""
    periods = numbered_periods(fields, raw, header, zone, stamp, certain=certain)
    if periods.elapsed:
        # A day whose midnight is left out begins with the change; of two midnights the first is its own.
        first = np.ones(len(fields.day), dtype=bool)
        midnight = fields.day.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
        midnight = midnight.dt.tz_convert("UTC")
        return midnight + (periods.starts - fields.day), []
    return LocalClock(raw, zone, distinguishing, fields.mark, certain=certain).to_utc(periods.starts)


def _of_clock(
    clock: LocalClock, stamps: pd.Series[pd.Timestamp], *, ends: bool
) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
    """Beginnings in UTC of rows whose times `clock` showed at the beginning, or at the end."""
    if not ends:
        return clock.to_utc(stamps)
    begun = before_their_intervals(stamps)
    if clock.misfits(begun) < clock.misfits(stamps):
        return clock.to_utc(begun)  # 02:00 follows 01:00 whatever the clocks did between
    moments_of_ends, findings = clock.to_utc(stamps)
    return before_their_intervals(moments_of_ends), findings


def _rows_with_time(raw: SourceFrame, header: str) -> tuple[pd.Series, str, list[Finding]]:
    """The cells of the column, without rows that have no digit there: units below the header, sums, notes;
    and what the first row says instead of a time."""
    cells = raw.frame[header]
    without = cells.isna()
    if not pd.api.types.is_datetime64_any_dtype(cells) and not pd.api.types.is_numeric_dtype(cells):
        without |= ~cells.astype("str").str.contains(r"\d", na=False)
    if without.all():
        raise DataError(f"{raw.place}: column {header!r} holds no times")
    if not without.any():
        return cells, "", []
    label, count = first_label(without), int(without.sum())
    below = str(cells.iloc[0]) if without.iloc[0] and pd.notna(cells.iloc[0]) else ""
    text = f"rows without a time in column {header!r}, left out: {count}, the first {raw.row_name(label)}"
    return cells[~without], below, [Finding("no_time", count, text)]


def _rows_of(found: pd.Series[pd.Timestamp] | StampFields) -> pd.Index:
    return found.day.index if isinstance(found, StampFields) else found.index


def _told_unreadable(raw: SourceFrame, header: str, lost: pd.Index) -> list[Finding]:
    if lost.empty:
        return []
    label = int(lost[0])
    text = (
        f"rows whose time cannot be read, left out: {len(lost)}, the first {raw.row_name(label)} with "
        f"'{raw.frame[header].loc[label]}' in column {header!r}"
    )
    return [Finding("unreadable_time", len(lost), text)]
