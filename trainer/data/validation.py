"""From what a source holds to the canonical frame, and the questions asked of it before a model sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from trainer.contract import Region
from trainer.data.columns import ColumnMapping
from trainer.data.gaps import bridge_demand
from trainer.data.hours import hours_of, origin_of
from trainer.data.plausibility import find_flat_lines, refuse_mixed_units
from trainer.data.report import DataReport, Finding
from trainer.data.sources import SourceFrame
from trainer.data.weather import fill_weather
from trainer.errors import DataError


def canonical(
    raw: SourceFrame | pd.DataFrame,
    region: Region,
    *,
    as_of: datetime | None = None,
    since: datetime | None = None,
    now: datetime | None = None,
) -> tuple[pd.DataFrame, DataReport]:
    """The canonical frame of a source, and the report of what had to be mended.

    The frame: DatetimeIndex `time`, UTC, hourly, no hour missing, each named by its beginning; `demand` (MW,
    NaN after the last actual) and the region's weather columns, float64. It begins with the first known
    demand and ends with the last hour of which anything is known.
    `as_of` (aware): demand of hours from floor(as_of, hour) on is masked, whatever it holds, and rows more
    than 168 hours after it are left out. `since` (aware): rows before it are left out and not judged.
    `now` (aware; the clock by default): later demand is refused.
    Raises DataError for everything that cannot be mended without guessing; the modules beside this one say
    what that is.
    """
    frame, _, report = canonical_and_measured(raw, region, as_of=as_of, since=since, now=now)
    return frame, report


def canonical_and_measured(
    raw: SourceFrame | pd.DataFrame,
    region: Region,
    *,
    as_of: datetime | None = None,
    since: datetime | None = None,
    now: datetime | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, DataReport]:
    """As `canonical`; between its two results the same frame with NaN where it holds a guess: demand that was
    interpolated, weather that was filled.
    """
    if isinstance(raw, pd.DataFrame):
        frame = raw if raw.index.name is None else raw.reset_index()
        raw = SourceFrame(frame.reset_index(drop=True), "data frame")
    hours = hours_of(raw, region, as_of=as_of, since=since, now=now or datetime.now(UTC))
    frame, mapping, findings = hours.frame, hours.mapping, list(hours.findings)
    frame, more = _trimmed(frame, raw.place)
    findings += more

    refuse_mixed_units(frame["demand"], region, raw.place)
    findings += find_flat_lines(frame["demand"], region, raw.place)
    measured = frame.copy()
    frame["demand"], more = bridge_demand(frame["demand"], region, raw.place)
    interpolated = frame.index[measured["demand"].isna() & frame["demand"].notna()]
    findings += more
    origin = last_actual(frame) + pd.Timedelta(hours=1) if as_of is None else origin_of(as_of)
    frame, more = fill_weather(frame, region, origin, raw.place)
    findings += more
    return frame, measured, _report(raw, mapping, region, frame, interpolated, findings)


def last_actual(history: pd.DataFrame) -> pd.Timestamp:
    """The last hour of the canonical frame whose demand is known."""
    return pd.Timestamp(history.index[int(history["demand"].notna().to_numpy().nonzero()[0][-1])])


def _trimmed(frame: pd.DataFrame, place: str) -> tuple[pd.DataFrame, list[Finding]]:
    """From the first known demand to the last known anything."""
    first = frame["demand"].first_valid_index()
    if first is None:
        raise DataError(f"{place}: no row has demand; it needs the history, one row per hour")
    last = frame.dropna(how="all").index[-1]
    before = int((frame.index < first).sum())
    findings = []
    if before:
        text = f"hours before the first demand, left out: {before}"
        findings = [Finding("leading_hours", before, text)]
    return frame.loc[first:last].copy(), findings


def _report(
    raw: SourceFrame,
    mapping: ColumnMapping,
    region: Region,
    frame: pd.DataFrame,
    interpolated: pd.Index[Any],
    findings: list[Finding],
) -> DataReport:
    demand = frame["demand"]
    return DataReport(
        region=region.name,
        place=raw.place,
        columns=dict(mapping.headers),
        unused_columns=mapping.unused,
        rows=len(raw.frame),
        hours=len(frame),
        known_hours=int(demand.notna().sum()),
        first_hour=frame.index[0].isoformat(),
        last_actual=last_actual(frame).isoformat(),
        last_hour=frame.index[-1].isoformat(),
        demand_minimum=float(demand.min()),
        demand_mean=float(demand.mean()),
        demand_maximum=float(demand.max()),
        interpolated=tuple(hour.isoformat() for hour in interpolated),
        findings=tuple(findings),
    )


def stale_hours(history: pd.DataFrame, as_of: datetime) -> int:
    """Hours between the last one whose demand is known and the last one that could be; 0 when up to date.

    `history`: the canonical frame, as of the same moment.
    """
    return max(0, (origin_of(as_of) - last_actual(history)) // pd.Timedelta(hours=1) - 1)
