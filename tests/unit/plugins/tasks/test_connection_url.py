"""A connection of Airflow as the URL that libpq reads."""

from __future__ import annotations

import json

import pytest
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowFailException
from psycopg.conninfo import conninfo_to_dict

from demand_forecast.tasks.local import postgres_url


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("postgres://db/demand", "postgresql://db/demand"),
        ("postgres://me@db:1/demand", "postgresql://me@db:1/demand"),
        ("postgres://a%2Fb:c%3Ad@db/demand", "postgresql://a%2Fb:c%3Ad@db/demand"),
    ],
)
def test_a_connection_becomes_the_url_that_libpq_reads(uri: str, url: str) -> None:
    assert postgres_url(Connection.from_uri(uri, conn_id="x")) == url


def test_the_extras_of_a_connection_arrive_as_libpq_reads_them() -> None:
    extra = {
        **{"options": "-c statement_timeout=3000", "sslmode": "require"},
        **{"cursor": "dictcursor", "iam": False, "sqlalchemy_scheme": "postgresql+psycopg"},
    }
    url = postgres_url(Connection(conn_id="x", conn_type="postgres", host="db", extra=json.dumps(extra)))
    assert conninfo_to_dict(url) == {
        "host": "db",
        "options": "-c statement_timeout=3000",
        "sslmode": "require",
    }


def test_a_connection_by_tokens_that_a_verb_outlives_is_refused_by_name() -> None:
    connection = Connection(conn_id="by_token", conn_type="postgres", host="db", extra='{"iam": true}')
    with pytest.raises(AirflowFailException, match="connection by_token has the extra `iam`"):
        postgres_url(connection)
