"""A few open, read-only connections to PostgreSQL that requests share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from trainer.api.problems import Problem
from trainer.database.connection import describe
from trainer.errors import UsageError

Connection = psycopg.Connection[tuple[Any, ...]]

WAIT_SECONDS: Final = 3.0
"""For a free connection; a request that waits longer is told to come back."""
STATEMENT_SECONDS: Final = 10


class Database:
    """Connections by URL, opened with the first request and kept. Safe to share between threads.

    `url` is asked when the pool opens, so that a web server can be built before its secrets are known.
    """

    def __init__(self, url: str | Callable[[], str], *, size: int = 4) -> None:
        self._url = url
        self._size = size
        self._pool: ConnectionPool[Connection] | None = None
        self._lock = threading.Lock()

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """One connection, in autocommit mode, for one request.

        Raises Problem 503 when the server cannot be reached, is overrun, or lacks the tables, and when the
        URL is none.
        """
        try:
            with self._opened().connection(timeout=WAIT_SECONDS) as connection:
                yield connection
        except PoolTimeout as error:
            raise _unavailable(
                "the database did not give a connection in time",
                mend="ask again; if it stays so, see whether PostgreSQL is up and takes more connections",
            ) from error
        except psycopg.errors.QueryCanceled as error:
            raise _unavailable(
                f"the database took longer than {STATEMENT_SECONDS} s",
                mend="ask again, for fewer days; if it stays so, look at PostgreSQL's load",
            ) from error
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
            raise _unavailable(
                "the database lacks this version's tables",
                mend="the operator creates them with: python -m trainer migrate",
            ) from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise _unavailable(
                "the database went away", mend="ask again; if it stays so, see whether PostgreSQL is up"
            ) from error

    def close(self) -> None:
        """Ends the connections; a later request opens new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool:
            pool.close()

    def _opened(self) -> ConnectionPool[Connection]:
        with self._lock:
            if self._pool is None:
                url = self._url if isinstance(self._url, str) else self._url()
                try:
                    describe(url)  # the pool would log libpq's message, which repeats parts of a wrong URL
                except UsageError as error:
                    raise _unavailable(
                        "the database's URL is no PostgreSQL URL",
                        mend="the operator corrects DEMAND_FORECAST_POSTGRES_URL, or Airflow's connection",
                    ) from error
                self._pool = ConnectionPool(
                    url,
                    min_size=1,
                    max_size=self._size,
                    kwargs={"autocommit": True, "application_name": "demand-forecast-api"},
                    configure=_configure,
                    check=ConnectionPool.check_connection,  # survives a restart of the server
                    name="demand-forecast-api",
                    open=True,
                )
            return self._pool


def _configure(connection: Connection) -> None:
    # By SET, not by `options`: connection poolers refuse those.
    connection.execute("SET default_transaction_read_only = on")
    connection.execute(f"SET statement_timeout = '{STATEMENT_SECONDS}s'")
    connection.execute("SET TIME ZONE 'UTC'")


def _unavailable(detail: str, *, mend: str) -> Problem:
    return Problem(503, "database-unavailable", detail, mend=mend, headers={"Retry-After": "5"})
