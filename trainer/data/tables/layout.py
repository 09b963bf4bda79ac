"""How a file's table is laid out -> one row per interval, with one column of times."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from trainer.contract import FileSettings, Region
from trainer.data.files.parts import PARTS
from trainer.data.formats import FORMATS, FileFormat, recognised
from trainer.data.formats.file_format import matching
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.data.tables.columns import claimed, claimed_by_several
from trainer.data.tables.hours_of_days import look_like_hours
from trainer.data.tables.hours_of_years import years_of
from trainer.data.tables.likely_columns import likely_demand
from trainer.data.tables.parts_of_times import (
    date_and_hour,
    joined_name,
    whole_time_beside_clock,
    with_joined,
)
from trainer.data.tables.wide import hour_headers, long
from trainer.data.tables.years_across import with_years_in_rows
from trainer.errors import DataError

_DISAGREE: Final = 0.5
"""Share of a part's times of which another part says otherwise, from which on they are no revision."""
_MOST_IN_DOUBT: Final = 0.2
"""Share of all times that such parts may leave in doubt."""
_MOST_HOURS: Final = 300
"""Different hours or periods of a day that a column may name."""


@dataclass(frozen=True)
class Layout:
    """A table in long form, and what is known of its columns."""

    raw: SourceFrame
    columns: Mapping[str, str]
    """Our column -> header, where its format or its form says so."""
    settings: FileSettings
    """The region's, over those of its format."""
    findings: tuple[Finding, ...]
    wide: bool = False
    """It had a column for each interval, or for each year, and none for demand."""
    recognised: bool = False
    """Its format is a known one."""


def laid_out(raw: SourceFrame, region: Region) -> Layout:
    """`raw` as one row per interval: rows chosen, days in a row turned into hours, parts of a time joined.

    Raises DataError for settings that name columns or values which the file does not have.
    """
    headers = [str(header) for header in raw.frame.columns]
    raw = replace(raw, frame=raw.frame.set_axis(headers, axis=1))
    known = recognised(headers, FORMATS) if raw.is_file else None
    columns = _columns_of(known, headers, region, raw.place) if known else {}
    settings, findings = _settings_over_format(raw, known, headers)
    if settings.where:
        raw = _chosen(raw, settings.where, region)
    dates = tuple(header_in(raw, name, region, "date_columns") for name in settings.date_columns)
    settings = replace(settings, date_columns=dates)
    named = "demand" in {*columns, *region.columns.values()}
    hours = hour_headers(raw, settings, named=named)
    said = known or dates or named or hours or settings.wide or claimed("demand", headers)
    if raw.is_file and not said and years_of(headers) and likely_demand(headers) == headers:
        raw, dates, demand, found = with_years_in_rows(raw)
        raw, columns = with_joined(raw, dates), {"time": joined_name(dates), "demand": demand}
        settings = replace(settings, date_columns=dates)
        return Layout(raw, columns, settings, (*findings, found), wide=True)
    if hours or settings.wide:
        raw, columns = long(raw, hours, columns, settings, region)
        return Layout(
            raw, columns, settings, tuple(findings), wide=known is None, recognised=known is not None
        )
    if not dates and raw.is_file and "time" not in {*columns, *region.columns.values()}:
        dates, whole = _times_by_their_cells(raw, headers)
        if dates:
            text = f"times read from columns {', '.join(map(repr, dates))}"
            findings.append(Finding("joined", len(raw.frame), text))
        elif whole:
            columns["time"] = whole
    if dates:
        settings = replace(settings, date_columns=dates)
        raw, columns = with_joined(raw, dates), {**columns, "time": joined_name(dates)}
    return Layout(raw, columns, settings, tuple(findings), recognised=known is not None)


def _settings_over_format(
    raw: SourceFrame, known: FileFormat | None, headers: Sequence[str]
) -> tuple[FileSettings, list[Finding]]:
    """The region's settings, over those of the format where the file is of a known one, and what was found so
    far."""
    findings = list(raw.findings)
    if known is None:
        return raw.files, findings
    findings.append(Finding("format", len(raw.frame), f"read as {known.name}"))
    dates = tuple(header for mark in known.settings.date_columns for header in matching(mark, headers))
    return raw.files.over(replace(known.settings, date_columns=dates)), findings


def _times_by_their_cells(raw: SourceFrame, headers: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
    """The columns that hold the time together, or else the one that holds it whole beside a time of day."""
    dates = date_and_hour(raw)
    return (dates, None) if dates else ((), whole_time_beside_clock(raw, claimed("time", headers)))


def _columns_of(known: FileFormat, headers: Sequence[str], region: Region, place: str) -> dict[str, str]:
    """Where several headers match, that of the region's country; the region's own mapping goes before."""
    found: dict[str, str] = {}
    for ours, pattern in known.columns.items():
        if ours in region.columns.values():
            continue
        matches = matching(pattern, headers)
        own = [header for header in matches if header.upper().startswith(f"{region.country}_")]
        matches = own or matches
        if len(matches) > 1:
            raise claimed_by_several(matches, ours, region, f"{place}, read as {known.name}")
        if matches:
            found[ours] = matches[0]
    return found


def header_in(raw: SourceFrame, wanted: str, region: Region, setting: str) -> str:
    """The file's spelling of a header that a setting names. Raises DataError where there is none."""
    headers = list(raw.frame.columns)
    if wanted in headers:
        return wanted
    alike = [header for header in headers if header.strip().casefold() == wanted.strip().casefold()]
    if len(alike) != 1:
        raise DataError(f"{raw.place}: region {region.name}: {setting} names {wanted!r}; found {headers}")
    return alike[0]


def _chosen(raw: SourceFrame, where: Mapping[str, str | tuple[str, ...]], region: Region) -> SourceFrame:
    frame = raw.frame
    for name, value in where.items():
        assert isinstance(value, str)  # of several each is read by itself, see `summands`
        cells = frame[header_in(raw, name, region, "where")].astype("str").str.strip()
        chosen = cells == value.strip()
        if not chosen.any():
            there = ", ".join(sorted(cells.unique())[:10])
            raise DataError(
                f"{raw.place}: no row has {name!r} = {value!r}, as `where` says; there are {there}"
            )
        frame = frame[chosen]
    return replace(raw, frame=frame)


def refuse_several_series(raw: SourceFrame, time: pd.Series[Any], used: Sequence[str]) -> None:
    """Raises DataError where a column that is not `used` tells several series of the same times apart, naming
    the setting that chooses one. `time`: moments, or their cells as read."""
    again = time.duplicated(keep=False)
    if again.mean() < 0.5:
        return
    rows = raw.frame.loc[time.index]
    for header in rows.columns:
        values = rows[header].astype("str")
        if header in used or not 2 <= values.nunique() <= max(_MOST_HOURS, len(rows) // 24):
            continue
        if not pd.DataFrame({"time": time, "value": values}).duplicated().mean() < 0.01:
            continue
        kinds = sorted(values.unique())
        if look_like_hours(kinds):
            raise DataError(
                f"{raw.place}: hours of the day stand in column {header!r}, apart from their dates; say so "
                f'in the region: date_columns = ["{used[0]}", "{header}"]'
            )
        if len(kinds) <= max(2, len(rows) // 24):
            raise DataError(
                f"{raw.place} holds several series, told apart by column {header!r}: {', '.join(kinds[:10])}"
                f'; say which in the region: where = {{"{header}" = "{kinds[0]}"}}, or which add up to its '
                f'demand: where = {{"{header}" = {json.dumps(kinds[:2], ensure_ascii=False)}}}'
            )


def left_out_of_parts(
    raw: SourceFrame, time: pd.Series[pd.Timestamp], demand: str
) -> tuple[pd.Index, list[Finding]]:
    """Labels of rows whose `demand` (a header) is not to be believed, since their sheet or file says another
    one at most of the times that others have too, as a forecast beside what was measured would. Where both
    say something the rows stay, and contradict each other.

    Raises DataError where these are many: then it is asked about which part is meant.
    """
    header = next((header for header in PARTS if header in raw.frame), None)
    if header is None or raw.frame[header].nunique() < 2:
        return pd.Index([]), []
    cells = raw.frame.loc[time.index, [header, demand]].set_axis(["part", "demand"], axis=1)
    rows = cells.assign(time=time).dropna().drop_duplicates()
    rows["other"] = rows.drop_duplicates(["time", "demand"]).duplicated("time", keep=False)
    share = rows["other"].eq(True).groupby(rows["part"]).mean()
    odd = share[share > _DISAGREE]
    if odd.empty:
        return pd.Index([]), []
    in_doubt = rows["other"].eq(True) & rows["part"].isin(odd.index)
    count = rows.loc[in_doubt, "time"].nunique()
    says = f"{header} {odd.index[-1]!r} says another demand than others at the same times"
    if count > _MOST_IN_DOUBT * rows["time"].nunique():
        raise DataError(
            f"{raw.place}: {says}, as another series or a forecast would; say which to read: where = "
            f'{{{header} = "{share.idxmin()}"}}'
        )
    rest = rows.index[rows["part"].isin(odd.index) & ~rows["time"].isin(rows.loc[in_doubt, "time"])]
    text = f"{says}: in doubt {count}, of its others left out {len(rest)}; take out what is wrong"
    return rest, [Finding("parts_disagree", count, text)]
