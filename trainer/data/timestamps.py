"""Times of any accepted spelling -> the UTC moment at which each row's interval begins."""

from __future__ import annotations

from datetime import timedelta, tzinfo
from typing import Final

import pandas as pd

from trainer.contract import FileSettings, Region
from trainer.data.grid import usual_step
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame, first_label
from trainer.data.stamps.clocks import clock_of, said_stamp
from trainer.data.stamps.fields import StampFields, first_unread, spellings
from trainer.data.stamps.local import LocalClock
from trainer.data.stamps.numbered import numbered_periods
from trainer.errors import DataError

_DAY: Final = timedelta(days=1)
_EPOCH: Final = r"\d{9,10}(?:\.\d+)?|\d{12,13}"
"""Seconds or milliseconds since 1970."""
_SERIAL: Final = r"[2-7]\d{4}(?:[.,]\d+)?"
"""Days as spreadsheets count them, 1954 to 2119."""
_NAIVE_CLOCK: Final = pd.Timedelta(0)


def to_utc(
    raw: SourceFrame, header: str, region: Region, distinguishing: list[str], settings: FileSettings
) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
    """The UTC beginning of every row's interval, by the rows' labels; rows of no existing hour and rows
    without a time are left out, and told of.

    Times with an offset (or UTC) are taken at their word. Times without one go by the clock that
    `settings`, else their header, else the region names; `LocalClock` says what becomes of hours that clocks
    repeat or leave out, for which `distinguishing` columns tell different rows from copies. Whether a time is
    the end of its interval is said by `settings`, by the header, or by an hour 24.
    Raises DataError naming the first time that cannot be read, and, where the file cannot tell whether its
    times are beginnings or ends, the setting that can.
    """
    texts, findings = _rows_with_time(raw, header)
    zone, said_by = clock_of(header, settings, region)
    certain, stamp = settings.stamp_timezone is not None, settings.stamp or said_stamp(header)
    found = _moments(texts, raw, header, settings)
    findings += _told_unreadable(raw, header, texts.index.difference(_rows_of(found)))
    if isinstance(found, StampFields) and found.number.notna().any():
        periods = numbered_periods(found, raw, header, zone, stamp, certain=certain)
        if periods.elapsed:
            midnight = found.day.dt.tz_localize(zone).dt.tz_convert("UTC")
            return midnight + (periods.starts - found.day), findings
        clock = LocalClock(raw, zone, distinguishing, found.mark, certain=certain)
        moments, more = clock.to_utc(periods.starts)
        return moments, [*findings, *more]
    if isinstance(found, StampFields):
        if (found.clock == _DAY).any():
            stamp = _ends_said_by_24(raw, header, found, settings)
        stamps, marks = found.day + found.clock.fillna(_NAIVE_CLOCK), found.mark
    else:
        stamps, marks = found, pd.Series("", index=found.index)
    stamps, stamp = _with_midnights_of_their_own_day(stamps, stamp, settings)
    if stamp is None:
        _ask_where_ends_are_likely(stamps, raw, header, region)
    step = usual_step(pd.DatetimeIndex(stamps)) if stamp == "end" else pd.Timedelta(0)
    if settings.stamp is None and stamp == "end":
        text = f"times read as the ends of their intervals, as their column {header!r} says"
        findings.append(Finding("ends", len(stamps), text))
    if stamps.dt.tz is not None:
        return _earlier(stamps.dt.tz_convert("UTC"), step), findings
    if said_by:
        text = f"times read as {zone}, as {said_by}"
        findings.append(Finding("utc_header" if str(zone) == "UTC" else "clock", len(stamps), text))
    if zone is not region.zone:
        _refuse_repeated_hours(stamps, raw, region, zone)
    clock = LocalClock(raw, zone, distinguishing, marks, certain=certain)
    if step and clock.misfits(_earlier(stamps, step)) < clock.misfits(stamps):
        # 02:00 follows 01:00 whatever the clocks did between.
        moments, more = clock.to_utc(_earlier(stamps, step))
    else:
        moments, more = clock.to_utc(stamps)
        moments = _earlier(moments, step)
    return moments, [*findings, *more]


def _earlier(moments: pd.Series[pd.Timestamp], step: pd.Timedelta) -> pd.Series[pd.Timestamp]:
    """By `step`, in the resolution that they have: a Timedelta would make nanoseconds of them."""
    return moments - step.as_unit(moments.dt.unit) if step else moments


def _with_midnights_of_their_own_day(
    stamps: pd.Series[pd.Timestamp], stamp: str | None, settings: FileSettings
) -> tuple[pd.Series[pd.Timestamp], str | None]:
    """Where 00:00 follows the last time of the day of its own date, it is that day's 24:00, and times are
    ends; all as it is where no day is written so."""
    midnight = stamps == stamps.dt.normalize()
    if settings.stamp == "start" or stamps.dt.tz is not None or not midnight.any():
        return stamps, stamp
    forward = stamps.diff()
    own = midnight & (forward < -_DAY / 2) & (forward > -_DAY)
    if own.sum() <= midnight.sum() / 2:
        return stamps, stamp
    return stamps + own.astype("int64") * _DAY, "end"


def _rows_with_time(raw: SourceFrame, header: str) -> tuple[pd.Series, list[Finding]]:
    """The cells of the column, without rows that have no digit there: units below the header, sums, notes."""
    cells = raw.frame[header]
    without = cells.isna()
    if not pd.api.types.is_datetime64_any_dtype(cells) and not pd.api.types.is_numeric_dtype(cells):
        without |= ~cells.astype("str").str.contains(r"\d", na=False)
    if without.all():
        raise DataError(f"{raw.place}: column {header!r} holds no times")
    if not without.any():
        return cells, []
    label, count = first_label(without), int(without.sum())
    text = f"rows without a time in column {header!r}, left out: {count}, the first {raw.row_name(label)}"
    return cells[~without], [Finding("no_time", count, text)]


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


def _moments(
    cells: pd.Series, raw: SourceFrame, header: str, settings: FileSettings
) -> pd.Series[pd.Timestamp] | StampFields:
    """Times with a zone, or without one where nothing is said; parts where a number or a mark counts."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells
    texts = cells.astype("str").str.strip()
    if settings.time_format is None:
        try:
            return pd.to_datetime(texts, format="ISO8601")  # all naive, or all of one offset: most files
        except ValueError:
            pass
    readings = spellings(texts, settings.time_format)
    if not readings:
        if settings.time_format is None and texts.str.fullmatch(_EPOCH).all():
            return _since_1970(texts)
        if settings.time_format is None and texts.str.fullmatch(_SERIAL).all():
            return _of_a_spreadsheet(texts)
        raise _unreadable(raw, header, first_unread(texts, settings.time_format), settings)
    fields = _likeliest(readings, raw, header)
    offset = fields.offset
    if not offset.notna().any():
        plain = fields.number.isna().all() and fields.mark.eq("").all() and not (fields.clock == _DAY).any()
        return fields.day + fields.clock.fillna(_NAIVE_CLOCK) if plain else fields
    if not offset.notna().all():
        raise DataError(
            f"{raw.place}: column {header!r} has stamps with and without an offset from UTC, the first "
            f"without in {raw.row_name(first_label(offset.isna()))}; write all of them one way"
        )
    clock = fields.clock.fillna(_NAIVE_CLOCK) - pd.to_timedelta(offset, unit="min")
    return (fields.day + clock).dt.tz_localize("UTC")


def _likeliest(readings: list[StampFields], raw: SourceFrame, header: str) -> StampFields:
    """The reading whose times follow each other most evenly. Raises DataError where two do so alike and are
    not the same."""
    if len(readings) == 1:
        return readings[0]

    def evenness(fields: StampFields) -> float:
        gaps = (fields.day + fields.clock.fillna(_NAIVE_CLOCK)).sort_values().diff().iloc[1:]
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


def _since_1970(texts: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    seconds = texts.astype("float64")
    seconds = seconds.where(seconds < 1e11, seconds / 1000)
    return pd.to_datetime(seconds, unit="s", utc=True)


def _of_a_spreadsheet(texts: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    days = pd.to_timedelta(texts.str.replace(",", ".", regex=False).astype("float64"), unit="D")
    # A minute is a fraction of a day that is no exact one.
    return pd.Timestamp("1899-12-30") + days.dt.round("min")


def _ends_said_by_24(raw: SourceFrame, header: str, fields: StampFields, settings: FileSettings) -> str:
    if settings.stamp == "start":
        label = first_label(fields.clock == _DAY)
        raise DataError(
            f"{raw.place}: {raw.row_name(label)} of column {header!r} says 24:00, the end of a day's last "
            'interval, but the region says stamp = "start"; take that out, or say stamp = "end"'
        )
    return "end"


def _ask_where_ends_are_likely(
    stamps: pd.Series[pd.Timestamp], raw: SourceFrame, header: str, region: Region
) -> None:
    """Raises DataError for whole days that begin one interval after midnight and end with midnight."""
    if not raw.is_file or len(stamps) < 24:
        return
    ordered = stamps.sort_values()
    local = ordered.dt.tz_convert(region.zone) if ordered.dt.tz is not None else ordered
    first, last = local.iloc[0], local.iloc[-1]
    if first == last:
        return
    step, begun = usual_step(pd.DatetimeIndex(stamps)), local[local > first].iloc[0] - first
    if first - first.normalize() == begun and last == last.normalize() and step < pd.Timedelta(hours=2):
        raise DataError(
            f"{raw.place}: times go from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, as the ends of the "
            f"intervals of whole days would; column {header!r} does not say whether they are ends or "
            'beginnings, so say it once in the region: stamp = "end" or stamp = "start"'
        )


def _refuse_repeated_hours(
    stamps: pd.Series[pd.Timestamp], raw: SourceFrame, region: Region, zone: tzinfo
) -> None:
    """Raises DataError for times that are there twice just where the region's clocks repeat them: no other
    clock does."""
    twice = stamps[stamps.duplicated(keep=False)]
    if twice.empty:
        return
    if twice.dt.tz_localize(region.zone, ambiguous="NaT", nonexistent="shift_forward").notna().any():
        return
    if twice.dt.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward").isna().all():
        return  # both clocks go back at that hour
    label = int(str(twice.index[0]))
    raise DataError(
        f"{raw.place}: {raw.row_name(label)} and another have {twice.iloc[0]:%Y-%m-%d %H:%M}, which the "
        f"clocks of {region.timezone} showed twice: these times are local, but are said to be {zone}; take "
        f'stamp_timezone out of the region, or say stamp_timezone = "{region.timezone}"'
    )


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
