"""Brings the tables to this code's revision, and back: Alembic, run from Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from trainer.database.connection import describe, open_connection, translated_errors
from trainer.errors import InfrastructureError

_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_ALEMBIC: Final = Lock()
"""Alembic keeps what it works on in module globals; other processes wait for the lock that env.py takes."""


def migrate(url: str, revision: str = "head") -> str:
    """Bring the tables to `revision`, by default the newest, and return the newest. Any number may run at
    once, or again.

    All revisions are applied in one transaction: a failure leaves the tables as they were.
    Raises InfrastructureError when the server refuses, or is at a revision that this code does not know.
    """
    with _ALEMBIC, _engine(url) as engine, engine.connect() as connection:
        command.upgrade(_config(connection), revision)
    head = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    if head is None:
        raise InfrastructureError(f"no migration was found in {_MIGRATIONS}; install the package again")
    return head


def downgrade(url: str, revision: str) -> None:
    """Take the tables back to `revision`; `base` drops them with all that they hold."""
    with _ALEMBIC, _engine(url) as engine, engine.connect() as connection:
        command.downgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """The revision that the database is at; None before the first migration."""
    with _engine(url) as engine, engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config(connection: sqlalchemy.Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


@contextmanager
def _engine(url: str) -> Iterator[sqlalchemy.Engine]:
    # libpq, not SQLAlchemy, reads the URL: one reading of it everywhere, sockets and TLS options included.
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=lambda: open_connection(url, autocommit=False),
        poolclass=sqlalchemy.NullPool,
    )
    try:
        with translated_errors(url):
            try:
                yield engine
            except sqlalchemy.exc.DBAPIError as error:
                # translated_errors knows psycopg's errors, which SQLAlchemy wraps.
                raise error.orig or error from error
    except (CommandError, sqlalchemy.exc.SQLAlchemyError, psycopg.Error) as error:
        raise InfrastructureError(
            f"PostgreSQL at {describe(url)} cannot be migrated, its tables are as they were: {error}"
        ) from error
    finally:
        engine.dispose()
