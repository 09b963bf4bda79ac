"""One row of model_deployments; how rows are read, and how statements change them all or not at all.

Over any DB-API connection, which both functions leave without a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from demand_forecast.promotion.sql import statement

_COLUMNS: Final = (
    "id, region, version, run_id, status, artifact_path, artifact_checksum, reason, metrics, "
    "trained_from, trained_to, decided_at, archived_at, parent, judged_version"
)


class Status(StrEnum):
    ACTIVE = "active"
    ARCHIVED = "archived"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One decision on one run's model. Moments are in UTC or carry their offset."""

    id: int
    region: str
    version: str
    run_id: str
    status: Status
    artifact_path: str | None
    """Relative to the store; None only for a rejected candidate."""
    artifact_checksum: str | None
    """SHA-256, hexadecimal."""
    reason: str
    metrics: Mapping[str, Any]
    trained_from: datetime | None
    trained_to: datetime | None
    decided_at: datetime
    archived_at: datetime | None
    parent: str | None = None
    """Of a refit: the champion that it brought up to date; None for a decision."""
    judged_version: str | None = None
    """Of a refit: the version that was judged, whose networks it carries."""

    @property
    def judged(self) -> str:
        """The version that the gate judged: this one, or the one that it was refitted from."""
        return self.judged_version or self.version


def read_rows(
    connection: Any, where: str, values: Mapping[str, Any], *, limit: int, order: str = "id DESC"
) -> list[Deployment]:
    """At most `limit` rows, the newest first. Only constants are pasted into `where` and `order`; values
    travel as parameters.
    """
    query = f"SELECT {_COLUMNS} FROM model_deployments WHERE {where} ORDER BY {order} LIMIT %(limit)s"
    with _transaction(connection), closing(connection.cursor()) as cursor:
        cursor.execute(query, {**values, "limit": limit})
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [Deployment(**{**row, "status": Status(row["status"])}) for row in rows]


def run_statements(connection: Any, names: Sequence[str], values: Mapping[str, str | None]) -> None:
    """Runs the statements of promotion/sql of these names, in one transaction."""
    with _transaction(connection), closing(connection.cursor()) as cursor:
        for name in names:
            cursor.execute(statement(name), values)


@contextmanager
def _transaction(connection: Any) -> Iterator[None]:
    """All or nothing, also on a connection that was opened to commit each statement by itself."""
    autocommit = connection.autocommit
    if autocommit:
        connection.autocommit = False
    try:
        yield
        connection.commit()
    except BaseException:
        # The connection may be what failed: then there is nothing left to roll back.
        if not connection.closed:
            connection.rollback()
        raise
    finally:
        if autocommit and not connection.closed:
            connection.autocommit = True


def broken_rule(error: Exception) -> str | None:
    """The name of the constraint that refused, as both psycopg 2 and 3 tell it."""
    return getattr(getattr(error, "diag", None), "constraint_name", None)
