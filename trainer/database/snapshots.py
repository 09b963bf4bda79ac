"""Which data each run was trained on: the table snapshots."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from trainer.database.connection import Connection


@dataclass(frozen=True, kw_only=True)
class SnapshotRow:
    """The frozen training data of one run. Hours are UTC; the hours are those with known demand."""

    region: str
    run_id: str
    as_of: datetime
    path: str
    """Relative to the store."""
    sha256: str
    rows: int
    first_hour: datetime
    last_hour: datetime


def record_snapshot(connection: Connection, row: SnapshotRow) -> None:
    """One row per run: a run that froze its data anew replaces what it said before."""
    connection.execute(
        """
        INSERT INTO snapshots (region, run_id, as_of, path, sha256, rows, first_hour, last_hour)
        VALUES (%(region)s, %(run_id)s, %(as_of)s, %(path)s, %(sha256)s, %(rows)s,
                %(first_hour)s, %(last_hour)s)
        ON CONFLICT (region, run_id) DO UPDATE
        SET as_of = excluded.as_of, path = excluded.path, sha256 = excluded.sha256, rows = excluded.rows,
            first_hour = excluded.first_hour, last_hour = excluded.last_hour, created_at = now()
        """,
        asdict(row),
    )
