"""TimescaleDB, where it is to be had: the one branch between it and plain PostgreSQL."""

from __future__ import annotations

from alembic import op


def make_hypertable(table: str) -> None:
    """Partition `table` by its column `time`; without the extension it stays a plain table.

    Every unique key of the table must contain `time`.
    """
    available = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_available_extensions WHERE name = 'timescaledb'"
    )
    if available.scalar_one():
        op.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
        # Hourly rows are few: the default of 7 days would make hundreds of tiny chunks.
        op.execute(f"SELECT create_hypertable('{table}', 'time', chunk_time_interval => interval '180 days')")
