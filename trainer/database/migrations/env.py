"""Alembic's entry: runs the revisions on the connection that trainer.database.schema hands over."""

from __future__ import annotations

from typing import Final

import sqlalchemy
from alembic import context

# Any constant will do, as long as nothing else in the database locks by it.
_LOCK_KEY: Final = 0x6466_6D69_6772
_LOCK_TIMEOUT: Final = "120s"

connection: sqlalchemy.Connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=False)
with context.begin_transaction():
    # Held until the commit. The second of two migrations waits here, before it reads which revision the
    # database is at, and then finds nothing left to do.
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
    context.run_migrations()
