"""Forecasts as they were made: the table predictions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd
from psycopg.types.json import Jsonb

from trainer.contract.quantiles import quantile_column, quantile_levels
from trainer.database.connection import Connection

_FIGURES: Final = ("forecast", "trend", "seasonality", "residual", "lower", "upper")
"""MW; in the table each carries the suffix _mw."""


def upsert_predictions(
    connection: Connection, frame: pd.DataFrame, *, region: str, run_id: str, product: str = ""
) -> int:
    """Store one forecast: indexed by UTC hour, with origin, lead_time, model_version, fallback, the forecast
    in MW, its components and band (NaN where a fallback has none), and where there are further quantiles
    their columns, q5, q25 and so on. Returns the rows written.

    An origin holds one forecast of each product (empty: the daily one): what an earlier run said for it, with
    another model or for more hours, is replaced. All or nothing. Raises ValueError when the frame holds more
    than one origin.
    """
    origins = frame["origin"].unique()
    if len(origins) != 1:
        raise ValueError(f"one forecast has one origin, this frame has {len(origins)}")
    names = ", ".join(f"{name}_mw" for name in _FIGURES)
    marks = ", ".join(f"%({name})s" for name in _FIGURES)
    rows = [{"region": region, "product": product, "run_id": run_id, **row} for row in _rows(frame)]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM predictions WHERE region = %s AND product = %s AND origin = %s",
            (region, product, rows[0]["origin"]),
        )
        cursor.executemany(
            f"""
            INSERT INTO predictions
                (region, product, origin, time, lead_time, model_version, run_id, fallback, {names},
                 quantiles)
            VALUES (%(region)s, %(product)s, %(origin)s, %(time)s, %(lead_time)s, %(model_version)s,
                    %(run_id)s, %(fallback)s, {marks}, %(quantiles)s)
            """,
            rows,
        )
    return len(rows)


def read_predictions(
    connection: Connection, region: str, origin: datetime, product: str = ""
) -> pd.DataFrame:
    """What `product` forecast from `origin`, in the shape that `upsert_predictions` takes; empty if none."""
    figures = ", ".join(f"{name}_mw AS {name}" for name in _FIGURES)
    return _frame(
        connection,
        f"""
        SELECT time, origin, lead_time, model_version, fallback, {figures}, quantiles
        FROM predictions
        WHERE region = %(region)s AND product = %(product)s AND origin = %(origin)s ORDER BY time
        """,
        {"region": region, "product": product, "origin": origin},
    ).set_index("time")


def published_by(
    connection: Connection, region: str, origin: datetime, product: str = ""
) -> tuple[str, datetime] | None:
    """The run that published what `product` forecast from `origin`, and when (aware); None where none did."""
    row = connection.execute(
        "SELECT run_id, created_at FROM predictions "
        "WHERE region = %s AND product = %s AND origin = %s LIMIT 1",
        (region, product, origin),
    ).fetchone()
    return (str(row[0]), row[1]) if row else None


def read_scorable(connection: Connection, region: str, start: datetime, end: datetime) -> pd.DataFrame:
    """Every forecast of the hours start <= time < end whose actual was measured, ordered by product,
    origin and time.

    Columns product, origin, time (UTC), lead_time, model_version, fallback, forecast, lower, upper, actual,
    and where they are known, else NaN, reference, the grid operator's own forecast, naive, what was measured
    a week before, and the further quantiles that any of them has (MW).
    """
    return _frame(
        connection,
        """
        SELECT p.product, p.origin, p.time, p.lead_time, p.model_version, p.fallback,
               p.forecast_mw AS forecast, p.lower_mw AS lower, p.upper_mw AS upper, p.quantiles,
               r.demand_mw AS actual, r.reference_mw AS reference,
               CASE WHEN coalesce(w.verdict, 'measured') = 'measured' THEN w.demand_mw END AS naive
        FROM predictions AS p JOIN raw_demand AS r USING (region, time)
            LEFT JOIN raw_demand AS w ON w.region = r.region AND w.time = r.time - interval '168 hours'
        WHERE p.region = %(region)s AND p.time >= %(start)s AND p.time < %(end)s AND r.demand_mw IS NOT NULL
            AND coalesce(r.verdict, 'measured') = 'measured'
        ORDER BY p.product, p.origin, p.time
        """,
        {"region": region, "start": start, "end": end},
    )


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    # Object dtype first: only there does None stay None instead of becoming NaN again.
    plain = frame.rename_axis("time").reset_index().astype(object)
    levels = quantile_levels(frame.columns)
    return [
        {
            **{str(name): None if pd.isna(value) else value for name, value in row.items()},
            "quantiles": _quantiles(row, levels),
        }
        for row in plain.to_dict("records")
    ]


def _quantiles(row: Mapping[Hashable, Any], levels: Mapping[str, float]) -> Jsonb | None:
    known = {f"{level:g}": float(row[name]) for name, level in levels.items() if not pd.isna(row[name])}
    return Jsonb(known) if known else None


def _frame(connection: Connection, query: str, values: dict[str, Any]) -> pd.DataFrame:
    cursor = connection.execute(query, values)
    assert cursor.description is not None
    frame = pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
    for name in frame.columns.intersection(["time", "origin"]):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    figures = frame.columns.intersection([*_FIGURES, "actual", "reference", "naive"])
    typed = frame.astype(dict.fromkeys(figures, "float64") | {"lead_time": "int64"})
    return _with_quantiles(typed)


def _with_quantiles(frame: pd.DataFrame) -> pd.DataFrame:
    """`quantiles` as a column for each level that one of the rows has."""
    of_rows = [found or {} for found in frame["quantiles"]]
    levels = sorted({level for found in of_rows for level in found}, key=float)
    named = {quantile_column(float(level)): [found.get(level) for found in of_rows] for level in levels}
    return frame.drop(columns="quantiles").assign(
        **{name: pd.Series(values, frame.index, dtype="float64") for name, values in named.items()}
    )
