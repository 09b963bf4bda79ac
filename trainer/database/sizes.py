"""What a region takes in the store and in the tables after each housekeeping: the table region_sizes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from psycopg import sql

from trainer.database.connection import Connection

# Whichever tables there are: one that is added later counts as well.
_TABLES: Final = """
    SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND attname = 'region'
    ORDER BY relname
"""
_COLUMNS: Final = "tidied_at, store_bytes, freed_bytes, table_rows, table_bytes"


@dataclass(frozen=True, kw_only=True)
class RegionSize:
    """A region after a housekeeping; bytes."""

    tidied_at: datetime
    """The run's moment, aware."""
    store_bytes: int
    """Of its part of the store, what was removed not counted."""
    freed_bytes: int
    """What the housekeeping removed of it."""
    table_rows: int
    """In all tables."""
    table_bytes: int
    """Of these rows, as they are stored, without indexes."""


def rows_of(connection: Connection, region: str) -> tuple[int, int]:
    """The rows that all tables have of the region, and their bytes without indexes."""
    rows = taken = 0
    for (table,) in connection.execute(_TABLES).fetchall():
        query = sql.SQL(
            "SELECT count(*), coalesce(sum(pg_column_size(kept.*)), 0) FROM {} AS kept WHERE region = %s"
        ).format(sql.Identifier(table))
        for counted, size in connection.execute(query, (region,)).fetchall():
            rows, taken = rows + int(counted), taken + int(size)
    return rows, taken


def record_size(connection: Connection, region: str, run_id: str, size: RegionSize) -> None:
    """A run that was killed and goes on has freed what both of its parts did."""
    connection.execute(
        """
        INSERT INTO region_sizes AS kept (region, run_id, tidied_at, store_bytes, freed_bytes, table_rows,
                                          table_bytes)
        VALUES (%(region)s, %(run_id)s, %(tidied_at)s, %(store_bytes)s, %(freed_bytes)s, %(table_rows)s,
                %(table_bytes)s)
        ON CONFLICT (region, run_id) DO UPDATE
        SET tidied_at = excluded.tidied_at, store_bytes = excluded.store_bytes,
            freed_bytes = kept.freed_bytes + excluded.freed_bytes, table_rows = excluded.table_rows,
            table_bytes = excluded.table_bytes
        """,
        {"region": region, "run_id": run_id, **asdict(size)},
    )


def newest_size(connection: Connection, region: str) -> RegionSize | None:
    """As the last housekeeping left it; None before the first."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM region_sizes WHERE region = %s "
        "ORDER BY tidied_at DESC, run_id DESC LIMIT 1".encode(),
        (region,),
    ).fetchone()
    if row is None:
        return None
    tidied_at, store_bytes, freed_bytes, table_rows, table_bytes = row
    return RegionSize(
        tidied_at=tidied_at.astimezone(UTC),
        store_bytes=store_bytes,
        freed_bytes=freed_bytes,
        table_rows=table_rows,
        table_bytes=table_bytes,
    )
