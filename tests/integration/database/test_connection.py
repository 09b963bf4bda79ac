"""Connections: what is said when there is none, when it breaks, and what is never said."""

from __future__ import annotations

import traceback
from urllib.parse import urlsplit

import psycopg
import pytest

from trainer.database import connect
from trainer.database.connection import describe
from trainer.database.schema import migrate
from trainer.errors import DataError, InfrastructureError, UsageError

pytestmark = pytest.mark.integration

SECRET = "tr0ub4dor"


def test_a_server_that_refuses_is_named_with_the_mend_and_without_the_password() -> None:
    url = f"postgresql://operator:{SECRET}@127.0.0.1:9/demand_forecast"

    with pytest.raises(InfrastructureError, match=r"127\.0\.0\.1:9/demand_forecast.*POSTGRES_URL") as caught:
        connect(url).__enter__()

    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_wrong_password_is_not_repeated(postgres_url: str) -> None:
    parts = urlsplit(postgres_url)
    url = f"postgresql://nobody_known:{SECRET}@{parts.hostname}:{parts.port}{parts.path}"

    with pytest.raises(InfrastructureError) as caught:
        connect(url).__enter__()

    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://operator:{SECRET}@x@127.0.0.1/demand_forecast",
        f"postgresql://operator:{SECRET}/x@127.0.0.1/demand_forecast",
        f"mysql://operator:{SECRET}@127.0.0.1/demand_forecast",
        f"host=127.0.0.1 password={SECRET}",
        f"postgresql://operator:{SECRET}%zz@127.0.0.1/demand_forecast",
        f"{SECRET}",
        "",
    ],
    ids=["at sign", "slash", "another scheme", "key and value", "bad escape", "a word", "empty"],
)
def test_what_is_no_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="percent-encode") as caught:
        connect(url).__enter__()

    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_place_is_described_without_user_and_password() -> None:
    assert describe(f"postgresql://operator:{SECRET}@db:5433/power?sslmode=require") == "db:5433/power"


def test_a_database_without_tables_names_the_command_that_makes_them(postgres_url: str) -> None:
    with pytest.raises(InfrastructureError, match="migrate"), connect(postgres_url) as connection:
        connection.execute("SELECT 1 FROM raw_demand")


def test_a_refused_row_names_the_rule(database_url: str) -> None:
    with pytest.raises(DataError, match="raw_demand_finite"), connect(database_url) as connection:
        connection.execute(
            "INSERT INTO raw_demand (region, time, demand_mw, source) VALUES ('GR', now(), 'inf', 'test')"
        )


def test_a_connection_cut_in_the_middle_of_a_transaction_leaves_nothing(database_url: str) -> None:
    def store() -> None:
        with connect(database_url) as connection, connection.transaction():
            connection.execute("INSERT INTO raw_demand (region, time, source) VALUES ('GR', now(), 'test')")
            with psycopg.connect(database_url) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
            connection.execute("SELECT 1")

    with pytest.raises(InfrastructureError, match="went away"):
        store()

    with connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM raw_demand").fetchone() == (0,)


def test_a_migration_of_a_server_that_refuses_says_so() -> None:
    with pytest.raises(InfrastructureError, match="cannot be reached") as caught:
        migrate(f"postgresql://operator:{SECRET}@127.0.0.1:9/demand_forecast")

    assert SECRET not in "".join(traceback.format_exception(caught.value))
