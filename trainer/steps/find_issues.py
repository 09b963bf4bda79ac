"""The weather as it was issued for a region: a file's, or the table's. A fault of it ends no step."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from trainer.contract import RAW_DEMAND_SOURCE, Region
from trainer.data.weather.issued import ISSUED_AT, TIME, IssuedWeather, why_left_out
from trainer.data.weather.issued_files import read_issued_weather
from trainer.errors import DataError, DemandForecastError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoundIssues:
    """What there was; `facts` for a manifest are empty where nobody asked for any."""

    issued: IssuedWeather | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def issues_in_file(region: Region, source: str | None, as_of: datetime) -> FoundIssues:
    """The issues up to `as_of` in the file `source`, without one in the region's own. A file that cannot be
    read is told of, and demand goes on without it. Facts: issues, rows, findings, or error alone."""
    source = source or region.weather_issued
    if source is None:
        return FoundIssues()
    try:
        read = read_issued_weather(region, source)
    except DemandForecastError as error:
        return FoundIssues(facts={"error": why_left_out(error)})
    for finding in read.findings:
        log.info("%s", finding.text)
    rows = read.issued.rows
    issued = IssuedWeather(rows[rows[ISSUED_AT] <= as_of])
    told = {"findings": [finding.text for finding in read.findings]}
    return FoundIssues(issued, {**_count(issued), **told})


def stored_issues(
    region: Region, database: str, *, as_of: datetime | None, since: datetime | None
) -> FoundIssues:
    """What the table weather_issued has of issues up to `as_of`, of hours from `since` on (all, where
    None). Raises DataError where a row holds what is no figure."""
    from trainer.database.connection import connect  # noqa: PLC0415  a file's issues need no driver
    from trainer.database.issued_weather import read_issues  # noqa: PLC0415

    if not region.weather:
        return FoundIssues()
    with connect(database) as connection:
        rows = read_issues(connection, region.name, since=since, until=as_of)
    if rows.empty:
        return FoundIssues()
    issued = IssuedWeather.of(rows)
    return FoundIssues(issued, _count(issued))


def issues_for(
    region: Region,
    *,
    place: str,
    named: str | None,
    database: str | None,
    as_of: datetime,
    since: datetime,
) -> FoundIssues:
    """The issues up to `as_of`, of hours from `since` on, that go with demand read from `place`.

    They come from the file `named`; without one from the table weather_issued where `place` is raw_demand,
    else from the region's own file. What cannot be read is told of, and demand goes on without it."""
    if named is None and place == RAW_DEMAND_SOURCE and database:
        try:
            return stored_issues(region, database, as_of=as_of, since=since)
        except DataError as error:
            return FoundIssues(facts={"error": why_left_out(error)})
    found = issues_in_file(region, named, as_of)
    if found.issued is None:
        return found
    rows = found.issued.rows
    recent = IssuedWeather(rows[rows[TIME] >= pd.Timestamp(since)])
    return FoundIssues(recent, found.facts | _count(recent))


def _count(issued: IssuedWeather) -> dict[str, Any]:
    return {"issues": len(issued.issues), "rows": len(issued.rows)}
