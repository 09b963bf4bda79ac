"""Which versions and runs the database names, and how it lets go of them before their files are removed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from trainer.contract import TURNED_AWAY
from trainer.database.connection import Connection

_LAST_TERM: Final = timedelta(days=1)
"""For how long a former champion is kept whatever else: a run that pinned it may be under way."""

# Of those that a rollback turned away as many stay as of those that a forecast may fall back to: somebody may
# want to go back to either.
_KEPT: Final = f"""
    WITH champions AS (
        SELECT version, max(id) AS last_term, bool_or(status = 'active') AS is_active,
               max(archived_at) AS followed_at,
               (region, version) IN ({TURNED_AWAY}) AS turned_away
        FROM model_deployments
        WHERE region = %(region)s AND status <> 'rejected' AND files_removed_at IS NULL
        GROUP BY region, version
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY turned_away ORDER BY last_term DESC) AS place
        FROM champions
    ), kept AS (
        SELECT version FROM ranked
        WHERE is_active OR place <= %(keep)s OR followed_at >= %(since)s
    )
    SELECT version FROM kept
    UNION
    SELECT unnest(ARRAY[parent, judged_version]) FROM model_deployments
    WHERE region = %(region)s AND status <> 'rejected' AND version IN (SELECT version FROM kept)
    UNION
    SELECT version FROM shadow_models WHERE region = %(region)s AND removed_at IS NULL
"""

_RETIRED: Final = f"""
    region = %(region)s AND status = 'archived' AND files_removed_at IS NULL
    AND version NOT IN (SELECT version FROM ({_KEPT}) AS named WHERE version IS NOT NULL)
"""


@dataclass(frozen=True, kw_only=True)
class Named:
    """What the database names of one region."""

    champion_path: str | None
    """Of the active version, in the store; None for a region without one."""
    versions: frozenset[str]
    """Whose files are kept: the active one, those that a rollback may want, those that these are from, and
    those that are in shadow."""
    retired: frozenset[str]
    """That were champion, and that nothing goes back to any more."""
    decided_runs: frozenset[str]
    """Run ids of all decisions, rollbacks and refits."""
    kept_runs: frozenset[str]
    """Run ids that made one of `versions`, also where it was turned away and is in shadow since."""
    frozen_runs: frozenset[str]
    """Run ids with a row in snapshots."""


def read_named(connection: Connection, region: str, *, keep: int, moment: datetime) -> Named:
    """`keep`: how many former champions stay, of each kind. Nothing is changed."""
    values = _values(region, keep, moment)
    versions = _texts(connection, f"SELECT version FROM ({_KEPT}) AS kept WHERE version IS NOT NULL", values)
    retired = _texts(connection, f"SELECT version FROM model_deployments WHERE {_RETIRED}", values)
    gone = _texts(
        connection,
        "SELECT version FROM model_deployments WHERE region = %(region)s AND files_removed_at IS NOT NULL",
        values,
    )
    of_region = "FROM model_deployments WHERE region = %(region)s"
    champion = _texts(connection, f"SELECT artifact_path {of_region} AND status = 'active'", values)
    return Named(
        champion_path=next(iter(champion), None),
        versions=versions,
        retired=retired | gone,
        decided_runs=_texts(connection, f"SELECT run_id {of_region}", values),
        kept_runs=_texts(
            connection,
            f"SELECT run_id {of_region} AND version = ANY(%(versions)s)",
            {**values, "versions": sorted(versions)},
        ),
        frozen_runs=_texts(connection, "SELECT run_id FROM snapshots WHERE region = %(region)s", values),
    )


def retire_versions(connection: Connection, region: str, *, keep: int, moment: datetime) -> None:
    """Puts on record that the files of all but the kept versions are to go.

    In one transaction in which no other decision is recorded: a rollback comes before it, and keeps its
    version, or after it, and is refused. Files are removed once this is committed.
    """
    with connection.transaction():
        connection.execute("LOCK TABLE model_deployments IN SHARE ROW EXCLUSIVE MODE")
        connection.execute(
            f"UPDATE model_deployments SET files_removed_at = clock_timestamp() WHERE {_RETIRED}".encode(),
            _values(region, keep, moment),
        )


def forget_snapshots(connection: Connection, region: str, run_ids: Collection[str]) -> None:
    """Removes the rows that name these runs' snapshots; what was trained on them has their checksum."""
    connection.execute(
        "DELETE FROM snapshots WHERE region = %(region)s AND run_id = ANY(%(run_ids)s)",
        {"region": region, "run_ids": list(run_ids)},
    )


def _values(region: str, keep: int, moment: datetime) -> dict[str, object]:
    return {"region": region, "keep": keep, "since": moment - _LAST_TERM}


def _texts(connection: Connection, query: str, values: dict[str, object]) -> frozenset[str]:
    return frozenset(str(row[0]) for row in connection.execute(query.encode(), values).fetchall())
