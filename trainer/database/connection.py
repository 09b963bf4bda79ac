"""Connections to PostgreSQL whose errors name the place and the mend, and never the password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from trainer.contract import Env
from trainer.errors import DatabaseError, DataError, UsageError

Connection = psycopg.Connection[tuple[Any, ...]]

CONNECT_TIMEOUT_SECONDS: Final = 10

# Exactly one '@', after the user info: with a second one libpq takes part of the password for the host
# name and repeats it in its message.
_URL: Final = re.compile(r"postgres(ql)?://([^@/?#]*@)?[^@]*")


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """An open connection in autocommit mode; each writing function opens its own transaction on it.

    Raises UsageError for something that is no URL, DatabaseError when the server cannot be reached,
    goes away, or lacks the tables, DataError when a constraint refuses a row.
    """
    with open_connection(url, autocommit=True) as connection, translated_errors(url):
        yield connection


def open_connection(url: str, *, autocommit: bool) -> Connection:
    """A bare psycopg connection; raises as `connect` does."""
    place = describe(url)
    try:
        return psycopg.connect(
            url,
            autocommit=autocommit,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            application_name="demand-forecast",
            # A server that vanished without a word is noticed within a minute, not after two hours.
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
    except psycopg.OperationalError as error:
        raise DatabaseError(
            f"PostgreSQL at {place} cannot be reached: {_one_line(error)}; "
            f"start the server or correct {Env.POSTGRES_URL}, then run again"
        ) from error


def describe(url: str) -> str:
    """`host:port/database`, for messages. Raises UsageError for something that is no PostgreSQL URL."""
    parts: dict[str, Any] | None = None
    if _URL.fullmatch(url):
        # libpq's own message repeats the text, password included: hence neither quoted nor chained.
        with suppress(psycopg.ProgrammingError):
            parts = conninfo_to_dict(url)
    if parts is None:
        raise UsageError(
            f"{Env.POSTGRES_URL} is no PostgreSQL URL such as postgresql://user:password@host:5432/"
            "demand_forecast; percent-encode special characters in user and password ('@' is %40)"
        )
    host = parts.get("host") or "localhost"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or ''}"


@contextmanager
def translated_errors(url: str) -> Iterator[None]:
    """psycopg's errors as this project's own, with the place and the mend."""
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise DatabaseError(
            f"PostgreSQL at {describe(url)} lacks this version's tables: {_one_line(error)}; "
            "create them with: python -m trainer migrate"
        ) from error
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        rule = error.diag.constraint_name or "a column's type"
        raise DataError(
            f"PostgreSQL at {describe(url)} refuses the rows, none was written: {_one_line(error)} "
            f"(rule {rule}); correct the data and run again"
        ) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DatabaseError(
            f"PostgreSQL at {describe(url)} went away: {_one_line(error)}; "
            "what was under way is rolled back, run again once the server is up"
        ) from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
