"""From a source's own rows to hours in UTC: columns found, stamps read, units converted, copies taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import pandas as pd

from trainer.contract import MAX_HORIZON, Region
from trainer.contract.units import Unit
from trainer.data.grid import hourly, without_copies
from trainer.data.other_tables import LEFT_OUT, OtherTable, with_others
from trainer.data.plausibility import future_demand, refuse_readings
from trainer.data.reference import REFERENCE, reference_numbers
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.data.tables.columns import ColumnMapping, lacking_weather, map_columns
from trainer.data.tables.demand_units import units_of
from trainer.data.tables.layout import Layout, laid_out, left_out_of_parts, refuse_several_series
from trainer.data.tables.numbers_of_cells import numbers, plausible_weather
from trainer.data.tables.summands import mapping_of_sum, sum_of, summands, told_of_all
from trainer.data.timestamps import to_utc
from trainer.data.weather.other_units import without_other_units
from trainer.data.weather.places import with_means_of_places, without_stuck
from trainer.errors import DataError


@dataclass(frozen=True)
class SourceHours:
    """What a source says of each hour, before anybody asks whether it can be true."""

    frame: pd.DataFrame
    """Full hourly UTC index `time`; `demand` (MW), the region's weather columns, `reference` (MW), the grid
    operator's own forecast, where the source has one, and temperatures of places (`temperature_lille`) where
    it has several. NaN where nothing is known."""
    mapping: ColumnMapping
    findings: tuple[Finding, ...]
    reasons: dict[pd.Timestamp, str] = field(default_factory=dict)
    """Hours (UTC) whose demand the source itself leaves in doubt, such as two rows that contradict each
    other, and why; `frame` holds NaN there."""


def hours_of(
    raw: SourceFrame,
    region: Region,
    *,
    as_of: datetime | None,
    now: datetime,
    weather_may_lack: bool = False,
) -> SourceHours:
    """Read `raw` (its own headers, any order of rows) as the hours of `region`.

    `as_of` (aware): demand from floor(as_of, hour) on is masked, rows more than 168 hours after it are left
    out. `now` (aware): later demand is no measurement, and masked. Cells that hold no number are unknown, and
    told of. `weather_may_lack`: weather of the region without a column is unknown, and told of. Raises
    DataError for what cannot be read, and where no hour is known of all the series that the settings add up.
    """
    parts = summands(raw, region)

    def read_one(raw: SourceFrame, region: Region, *, may_lack: bool = weather_may_lack) -> SourceHours:
        return _of_one_series(raw, region, as_of=as_of, now=now, weather_may_lack=may_lack)

    if not parts:
        return _with_others(read_one(raw, region), raw, region, partial(read_one, may_lack=True))
    if raw.question:
        raise DataError(raw.question)
    read = [read_one(part.raw, part.region) for part in parts]
    findings = told_of_all(parts, [hours.findings for hours in read])
    mapping = mapping_of_sum([hours.mapping for hours in read])
    if len(parts) == 1:
        return replace(read[0], findings=tuple(findings))
    frame, more = sum_of(parts, [hours.frame for hours in read], raw.place)
    reasons = {
        hour: f"{part.name}: {reason}"
        for part, hours in zip(parts, read, strict=True)
        for hour, reason in hours.reasons.items()
    }
    return SourceHours(frame, mapping, (*more, *findings), reasons)


def _with_others(
    hours: SourceHours,
    raw: SourceFrame,
    region: Region,
    read_one: Callable[[SourceFrame, Region], SourceHours],
) -> SourceHours:
    """`hours`, and those of the tables of other headers beside that of `raw`."""
    if not raw.others:
        return hours
    others: list[OtherTable | tuple[str, DataError]] = []
    for name, other in raw.others:
        try:
            read = read_one(other, region)
        except DataError as error:
            others.append((name, error))
        else:
            others.append(OtherTable(name, read.frame, read.reasons, read.findings))
    joined = with_others(hours.frame, hours.reasons, others, region)
    if raw.question and any(finding.kind == LEFT_OUT for finding in joined.findings):
        raise DataError(raw.question)
    return SourceHours(joined.frame, hours.mapping, (*hours.findings, *joined.findings), joined.reasons)


def _of_one_series(
    raw: SourceFrame, region: Region, *, as_of: datetime | None, now: datetime, weather_may_lack: bool
) -> SourceHours:
    if raw.frame.empty:
        raise DataError(f"{raw.place} is empty; it needs one row per hour")
    layout = laid_out(raw, region)
    places = with_means_of_places(layout, region)
    raw = places.raw
    layout = replace(layout, raw=raw)
    if raw.frame.empty:
        raise DataError(f"{raw.place}: no row has demand; it needs the history, one row per hour")
    headers = [header for header in raw.frame.columns if header not in places.columns]
    whole, lacking = region, lacking_weather(headers, region, layout.columns) if weather_may_lack else []
    region = replace(region, weather=tuple(name for name in region.weather if name not in lacking))
    mapping = map_columns(headers, region, place=raw.place, known=layout.columns)
    units, converted = units_of(layout, mapping)
    rows, findings = _rows(layout, mapping, units, region, as_of, now)
    rows = rows.join(raw.frame[[*places.columns]].astype("float64"))
    findings = [*layout.findings, *places.findings, *findings, *converted]
    rows, doubts, more = without_copies(raw, rows)
    findings += more
    if raw.is_file and units["demand"].energy:
        refuse_readings(rows["demand"], raw.place)
    energies = [ours for ours, unit in units.items() if unit.energy]
    frame, more = hourly(raw, rows, energies=energies, zone=region.zone)
    reasons = {hour.floor("h"): text for hour, text in doubts.items()}
    frame.loc[frame.index.isin(list(reasons)), "demand"] = float("nan")
    frame, odd = without_other_units(frame, region, places.columns)
    frame, stuck = without_stuck(frame, places.columns)
    if lacking:
        frame = frame.assign(**dict.fromkeys(lacking, float("nan")))
        frame = frame[list(dict.fromkeys(["demand", *whole.weather, *frame.columns]))]
        text = (
            f"no column for {', '.join(map(repr, lacking))}, which the region's forecasts read: unknown; "
            f'found {headers}; if it has another name: [{region.name}.columns] "<header>" = "{lacking[0]}"'
        )
        findings.append(Finding("weather_without_column", len(frame), text))
    return SourceHours(frame, mapping, (*findings, *more, *odd, *stuck), reasons)


def origin_of(as_of: datetime) -> pd.Timestamp:
    """floor(as_of, hour) in UTC: the first hour that is unknown at `as_of` (aware)."""
    return pd.Timestamp(as_of).tz_convert("UTC").floor("h")


def _rows(
    layout: Layout,
    mapping: ColumnMapping,
    units: Mapping[str, Unit],
    region: Region,
    as_of: datetime | None,
    now: datetime,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Columns time (UTC), demand, weather and perhaps reference; labels as in the source; masked before any
    value is judged."""
    raw, settings, headers = layout.raw, layout.settings, mapping.headers
    doubtful = pd.Index([])
    others = [header for ours, header in headers.items() if ours != "time"]
    used = [headers["time"], *others, *settings.date_columns]
    if raw.is_file:  # before the clock is asked for, of which several series seem to repeat hours
        refuse_several_series(raw, raw.frame[headers["time"]].dropna(), used)
    time, findings = to_utc(raw, headers["time"], region, others, settings)
    if raw.is_file:
        refuse_several_series(raw, time, used)
        doubtful, more = left_out_of_parts(raw, time, headers["demand"])
        findings = [*findings, *more]
    first, last = time.min(), time.max()
    known = time <= pd.Timestamp(now)
    if as_of is not None:
        origin = origin_of(as_of)
        time = time[time < origin + pd.Timedelta(hours=MAX_HORIZON)]
        known = known.loc[time.index] & (time < origin)
        if not known.any():
            raise DataError(
                f"{raw.place} holds {first.isoformat()} to {last.isoformat()} and no hour before "
                f"{as_of.isoformat()}; give later rows, or speak for a later moment (as_of)"
            )
    else:
        if not known.any():
            raise DataError(
                f"{raw.place}: all of its times lie in the future, {first.isoformat()} to {last.isoformat()}"
                "; write years whole, such as 1998 or 2024, if these are of two digits or of another calendar"
            )
        findings = [*findings, *future_demand(time, raw.frame[headers["demand"]].loc[time.index], now)]
    demand, more = numbers(raw, headers["demand"], time.index[known], settings, country=region.country)
    findings = [*findings, *more]
    demand = demand.drop(doubtful, errors="ignore") * units["demand"].megawatts
    columns = {"time": time, "demand": demand.reindex(time.index)}
    for ours in region.weather:
        values, more = numbers(raw, headers[ours], time.index, settings)
        columns[ours], unlikely = plausible_weather(raw, headers[ours], ours, values)
        findings += [*more, *unlikely]
    if REFERENCE in headers:
        values, more = reference_numbers(raw, headers[REFERENCE], time.index, settings)
        columns[REFERENCE] = values * units[REFERENCE].megawatts
        findings += more
    return pd.DataFrame(columns), findings
