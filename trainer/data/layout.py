"""How a file's table is laid out -> one row per interval, with one column of times."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from trainer.contract import FileSettings, Region
from trainer.data.columns import claimed, claimed_by_several
from trainer.data.formats import FORMATS, FileFormat, recognised
from trainer.data.formats.file_format import matching
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.errors import DataError

_HOUR_HEADER: Final = re.compile(
    r"(?:hour|period|HE|SP|TP|QH|H|P)?[ _.#]*\d{1,3}\s*[hH시時]?\s*(?:[AB*X]|DST)?"
    r"|\d{1,2}[AB*]?[:h시]\d{2}(?::\d{2})?(?:\s*-\s*\d{1,2}[:h]\d{2})?\s*(?:[AB*X]|DST)?",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"^[^\d]+(?=\d)")
"""What stands before the number of an hour."""
_FEWEST_HOURS: Final = 23
"""Columns of hours from which on a table is taken for one of days."""
_MIDNIGHT: Final = r"[ T]00:00(?::00(?:\.0+)?)?$"


@dataclass(frozen=True)
class Layout:
    """A table in long form, and what is known of its columns."""

    raw: SourceFrame
    columns: Mapping[str, str]
    """Our column -> header, where its format or its form says so."""
    settings: FileSettings
    """The region's, over those of its format."""
    findings: tuple[Finding, ...]


def laid_out(raw: SourceFrame, region: Region) -> Layout:
    """`raw` as one row per interval: rows chosen, days in a row turned into hours, parts of a time joined.

    Raises DataError for settings that name columns or values which the file does not have.
    """
    headers = [str(header) for header in raw.frame.columns]
    raw = replace(raw, frame=raw.frame.set_axis(headers, axis=1))
    known = recognised(headers, FORMATS) if raw.is_file else None
    columns = _columns_of(known, headers, region, raw.place) if known else {}
    settings, findings = raw.files, list(raw.findings)
    if known:
        findings.append(Finding("format", len(raw.frame), f"read as {known.name}"))
        joined = tuple(header for mark in known.settings.date_columns for header in matching(mark, headers))
        settings = settings.over(replace(known.settings, date_columns=joined))
    if settings.where:
        raw = _chosen(raw, settings.where, region)
    hours = [header for header in headers if _HOUR_HEADER.fullmatch(header.strip())]
    if settings.wide and len(hours) < _FEWEST_HOURS:
        hours = _named_alike(headers)
    wide = settings.wide if settings.wide is not None else raw.is_file and len(hours) >= _FEWEST_HOURS
    if wide:
        raw, columns = _long(raw, hours, columns, settings, region)
    elif settings.date_columns:
        joined = tuple(_header(raw, name, region, "date_columns") for name in settings.date_columns)
        raw, columns = _with_joined(raw, joined), {**columns, "time": _joined_name(joined)}
    return Layout(raw, columns, settings, tuple(findings))


def _named_alike(headers: Sequence[str]) -> list[str]:
    """The headers that are one name with numbers, such as `Hora 01` or `Values_Hour01`; none where too few
    are."""
    names = {header: _NAME.match(header.strip()) for header in headers}
    alike = [found[0] if found else "" for found in names.values()]
    return next(
        (
            [header for header, found in names.items() if found and found[0] == name]
            for name in dict.fromkeys(alike)
            if name and alike.count(name) >= _FEWEST_HOURS
        ),
        [],
    )


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


def _header(raw: SourceFrame, wanted: str, region: Region, setting: str) -> str:
    """The file's spelling of a header that a setting names. Raises DataError where there is none."""
    headers = list(raw.frame.columns)
    if wanted in headers:
        return wanted
    alike = [header for header in headers if header.strip().casefold() == wanted.strip().casefold()]
    if len(alike) != 1:
        raise DataError(f"{raw.place}: region {region.name}: {setting} names {wanted!r}; found {headers}")
    return alike[0]


def _chosen(raw: SourceFrame, where: Mapping[str, str], region: Region) -> SourceFrame:
    frame = raw.frame
    for name, value in where.items():
        cells = frame[_header(raw, name, region, "where")].astype("str").str.strip()
        chosen = cells == value.strip()
        if not chosen.any():
            there = ", ".join(sorted(cells.unique())[:10])
            raise DataError(
                f"{raw.place}: no row has {name!r} = {value!r}, as `where` says; there are {there}"
            )
        frame = frame[chosen]
    return replace(raw, frame=frame)


def _joined_name(headers: Sequence[str]) -> str:
    return " + ".join(headers)


def _with_joined(raw: SourceFrame, headers: Sequence[str]) -> SourceFrame:
    """`raw` with one more column, the texts of `headers` one after the other."""
    parts = [_plain(raw.frame[header]) for header in headers]
    parts[0] = _without_midnight(parts[0])
    text = parts[0]
    for part in parts[1:]:
        text = (text + " " + part).str.strip()
    text = text.mask(raw.frame[headers[0]].isna())
    return replace(raw, frame=raw.frame.assign(**{_joined_name(headers): text}))


def _plain(cells: pd.Series) -> pd.Series[str]:
    """Whole numbers without a point, as Parquet may hold an hour; empty cells as empty text."""
    if pd.api.types.is_float_dtype(cells) and bool((cells.dropna() % 1 == 0).all()):
        cells = cells.astype("Int64")
    return cells.astype("str").where(cells.notna(), "").str.strip()


def _without_midnight(texts: pd.Series[str]) -> pd.Series[str]:
    """Days that a spreadsheet or a database wrote as their midnights."""
    filled = texts[texts != ""]
    if not filled.str.contains(_MIDNIGHT, regex=True).all():
        return texts
    return texts.str.replace(_MIDNIGHT, "", regex=True)


def _long(
    raw: SourceFrame,
    hours: Sequence[str],
    columns: Mapping[str, str],
    settings: FileSettings,
    region: Region,
) -> tuple[SourceFrame, dict[str, str]]:
    """Days in rows -> hours in rows, labelled so that their line can still be told."""
    others = [header for header in raw.frame.columns if header not in hours]
    if settings.date_columns:
        date = tuple(_header(raw, name, region, "date_columns") for name in settings.date_columns)
        raw = _with_joined(raw, date)
        day = raw.frame[_joined_name(date)]
    else:
        named = [theirs for theirs, ours in region.columns.items() if ours == "time" and theirs in others]
        found = named or ([columns["time"]] if "time" in columns else claimed("time", others))
        found = found or (others if len(others) == 1 else [])
        if len(found) != 1 or not hours:
            raise DataError(
                f"{raw.place}: a table with a day in each row needs one column of dates and one for each "
                f"hour; found {others} beside {len(hours)} hours. Name it in the region: "
                'date_columns = ["<header>"]'
            )
        date, dates = (found[0],), raw.frame[found[0]]
        day = _without_midnight(_plain(dates)).mask(dates.isna())
    cells = len(hours)
    name = _joined_name((*date, "hour"))
    long = pd.concat(
        [
            pd.DataFrame({name: day + f" {_NAME.sub('', hour.strip())}", "demand": raw.frame[hour]}).set_axis(
                raw.frame.index * cells + place, axis=0
            )
            for place, hour in enumerate(hours)
        ]
    ).sort_index()
    # An empty cell may be an hour that the day does not have, such as the 25th or the 49th half hour, or one
    # that the clocks left out. A day that has none at all stays.
    told = long["demand"].notna() | long[name].isna()
    return replace(raw, frame=long[told], cells=cells), {"time": name, "demand": "demand"}


def refuse_several_series(raw: SourceFrame, time: pd.Series[pd.Timestamp], used: Sequence[str]) -> None:
    """Raises DataError where a column that is not `used` tells several series of the same times apart, naming
    the setting that chooses one."""
    again = time.duplicated(keep=False)
    if again.mean() < 0.5:
        return
    rows = raw.frame.loc[time.index]
    for header in rows.columns:
        values = rows[header].astype("str")
        if header in used or not 2 <= values.nunique() <= max(2, len(rows) // 24):
            continue
        if not pd.DataFrame({"time": time, "value": values}).duplicated().mean() < 0.01:
            continue
        names = ", ".join(sorted(values.unique())[:10])
        first = sorted(values.unique())[0]
        raise DataError(
            f"{raw.place} holds several series, told apart by column {header!r}: {names}; say which in the "
            f'region: where = {{"{header}" = "{first}"}}'
        )
