"""A file of issued weather -> `IssuedWeather`, and what was found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from trainer.contract import MAX_ISSUE_DAYS, NOTHING_SAID, Region
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame, first_label, read_source
from trainer.data.stamps.clocks import clock_of
from trainer.data.stamps.fields import StampFields
from trainer.data.stamps.moments import moments
from trainer.data.tables.columns import claimed, normalised
from trainer.data.tables.layout import Layout
from trainer.data.tables.numbers_of_cells import numbers, plausible_weather
from trainer.data.weather.issued import ISSUED_AT, TIME, IssuedWeather
from trainer.data.weather.places import with_means_of_places
from trainer.errors import DataError, UsageError

_ALIASES: Final = MappingProxyType(
    {
        # Never the time of a weather model's run: its forecast is at hand some hours later.
        ISSUED_AT: ("issued", "issue time", "issuance time", "발표일시", "발표시각"),
        TIME: ("valid time", "valid at", "target time", "forecast time", "예보일시"),
    }
)
"""Our column -> other headers that mean it, beside those of `trainer.data.tables.columns`, normalised."""


@dataclass(frozen=True)
class IssuedRead:
    """What a file of issued weather holds."""

    issued: IssuedWeather
    place: str
    """Where it was read, for messages."""
    findings: tuple[Finding, ...]


def read_issued_weather(region: Region, source: str) -> IssuedRead:
    """Reads text with delimiters, a workbook or Parquet, by path or URL: `issued_at`, `time` (of the hour
    that is forecast) and the region's weather, at single places too (`temperature_lille`), a row per issue
    and hour. The settings of the region's demand file are not those of this one, its `columns` count for
    both.

    Times without an offset go by the clock that their header names (`time_utc`), else by the region's. Cells
    that hold no number, rows without a time, and hours that lay behind when they were issued, or more than 30
    days ahead, are left out and told of. Raises UsageError for a region without weather and a source that
    does not exist, DataError for a file that cannot be read, lacks a column, has times of issue without a
    time of day, or has no row that is left.
    """
    if not region.weather:
        raise UsageError(f"region {region.name} has no `weather`, so that none can have been issued for it")
    raw = read_source(replace(region, files=NOTHING_SAID), source=source)
    raw = replace(raw, frame=raw.frame.set_axis([str(header) for header in raw.frame.columns], axis=1))
    there = {theirs: ours for theirs, ours in region.columns.items() if theirs in raw.frame}
    region = replace(region, columns=there)
    headers = {ours: _header_of(ours, raw, region) for ours in (ISSUED_AT, TIME)}
    places = with_means_of_places(Layout(raw, headers, NOTHING_SAID, ()), region)
    raw, findings = places.raw, [*raw.findings, *places.findings]
    columns = {name: raw.frame[name].astype("float64") for name in places.columns}
    for ours in region.weather:
        header = _header_of(ours, raw, region)
        values, unread = numbers(raw, header, raw.frame.index)
        columns[ours], unlikely = plausible_weather(raw, header, ours, values)
        findings += [*unread, *unlikely]
    issued_at, lost = _utc(raw, headers[ISSUED_AT], region)
    rows = pd.DataFrame({ISSUED_AT: issued_at}).dropna()
    time, lost_too = _utc(raw, headers[TIME], region, rows[ISSUED_AT])
    rows = rows.join(time.rename(TIME), how="inner").join(pd.DataFrame(columns)).dropna(subset=[TIME])
    findings += [*lost, *lost_too]
    late = rows[TIME] < rows[ISSUED_AT].dt.floor("h")
    if late.any():
        text = f"rows of hours that lay behind when they were issued, left out: {int(late.sum())}"
        findings.append(Finding("issued_late", int(late.sum()), text))
    rows = rows[~late]
    far = rows[TIME] - rows[ISSUED_AT] > pd.Timedelta(days=MAX_ISSUE_DAYS)
    if far.any():
        text = f"rows of hours over {MAX_ISSUE_DAYS} days after their issue, left out: {int(far.sum())}"
        findings.append(Finding("issued_far", int(far.sum()), text))
    rows = rows[~far]
    if rows.empty:
        raise DataError(
            f"{raw.place}: no row has an hour that lay ahead when it was issued; is {headers[ISSUED_AT]!r} "
            f"the time of issue, and {headers[TIME]!r} that of the hour?"
        )
    if again := int(rows.duplicated([ISSUED_AT, TIME]).sum()):
        text = f"rows of an issue and hour that a later row has again, left out: {again}"
        findings.append(Finding("issued_again", again, text))
    issued = IssuedWeather.of(rows[[ISSUED_AT, TIME, *region.weather, *places.columns]])
    return IssuedRead(issued, raw.place, (*_account(issued, raw.place), *findings))


def _header_of(ours: str, raw: SourceFrame, region: Region) -> str:
    headers = list(raw.frame.columns)
    configured = [theirs for theirs, name in region.columns.items() if name == ours]
    own = [header for header in headers if normalised(header) == normalised(ours)]
    aliases = [header for header in headers if normalised(header) in _ALIASES.get(ours, ())]
    found = own[:1] or configured or aliases or claimed(ours, headers)
    if len(found) == 1:
        return found[0]
    what = f"columns {found} can all be read as {ours!r}" if found else f"no column for {ours!r}"
    raise DataError(
        f"{raw.place}: {what}; found {headers}. A file of issued weather has {ISSUED_AT}, {TIME} and "
        f"{', '.join(region.weather)}; call the header so, or name it in the region: "
        f'[{region.name}.columns] "<header>" = "{ours}"'
    )


def _utc(
    raw: SourceFrame, header: str, region: Region, issued_at: pd.Series[pd.Timestamp] | None = None
) -> tuple[pd.Series[pd.Timestamp], list[Finding]]:
    """The column's moments in UTC by the rows' labels, without rows that have none. `issued_at`: where the
    times are those of hours, which an issue has twice when clocks go back; an issue itself is never taken for
    the earlier of the two, lest it be known before its time."""
    cells = raw.frame[header]
    if not pd.api.types.is_datetime64_any_dtype(cells):
        cells = cells[cells.astype("str").str.contains(r"\d", na=False) & cells.notna()]
    if cells.empty:
        raise DataError(f"{raw.place}: column {header!r} holds no times")
    found = moments(cells, raw, header, NOTHING_SAID)
    if issued_at is None and _are_dates(cells):
        raise DataError(
            f"{raw.place}: column {header!r} has days and no time of day, so that nobody can tell whether a "
            "forecast of that day knew the issue; write the moment at which it was at hand: 2024-03-01T06:00Z"
        )
    if isinstance(found, StampFields):
        if found.clock.isna().any():
            raise DataError(f"{raw.place}: column {header!r} has no time of day; write 2024-03-01T06:00Z")
        found = found.times()
    found = found.dropna()
    lost = raw.frame.index.difference(found.index)
    told = []
    if len(lost):
        label = first_label(raw.frame.index.to_series().isin(lost))
        first_row = raw.row_name(label)
        text = f"rows without a time in column {header!r}, left out: {len(lost)}, the first {first_row}"
        told = [Finding("no_time", len(lost), text)]
    if found.dt.tz is not None:
        return found.dt.tz_convert("UTC"), told
    first = pd.Series(False, index=found.index)
    if issued_at is not None:
        hours = pd.DataFrame({ISSUED_AT: issued_at, TIME: found})
        first = ~hours.duplicated().reindex(found.index)
    zone, _ = clock_of(header, NOTHING_SAID, region, above=raw.above)
    local = found.dt.tz_localize(zone, ambiguous=first.to_numpy(), nonexistent="shift_forward")
    return local.dt.tz_convert("UTC"), told


def _are_dates(cells: pd.Series[Any]) -> bool:
    """Whether none of them has a time of day."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        return False
    texts = cells.astype("str").str
    day = (texts.count(r"\d") <= 8) & (texts.count(r"\d+") <= 3)
    return bool(
        (day & ~texts.fullmatch(r"\d{5}\.\d+")).all()
    )  # a spreadsheet's day has its time behind the point


def _account(issued: IssuedWeather, place: str) -> Sequence[Finding]:
    """What there is, and the days within that have no issue."""
    issues = issued.issues
    hours = len(issued.rows) / len(issues)
    text = (
        f"{place}: {len(issues):,} issues of the weather, {issues[0]:%Y-%m-%d %H:%M} .. "
        f"{issues[-1]:%Y-%m-%d %H:%M} UTC, of {hours:.0f} hours on average"
    )
    days = issues.floor("D").unique()
    missing = pd.date_range(days[0], days[-1], freq="D").difference(days)
    if missing.empty:
        return [Finding("issues", len(issues), text)]
    gaps = f"days (UTC) without an issue: {len(missing)}, the first {missing[0]:%Y-%m-%d}"
    return [Finding("issues", len(issues), text), Finding("issue_gap", len(missing), gaps)]
