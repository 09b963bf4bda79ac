"""The connection of the DAGs, and one that is never committed: refusals need no database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from stack import postgres
from trainer.database.schema import migrate


@pytest.fixture
def connection(database_url: str) -> Iterator[Any]:
    """As PostgresHook gives it: psycopg 3, not in autocommit mode."""
    with psycopg.connect(database_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def _module_url(postgres_url: str) -> Iterator[str]:
    url = postgres.create_database(postgres_url, "uncommitted")
    migrate(url)
    yield url
    postgres.drop_database(postgres_url, "uncommitted")


@pytest.fixture
def uncommitted(_module_url: str) -> Iterator[psycopg.Connection]:
    """A connection to the current, empty tables whose work is rolled back when the test ends."""
    with psycopg.connect(_module_url) as connection:
        yield connection
        connection.rollback()
