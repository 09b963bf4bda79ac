"""Optuna's studies in PostgreSQL, where the parts of one search learn of each other's trials.

Optuna keeps them in tables of its own, in a schema of its own, made when the first search asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from typing import Final

import psycopg
import sqlalchemy
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage
from optuna.study import delete_study, get_all_study_summaries

from trainer.database.connection import Connection, connect, describe, open_connection, translated_errors
from trainer.errors import InfrastructureError

SCHEMA: Final = "optuna"
# Any constant will do, as long as nothing else in the database locks by it.
_LOCK_KEY: Final = 0x6466_6F70_7475
DELETING_KEY: Final = _LOCK_KEY + 1
_LOCK_TIMEOUT: Final = "120s"


@contextmanager
def study_storage(url: str) -> Iterator[RDBStorage]:
    """Optuna's storage, on one connection or two; its tables are made where they are missing, once.

    Raises InfrastructureError when the server refuses, goes away, lets nobody make the schema, or holds
    tables of another release of Optuna.
    """
    with translated_errors(url):
        try:
            with ExitStack() as opened:
                storage = _storage(url, opened)
                opened.callback(storage.engine.dispose)
                opened.callback(storage.remove_session)
                yield storage
        except sqlalchemy.exc.DBAPIError as error:
            # translated_errors knows psycopg's errors, which SQLAlchemy wraps.
            raise error.orig or error from error
        except (StorageInternalError, sqlalchemy.exc.SQLAlchemyError) as error:
            raise InfrastructureError(
                f"PostgreSQL at {describe(url)} refused the search's study: {error.__cause__ or error}; "
                "what is finished is kept, run again once the server is up"
            ) from error


def can_delete_studies(url: str) -> bool:
    """Whether there are studies, and the role may delete them: searches may have a role of their own."""
    with connect(url) as connection:
        row = connection.execute(
            """
            SELECT has_schema_privilege(pg_namespace.oid, 'USAGE')
                AND has_table_privilege(pg_class.oid, 'SELECT, DELETE')
            FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = %s AND relname = 'studies'
            """,
            (SCHEMA,),
        ).fetchone()
    return row == (True,)


def old_studies(
    storage: BaseStorage, *, prefix: str, kept: Callable[[str], bool], before: datetime
) -> list[str]:
    """The studies whose name begins with `prefix` and is not `kept`, and whose first trial began before
    `before` (aware)."""
    # Optuna keeps the time of the machine that searched, without its zone: hours do not count here.
    moment = before.astimezone().replace(tzinfo=None)
    return [
        study.study_name
        for study in get_all_study_summaries(storage, include_best_trial=False)
        if study.study_name.startswith(prefix) and not kept(study.study_name)
        if study.datetime_start is not None and study.datetime_start < moment
    ]


def delete_old_studies(
    storage: BaseStorage, url: str, *, prefix: str, kept: Callable[[str], bool], before: datetime
) -> list[str]:
    """Deletes `old_studies`; returns their names. One process at a time: where another is at it, this one has
    nothing to do.

    Raises InfrastructureError when the server refuses or goes away.
    """
    with connect(url) as connection:  # the lock is the session's, and ends with it
        if connection.execute("SELECT pg_try_advisory_lock(%s)", (DELETING_KEY,)).fetchone() != (True,):
            return []
        old = old_studies(storage, prefix=prefix, kept=kept, before=before)
        for name in old:
            delete_study(study_name=name, storage=storage)
    return old


def _storage(url: str, opened: ExitStack) -> RDBStorage:
    # Optuna looks which tables are there and then makes the others: two at once would both make them.
    # The lock is the session's, and ends with it: what was made must be there for Optuna's own connection.
    with connect(url) as connection:
        connection.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'")
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK_KEY,))
        _make_schema(connection, url)
        try:
            return RDBStorage(
                # libpq, not SQLAlchemy, reads the URL: one reading of it everywhere.
                "postgresql+psycopg://",
                engine_kwargs={
                    "creator": lambda: opened.enter_context(closing(_open(url))),
                    "pool_size": 1,
                    "max_overflow": 1,  # Optuna asks for its version while it holds a session
                    "pool_pre_ping": True,  # an epoch may last longer than a connection
                },
            )
        except RuntimeError as error:
            raise InfrastructureError(
                f"the tables in schema {SCHEMA} of PostgreSQL at {describe(url)} are of another release of "
                f"Optuna: {error} They hold nothing but the histories of searches: "
                f"DROP SCHEMA {SCHEMA} CASCADE, then run again"
            ) from error


def _make_schema(connection: Connection, url: str) -> None:
    # IF NOT EXISTS would ask for the right to make it even where it is there.
    if connection.execute("SELECT to_regnamespace(%s)", (SCHEMA,)).fetchone() != (None,):
        return
    try:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
    except psycopg.errors.InsufficientPrivilege as error:
        user = connection.info.user
        raise InfrastructureError(
            f"PostgreSQL at {describe(url)} lets {user} make no schema for the search's study; "
            f"let its owner do it once: CREATE SCHEMA {SCHEMA} AUTHORIZATION {user}"
        ) from error


def _open(url: str) -> Connection:
    """Without a committed SET, the pool's rollback would take the search path away again."""
    connection = open_connection(url, autocommit=True)
    connection.execute(f"SET search_path TO {SCHEMA}")
    connection.autocommit = False
    return connection
