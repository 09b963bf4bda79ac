"""The weather as it was issued up to an origin, for a forecast on demand from stored hours."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pandas as pd
import psycopg

from trainer.api.orders import WeatherHour
from trainer.api.read.database import Connection
from trainer.contract import MAX_ISSUE_DAYS, Region
from trainer.data.weather.issued import TIME, IssuedWeather
from trainer.database.issued_weather import read_issues
from trainer.errors import DataError

log = logging.getLogger(__name__)

# Changes with every row that is written, also when transactions commit in another order than they began.
_STAMP: Final = """
    SELECT count(*), max(ingested_at), sum(extract(epoch FROM ingested_at)) FROM weather_issued
    WHERE region = %(region)s AND issued_at >= %(start)s AND issued_at <= %(origin)s
"""


def issues_stamp(
    connection: Connection, region: Region, origin: pd.Timestamp, *, since: datetime
) -> Hashable:
    """Differs once `issues_before` would read other rows."""
    if not region.weather:
        return None
    start = since - timedelta(days=MAX_ISSUE_DAYS)
    return connection.execute(
        _STAMP, {"region": region.name, "start": start, "origin": origin.to_pydatetime()}
    ).fetchone()


def issues_before(
    connection: Connection, region: Region, origin: pd.Timestamp, *, since: datetime
) -> IssuedWeather | None:
    """What was issued up to `origin` (UTC) of the hours from `since` on; None where nothing was, and, with a
    warning in the log, where the rows hold what is no figure."""
    if not region.weather:
        return None
    try:
        rows = read_issues(connection, region.name, since=since, until=origin.to_pydatetime())
        return None if rows.empty else IssuedWeather.of(rows)
    except (DataError, psycopg.DataError) as error:
        log.warning("the weather as it was issued for %s is left out: %s", region.name, error)
        return None


def besides(issued: IssuedWeather | None, weather: Sequence[WeatherHour]) -> IssuedWeather | None:
    """`issued` without the figures that the order itself gives: these go before it."""
    if issued is None:
        return None
    rows = issued.rows.copy()
    for name in issued.weather:
        given = [hour.time for hour in weather if hour.weather.get(name) is not None]
        rows.loc[rows[TIME].isin(given), name] = float("nan")
    return replace(issued, rows=rows)
