"""Weather forecasts with their time of issue: the table weather_issued."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import pandas as pd
from psycopg import sql

from trainer.contract import MAX_ISSUE_DAYS
from trainer.database.connection import Connection
from trainer.database.incoming import incoming, known_weather

_KEY = ("issued_at", "time")
_INCOMING: Final = {"issued_at": "timestamptz", "time": "timestamptz", "weather": "jsonb"}
# What an issue said of an hour stays said: a row without a figure erases none.
_UPSERT = """
    INSERT INTO weather_issued AS stored (region, issued_at, time, weather, source)
    SELECT %(region)s, issued_at, time, weather, %(source)s FROM incoming ORDER BY issued_at, time
    ON CONFLICT (region, issued_at, time) DO UPDATE
    SET weather = stored.weather || excluded.weather, source = excluded.source, ingested_at = now()
    WHERE stored.weather IS DISTINCT FROM stored.weather || excluded.weather
"""


def upsert_issues(connection: Connection, rows: pd.DataFrame, *, region: str, source: str) -> int:
    """Store `rows`: `issued_at` and `time` (UTC, each pair once), and weather, NaN where unknown. All or
    nothing; the same rows again change nothing. Returns the number of rows new or changed."""
    with incoming(connection, _INCOMING, _rows(rows)) as cursor:
        cursor.execute(_UPSERT, {"region": region, "source": source})
        return cursor.rowcount


def read_issues(
    connection: Connection, region: str, *, since: datetime | None, until: datetime | None
) -> pd.DataFrame:
    """What was issued up to `until` of hours from `since` on (all, where None), in order of issue: columns
    `issued_at` and `time` (UTC), and all weather that is stored of them, NaN where unknown."""
    chosen = sql.SQL("""
        FROM weather_issued WHERE region = {region}
         AND issued_at <= coalesce({until}::timestamptz, 'infinity')
         AND time >= coalesce({since}::timestamptz, '-infinity')
         AND issued_at >= coalesce({earliest}::timestamptz, '-infinity')
    """).format(
        region=sql.Literal(region),
        until=sql.Literal(until),
        since=sql.Literal(since),
        # No issue of before speaks of these hours, and the key's order leads straight to those after.
        earliest=sql.Literal(since - timedelta(days=MAX_ISSUE_DAYS) if since else None),
    )
    stored = sql.SQL("SELECT DISTINCT jsonb_object_keys(weather) AS name {} ORDER BY name").format(chosen)
    names = [str(name) for (name,) in connection.execute(stored).fetchall()]
    weather = [
        sql.SQL("(weather ->> {})::float8 AS {}").format(sql.Literal(name), sql.Identifier(name))
        for name in names
    ]
    moments = [
        sql.SQL("(extract(epoch FROM {0}) * 1000000)::bigint AS {0}").format(sql.Identifier(name))
        for name in _KEY
    ]
    # COPY: a year of issues arrives as one text that pandas parses, several times faster than row by row.
    query = sql.SQL(
        "COPY (SELECT {} {} ORDER BY issued_at, time) TO STDOUT WITH (FORMAT csv, HEADER true)"
    ).format(sql.SQL(", ").join([*moments, *weather]), chosen)
    content = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for block in copy:
            content.write(block)
    content.seek(0)
    frame = pd.read_csv(content)
    for name in _KEY:
        frame[name] = pd.to_datetime(frame[name], unit="us", utc=True)
    return frame


def _rows(rows: pd.DataFrame) -> Iterator[tuple[datetime, datetime, str]]:
    weather: Sequence[str] = [name for name in rows.columns if name not in _KEY]
    values = rows[weather].to_numpy(dtype="float64")
    moments = (pd.DatetimeIndex(rows[name]).to_pydatetime() for name in _KEY)
    for issued_at, time, row in zip(*moments, values, strict=True):
        yield issued_at, time, known_weather(weather, row)
