"""Actual demand and weather: the table raw_demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from psycopg import sql

from trainer.database.connection import Connection
from trainer.database.incoming import incoming, known_weather
from trainer.errors import DataError

_INCOMING: Final = {
    "time": "timestamptz",
    "demand_mw": "double precision",
    "reference_mw": "double precision",
    "weather": "jsonb",
}
# What is known stays known: an hour whose demand is masked, or a source without weather, erases nothing.
_UPSERT = """
    INSERT INTO raw_demand AS stored (region, time, demand_mw, reference_mw, weather, source)
    SELECT %(region)s, time, demand_mw, reference_mw, weather, %(source)s FROM incoming ORDER BY time
    ON CONFLICT (region, time) DO UPDATE
    SET demand_mw = coalesce(excluded.demand_mw, stored.demand_mw),
        reference_mw = coalesce(excluded.reference_mw, stored.reference_mw),
        weather = stored.weather || excluded.weather,
        source = excluded.source,
        ingested_at = now()
    WHERE stored.demand_mw IS DISTINCT FROM coalesce(excluded.demand_mw, stored.demand_mw)
       OR stored.reference_mw IS DISTINCT FROM coalesce(excluded.reference_mw, stored.reference_mw)
       OR stored.weather IS DISTINCT FROM stored.weather || excluded.weather
"""


def upsert_actuals(connection: Connection, frame: pd.DataFrame, *, region: str, source: str) -> int:
    """Store what came in (UTC hours; `demand` and, where there is one, `reference` in MW; weather columns);
    rows new or changed are counted.

    All or nothing, and the same frame again changes nothing. An unknown figure (NaN) leaves the stored one.
    Raises DataError for hours without a timezone or twice, and for infinite figures.
    """
    _check(frame)
    with incoming(connection, _INCOMING, _rows(frame)) as cursor:
        cursor.execute(_UPSERT, {"region": region, "source": source})
        return cursor.rowcount


def read_actuals(
    connection: Connection,
    region: str,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    weather: Sequence[str] = (),
    reference: bool = False,
) -> pd.DataFrame:
    """The hours start <= time < end (all, where None) in the canonical shape: hourly from the first stored
    to the last, `demand` in MW and the `weather` columns, and with `reference` the grid operator's own
    forecast (MW) under that name, NaN where nothing is stored.

    Raises DataError for a weather value that is no number.
    """
    of_operator = {"reference": sql.SQL("reference_mw")} if reference else {}
    of_weather = {
        name: sql.SQL("(weather ->> {})::double precision").format(sql.Literal(name)) for name in weather
    }
    columns = {"time": sql.SQL("time"), "demand": sql.SQL("demand_mw"), **of_operator, **of_weather}
    query = sql.SQL("""
        SELECT {} FROM raw_demand
        WHERE region = %(region)s
          AND time >= coalesce(%(start)s::timestamptz, '-infinity')
          AND time < coalesce(%(end)s::timestamptz, 'infinity')
        ORDER BY time
    """).format(sql.SQL(", ").join(columns.values()))
    rows = connection.execute(query, {"region": region, "start": start, "end": end}).fetchall()
    frame = pd.DataFrame(rows, columns=list(columns))
    frame["time"] = pd.to_datetime(frame["time"], utc=True)
    frame = frame.set_index("time").astype("float64")
    if frame.empty:
        return frame
    return frame.reindex(pd.date_range(frame.index[0], frame.index[-1], freq="h", name="time"))


def stored_weather(
    connection: Connection, region: str, start: datetime | None = None, end: datetime | None = None
) -> list[str]:
    """Names of all weather that is stored of the hours start <= time < end (all, where None), that of single
    places too, in alphabetical order."""
    rows = connection.execute(
        """
        SELECT DISTINCT jsonb_object_keys(weather) AS name FROM raw_demand
        WHERE region = %s
          AND time >= coalesce(%s::timestamptz, '-infinity') AND time < coalesce(%s::timestamptz, 'infinity')
        ORDER BY name
        """,
        (region, start, end),
    ).fetchall()
    return [name for (name,) in rows]


def read_measured(connection: Connection, region: str, start: datetime, end: datetime) -> pd.DataFrame:
    """The stored hours start <= time < end: `demand` in MW, NaN where it was not measured or is suspect, and
    `reference` (MW), the grid operator's own forecast, NaN where there is none."""
    rows = connection.execute(
        """
        SELECT time, CASE WHEN coalesce(verdict, 'measured') = 'measured' THEN demand_mw END, reference_mw
        FROM raw_demand
        WHERE region = %s AND time >= %s AND time < %s ORDER BY time
        """,
        (region, start, end),
    ).fetchall()
    frame = pd.DataFrame(rows, columns=["time", "demand", "reference"])
    frame["time"] = pd.to_datetime(frame["time"], utc=True)
    return frame.set_index("time").astype("float64")


def _check(frame: pd.DataFrame) -> None:
    index = frame.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is None:
        raise DataError("the hours to store have no timezone; index the frame by time in UTC")
    if not index.is_unique:
        raise DataError(f"hour {index[index.duplicated()][0]} is there twice; keep one row per hour")
    for name in frame.columns:
        infinite = np.isinf(frame[name].to_numpy(dtype="float64"))
        if infinite.any():
            raise DataError(f"{name} is infinite at {index[infinite][0]}; leave it empty or correct it")


def _rows(frame: pd.DataFrame) -> Iterator[tuple[datetime, float | None, float | None, str]]:
    weather = [name for name in frame.columns if name not in ("demand", "reference")]
    times = pd.DatetimeIndex(frame.index).to_pydatetime()
    demand = frame["demand"].to_numpy(dtype="float64")
    reference = frame.get("reference", pd.Series(np.nan, frame.index)).to_numpy(dtype="float64")
    values = frame[weather].to_numpy(dtype="float64")
    for time, megawatts, of_operator, row in zip(times, demand, reference, values, strict=True):
        yield time, _or_none(megawatts), _or_none(of_operator), known_weather(weather, row)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
