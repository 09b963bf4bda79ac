"""The DAGs' way to the project's PostgreSQL database: one connection by the configured Airflow connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from demand_forecast.settings import settings


@contextmanager
def connection() -> Iterator[Any]:
    """A DB-API connection of its own, closed at the end. Raises what the driver raises."""
    from airflow.providers.postgres.hooks.postgres import PostgresHook  # noqa: PLC0415 - not needed to parse

    with closing(PostgresHook(postgres_conn_id=settings().postgres_conn_id).get_conn()) as opened:
        yield opened
