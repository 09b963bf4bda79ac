"""Demand that is the sum of several series of one source, such as a grid's zones."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from trainer.contract import Region
from trainer.data.files.parts import PARTS, TABLE
from trainer.data.reference import REFERENCE
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.data.tables.columns import ColumnMapping
from trainer.data.tables.layout import header_in
from trainer.data.weather.places import mean_of_places
from trainer.errors import DataError


@dataclass(frozen=True)
class Summand:
    """One series of several, read as if there were no other."""

    name: str
    """As the region's `where` or `demand` has it."""
    raw: SourceFrame
    region: Region
    is_part: bool
    """It has rows of its own, not only a column of all rows."""


def summands(raw: SourceFrame, region: Region) -> list[Summand]:
    """Those that the settings of `raw`, the region's, name by several values in `where` or headers in
    `demand`, each with every other; none where they name one series.

    Raises DataError for headers that the source does not have.
    """
    settings = raw.files
    several = {header: values for header, values in settings.where.items() if isinstance(values, tuple)}
    if not several and not settings.demand:
        return []
    raw = replace(raw, frame=raw.frame.set_axis([str(header) for header in raw.frame.columns], axis=1))
    headers = [header_in(raw, header, region, "demand") for header in settings.demand]
    if len(set(headers)) < len(headers):
        raise DataError(f"{raw.place}: region {region.name}: demand names one column twice: {headers}")
    found = []
    for values in itertools.product(*several.values()):
        chosen = dict(zip(several, values, strict=True))
        where = {**settings.where, **chosen}
        of_part = replace(raw, files=replace(settings, where=where, demand=()))
        if chosen:
            of_part = replace(of_part, place=f"{raw.place}, {_told(chosen)}")
        of_part = _without_columns_of_other_parts(of_part, chosen)
        if not headers:
            found.append(Summand(", ".join(values), of_part, region, is_part=True))
        others = {theirs: ours for theirs, ours in region.columns.items() if ours != "demand"}
        for header in headers:
            own = replace(region, columns={**others, header: "demand"})
            found.append(Summand(", ".join([*values, header]), of_part, own, is_part=bool(chosen)))
    return found


def _told(chosen: Mapping[str, str]) -> str:
    return ", ".join(f"{header} = {value!r}" for header, value in chosen.items())


def _without_columns_of_other_parts(raw: SourceFrame, chosen: Mapping[str, str]) -> SourceFrame:
    """Sheets and files may have different headers; those that joined them left the others' columns empty."""
    for header in {*PARTS, TABLE} & {*chosen} & {*raw.frame.columns}:
        own = raw.frame[raw.frame[header].astype("str").str.strip() == chosen[header].strip()]
        if not own.empty:
            raw = replace(raw, frame=own.loc[:, own.notna().any(axis=0)])
    return raw


def sum_of(
    parts: Sequence[Summand], frames: Sequence[pd.DataFrame], place: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """`frames` (as `SourceHours.frame` has them, one of each of `parts`) as one, on a full hourly UTC index.

    Demand is their sum, NaN at an hour that one of them does not know. Of other columns it is what they say
    alike; else the sum of the operator's forecasts, and the mean of weather, as of places.
    Raises DataError where no hour is known of all of them.
    """
    names = [part.name for part in parts]
    first, last = min(frame.index[0] for frame in frames), max(frame.index[-1] for frame in frames)
    hours = pd.date_range(first, last, freq="h", name="time")
    columns = {}
    for name in dict.fromkeys(column for frame in frames for column in frame.columns):
        there = [(part, frame[name]) for part, frame in zip(names, frames, strict=True) if name in frame]
        table = pd.concat([values.rename(part) for part, values in there], axis=1).reindex(hours)
        are_own = name == "demand" or (name == REFERENCE and parts[0].is_part)
        columns[name] = _sum(table, len(parts)) if are_own else _common(table)
    demand = pd.concat(
        [frame["demand"].rename(part) for part, frame in zip(names, frames, strict=True)], axis=1
    ).reindex(hours)
    if columns["demand"].isna().all():
        spans = (f"{name!r} {_span(values)}" for name, values in demand.items())
        raise DataError(
            f"{place}: demand is the sum of {len(parts)} series, and at no hour all of them are known: "
            f"{'; '.join(spans)}; leave out what is not measured any more"
        )
    findings = [Finding("sum", len(parts), f"demand is the sum of {len(parts)} series: {_listed(names)}")]
    partly = demand.notna().any(axis=1) & demand.isna().any(axis=1)
    if partly.any():
        lacking = demand[partly].isna().sum()
        whose = ", ".join(f"{name!r} at {count}" for name, count in lacking[lacking > 0].items())
        text = (
            f"hours at which a part of the sum is missing, taken for unmeasured: {int(partly.sum())}, the "
            f"first {demand.index[int(partly.to_numpy().argmax())]:%Y-%m-%d %H:%M} UTC; it is {whose}"
        )
        findings.append(Finding("partial_sum", int(partly.sum()), text))
    return pd.DataFrame(columns, index=hours), findings


def _sum(table: pd.DataFrame, count: int) -> pd.Series[float]:
    total: pd.Series[float] = table.sum(axis=1, skipna=False)
    return total if len(table.columns) == count else total * float("nan")


def _common(table: pd.DataFrame) -> pd.Series[float]:
    if (table.nunique(axis=1) <= 1).all():
        return table.bfill(axis=1).iloc[:, 0]
    return mean_of_places(table)


def _span(values: pd.Series[float]) -> str:
    known = values.dropna().index
    return f"{known[0]:%Y-%m-%d %H:%M} to {known[-1]:%Y-%m-%d %H:%M} UTC" if len(known) else "never"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))


def mapping_of_sum(mappings: Sequence[ColumnMapping]) -> ColumnMapping:
    """Of all summands together: of several columns of demand `North + South`, left out what none of them
    takes."""
    headers = list(dict.fromkeys(mapping.headers["demand"] for mapping in mappings))
    unused = [
        header for header in mappings[0].unused if all(header in mapping.unused for mapping in mappings)
    ]
    return replace(
        mappings[0],
        headers={**mappings[0].headers, "demand": " + ".join(headers)},
        unused=tuple(unused),
    )


def told_of_all(parts: Sequence[Summand], findings: Sequence[Sequence[Finding]]) -> list[Finding]:
    """What was found in all of them once, what only some have by the name of each."""
    texts = [{finding.text for finding in of_part} for of_part in findings]
    everywhere = set.intersection(*texts)
    found = [finding for finding in findings[0] if finding.text in everywhere]
    for part, of_part in zip(parts, findings, strict=True):
        found += [
            replace(finding, text=f"{part.name}: {finding.text}")
            for finding in of_part
            if finding.text not in everywhere
        ]
    return found
