"""What a replay leaves in the tables, without what tells one clock or server from another."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import psycopg

_DECISIONS: Final = """
    SELECT version, run_id, status, reason, metrics - 'mlflow_run_id' AS metrics, trained_from, trained_to,
           decided_at, archived_at, parent, judged_version
    FROM model_deployments WHERE region = %s ORDER BY id
"""
_SHADOWS: Final = """
    SELECT name, kind, version, added_at, removed_at, comparison, compared_until
    FROM shadow_models WHERE region = %s ORDER BY added_at, name
"""
_FORECASTS: Final = """
    SELECT who, origin, model_version, array_agg(forecast_mw ORDER BY time) AS mw FROM (
        SELECT 'champion' AS who, region, origin, model_version, time, forecast_mw FROM predictions
        UNION ALL
        SELECT shadow, region, origin, model_version, time, forecast_mw FROM shadow_predictions
    ) AS said
    WHERE region = %s GROUP BY who, origin, model_version ORDER BY origin, who
"""


def decisions(connection: psycopg.Connection[Any], region: str) -> list[dict[str, Any]]:
    """Every verdict, promotion and refit with its reason and figures, the first one first."""
    return _rows(connection, _DECISIONS, region)


def shadow_rows(connection: psycopg.Connection[Any], region: str) -> list[dict[str, Any]]:
    """Every shadow that there was, live ones with the comparison of the last day."""
    return _rows(connection, _SHADOWS, region)


def forecasts(connection: psycopg.Connection[Any], region: str) -> list[dict[str, Any]]:
    """Of each origin what the champion and each shadow said, in MW by hour."""
    return _rows(connection, _FORECASTS, region)


def _rows(connection: psycopg.Connection[Any], query: str, region: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query.encode(), (region,))
    names = [column.name for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """Moments as text, in UTC whatever the server's zone."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
