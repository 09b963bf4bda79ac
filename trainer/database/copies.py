"""The tables as files and back, by PostgreSQL's own COPY.

Unlike pg_dump it needs no client of the server's release, puts no password on a command line, and takes
hypertables along.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from psycopg import sql

from trainer.database.connection import Connection, connect

TABLES: Final = (
    "demand_judgements",
    "forecast_days",
    "influx_deliveries",
    "model_deployments",
    "model_metrics",
    "predictions",
    "raw_demand",
    "region_sizes",
    "shadow_models",
    "shadow_predictions",
    "snapshots",
    "standing_alerts",
    "weather_issued",
)
_GZIP: Final = 31
"""zlib's word for gzip's own header, which no time is in: the same rows are the same bytes."""
# Any constant will do, as long as nothing else in the database locks by it.
_REMOVING_KEY: Final = 0x6466_686B_7470


@contextmanager
def nothing_removed_elsewhere(connection: Connection) -> Iterator[None]:
    """Of processes that remove files or count on their being there, one at a time; waits for the other."""
    connection.execute("SET lock_timeout = '15min'")
    connection.execute("SELECT pg_advisory_lock(%s)", (_REMOVING_KEY,))
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", (_REMOVING_KEY,))


def copy_out(connection: Connection) -> Iterator[tuple[str, list[str], bytes]]:
    """Each table's name, columns and rows, as gzipped text of COPY. Within one transaction of the isolation
    level REPEATABLE READ the tables are of one moment."""
    for table in TABLES:
        query = sql.SQL("SELECT * FROM {} LIMIT 0").format(sql.Identifier(table))
        columns = [column.name for column in connection.execute(query).description or ()]
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        out = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(names, sql.Identifier(table))
        packed = bytearray()
        compressor = zlib.compressobj(wbits=_GZIP)
        with connection.cursor() as cursor, cursor.copy(out) as rows:
            for part in rows:
                packed += compressor.compress(bytes(part))
        yield table, columns, bytes(packed + compressor.flush())


def copy_in(url: str, tables: Mapping[str, tuple[list[str], bytes]]) -> None:
    """All rows of all tables in one transaction, and identities that go on after them.

    Raises DataError, nothing written, where a rule refuses a row.
    """
    with connect(url) as connection, connection.transaction(), connection.cursor() as cursor:
        for table, (columns, packed) in tables.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
            with cursor.copy(into) as rows:
                rows.write(gzip.decompress(packed))
        for table, column in _identities(connection):
            last = sql.SQL("SELECT setval(pg_get_serial_sequence(%s, %s), max({})) FROM {}")
            cursor.execute(last.format(sql.Identifier(column), sql.Identifier(table)), (table, column))


def tables_with_rows(connection: Connection) -> list[str]:
    """Of the tables that are there, those that hold something."""
    there = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename = ANY(%s)"
    found = [str(row[0]) for row in connection.execute(there, (list(TABLES),)).fetchall()]
    query = "SELECT EXISTS (SELECT FROM {})"
    return sorted(
        table
        for table in found
        if connection.execute(sql.SQL(query).format(sql.Identifier(table))).fetchone() == (True,)
    )


def _identities(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(
        """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND is_identity = 'YES' AND table_name = ANY(%s)
        """,
        (list(TABLES),),
    ).fetchall()
    return [(str(table), str(column)) for table, column in rows]
