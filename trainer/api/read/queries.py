"""The read routes' SQL, answered as rows by column name. Hours are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.rows import dict_row

from trainer.api.read.database import Connection

Row = Mapping[str, Any]

_LATEST: Final = """
    SELECT origin, time, lead_time, model_version, run_id, fallback, created_at,
           forecast_mw, lower_mw, upper_mw, quantiles, reference_mw
    FROM predictions LEFT JOIN raw_demand USING (region, time)
    WHERE region = %(region)s AND product = %(product)s AND origin = (
        SELECT max(origin) FROM predictions WHERE region = %(region)s AND product = %(product)s
    )
    ORDER BY time
"""

# An hour is forecast by every origin within a horizon before it; the newest knew most.
_NEWEST_OF_EACH_HOUR: Final = """
    SELECT DISTINCT ON (time) time, origin, lead_time, model_version, fallback, forecast_mw,
           trend_mw, seasonality_mw, residual_mw, lower_mw, upper_mw, quantiles
    FROM predictions
    WHERE region = %(region)s AND product = %(product)s AND time >= %(start)s AND time < %(end)s
    ORDER BY time, origin DESC
"""
_ACTUALS: Final = """
    SELECT time, demand_mw AS actual_mw FROM raw_demand
    WHERE region = %(region)s AND time >= %(start)s AND time < %(end)s AND demand_mw IS NOT NULL
      AND verdict IS DISTINCT FROM 'suspect'
"""
# Of every hour, whatever is thought of its demand and before there is any.
_REFERENCES: Final = """
    SELECT time, reference_mw FROM raw_demand
    WHERE region = %(region)s AND time >= %(start)s AND time < %(end)s
"""
_COMPONENTS: Final = f"""
    SELECT * FROM ({_NEWEST_OF_EACH_HOUR}) AS forecast LEFT JOIN ({_ACTUALS}) AS actual USING (time)
    LEFT JOIN ({_REFERENCES}) AS reference USING (time)
    ORDER BY time
"""
_ACTUAL_VS_FORECAST: Final = f"""
    SELECT * FROM ({_NEWEST_OF_EACH_HOUR}) AS forecast FULL JOIN ({_ACTUALS}) AS actual USING (time)
    LEFT JOIN ({_REFERENCES}) AS reference USING (time)
    ORDER BY time
"""

# Windows of one local day only: a longer one would count its hours twice.
_SCORED_DAY: Final = """
    region = %(region)s AND product = %(product)s AND scope = 'score'
    AND window_end - window_start <= interval '25 hours'
"""
_LAST_SCORED: Final = f"""
    SELECT max(window_end) AS last FROM model_metrics WHERE {_SCORED_DAY} AND lead_time = 0
"""
_BY_DAY: Final = f"""
    SELECT window_start, model_version, hours, mae, mse, rmse, r2, mape, smape, rmae, crps,
           common_hours, common_mae, common_mape, reference_mae, reference_mape
    FROM model_metrics
    WHERE {_SCORED_DAY} AND lead_time = 0 AND window_end > %(start)s AND window_end <= %(end)s
    ORDER BY window_start, model_version
"""
_BY_LEAD_TIME: Final = f"""
    SELECT lead_time, sum(hours) AS hours, sum(mae * hours) / sum(hours) AS mae,
           sum(mse * hours) / sum(hours) AS mse, sqrt(sum(mse * hours) / sum(hours)) AS rmse,
           CASE WHEN bool_and(mape IS NOT NULL) THEN sum(mape * hours) / sum(hours) END AS mape,
           CASE WHEN bool_and(smape IS NOT NULL) THEN sum(smape * hours) / sum(hours) END AS smape,
           sum(mae * hours) FILTER (WHERE rmae > 0) / sum(mae * hours / nullif(rmae, 0)) AS rmae,
           sum(crps * hours) / sum(hours) FILTER (WHERE crps IS NOT NULL) AS crps,
           sum(common_hours) AS common_hours,
           sum(common_mae * common_hours) / sum(common_hours) AS common_mae,
           CASE WHEN bool_and(common_mape IS NOT NULL OR common_hours IS NULL)
               THEN sum(common_mape * common_hours) / sum(common_hours) END AS common_mape,
           sum(reference_mae * common_hours) / sum(common_hours) AS reference_mae,
           CASE WHEN bool_and(reference_mape IS NOT NULL OR common_hours IS NULL)
               THEN sum(reference_mape * common_hours) / sum(common_hours) END AS reference_mape
    FROM model_metrics
    WHERE {_SCORED_DAY} AND lead_time > 0 AND window_end > %(start)s AND window_end <= %(end)s
    GROUP BY lead_time ORDER BY lead_time
"""

_DEPLOYMENT: Final = """
    SELECT id, version, run_id, status, reason, metrics - 'mlflow_run_id' AS metrics,
           metrics ->> 'mlflow_run_id' AS mlflow_run_id, trained_from, trained_to, decided_at, archived_at,
           parent, judged_version
    FROM model_deployments WHERE region = %(region)s
"""
_CHAMPION: Final = f"{_DEPLOYMENT} AND status = 'active'"
_DEPLOYMENTS: Final = f"""
    {_DEPLOYMENT} AND parent IS NULL AND (%(before)s::bigint IS NULL OR id < %(before)s)
    ORDER BY id DESC LIMIT %(limit)s
"""


# Anchored at the last hour that anything is thought of, so that a replayed past has its figures too.
_LAST_JUDGED: Final = """
    SELECT min(time) AS first, max(time) AS last FROM raw_demand
    WHERE region = %(region)s AND (demand_mw IS NOT NULL OR verdict IS NOT NULL)
"""
_MEASURED: Final = """
    SELECT count(*) AS hours FROM raw_demand
    WHERE region = %(region)s AND time >= %(start)s AND time <= %(last)s
      AND demand_mw IS NOT NULL AND coalesce(verdict, 'measured') = 'measured'
"""
_SUSPECT: Final = """
    SELECT min(time) AS first, max(time) AS last, count(*) AS hours, reason
    FROM (
        SELECT time, verdict_reason AS reason,
               time - interval '1 hour' * row_number() OVER (PARTITION BY verdict_reason ORDER BY time) AS run
        FROM raw_demand
        WHERE region = %(region)s AND time >= %(start)s AND time <= %(last)s AND verdict = 'suspect'
    ) AS hours
    GROUP BY reason, run ORDER BY first DESC LIMIT 50
"""


# One row, whatever there is of the region.
_SUMMARY: Final = f"""
    SELECT * FROM (SELECT 1) AS always
    LEFT JOIN LATERAL (
        SELECT origin, max(time) + interval '1 hour' AS until, min(model_version) AS model_version,
               max(fallback) AS fallback
        FROM predictions
        WHERE region = %(region)s AND product = %(product)s AND origin = (
            SELECT max(origin) FROM predictions WHERE region = %(region)s AND product = %(product)s
        )
        GROUP BY origin
    ) AS forecast ON true
    LEFT JOIN LATERAL (
        SELECT max(time) AS last_actual FROM raw_demand
        WHERE region = %(region)s AND demand_mw IS NOT NULL AND verdict IS DISTINCT FROM 'suspect'
    ) AS actual ON true
    LEFT JOIN LATERAL (
        SELECT sum(hours) AS hours, sum(mae * hours) / sum(hours) AS mae,
               CASE WHEN bool_and(mape IS NOT NULL) THEN sum(mape * hours) / sum(hours) END AS mape
        FROM model_metrics
        WHERE {_SCORED_DAY} AND lead_time = 0 AND window_end > ({_LAST_SCORED}) - interval '167 hours'
    ) AS scored ON true
    LEFT JOIN LATERAL (
        SELECT version AS champion, trained_to FROM model_deployments
        WHERE region = %(region)s AND status = 'active'
    ) AS deployed ON true
"""


def judged_span(connection: Connection, region: str) -> Row:
    """`first` and `last` hour that something came in of or is thought of; None where nothing is stored."""
    return _rows(connection, _LAST_JUDGED, region=region)[0]


def measured_hours(connection: Connection, region: str, start: datetime, last: datetime) -> int:
    hours: int = _rows(connection, _MEASURED, region=region, start=start, last=last)[0]["hours"]
    return hours


def suspect_stretches(connection: Connection, region: str, start: datetime, last: datetime) -> list[Row]:
    """Newest first; both ends included."""
    return _rows(connection, _SUSPECT, region=region, start=start, last=last)


def summary(connection: Connection, region: str, product: str) -> Row:
    """Of the newest forecast, the last actual, the last seven scored days and the champion; None where there
    is none."""
    return _rows(connection, _SUMMARY, region=region, product=product)[0]


def latest(connection: Connection, region: str, product: str) -> list[Row]:
    """`product`, here and below: a named forecast, or empty for the daily one."""
    return _rows(connection, _LATEST, region=region, product=product)


def components(
    connection: Connection, region: str, product: str, start: datetime, end: datetime
) -> list[Row]:
    return _rows(connection, _COMPONENTS, region=region, product=product, start=start, end=end)


def actual_vs_forecast(
    connection: Connection, region: str, product: str, start: datetime, end: datetime
) -> list[Row]:
    return _rows(connection, _ACTUAL_VS_FORECAST, region=region, product=product, start=start, end=end)


def last_scored(connection: Connection, region: str, product: str) -> datetime | None:
    """End of the newest scored day: what `days` count back from, so that a replayed past has figures too."""
    last: datetime | None = _rows(connection, _LAST_SCORED, region=region, product=product)[0]["last"]
    return last


def accuracy_by_day(
    connection: Connection, region: str, product: str, start: datetime, end: datetime
) -> list[Row]:
    return _rows(connection, _BY_DAY, region=region, product=product, start=start, end=end)


def accuracy_by_lead_time(
    connection: Connection, region: str, product: str, start: datetime, end: datetime
) -> list[Row]:
    return _rows(connection, _BY_LEAD_TIME, region=region, product=product, start=start, end=end)


def champion(connection: Connection, region: str) -> Row | None:
    rows = _rows(connection, _CHAMPION, region=region)
    return rows[0] if rows else None


def deployments(connection: Connection, region: str, *, before: int | None, limit: int) -> list[Row]:
    """Newest first, those with an id below `before`."""
    return _rows(connection, _DEPLOYMENTS, region=region, before=before, limit=limit)


def _rows(connection: Connection, query: str, **values: Any) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(query, values).fetchall())
