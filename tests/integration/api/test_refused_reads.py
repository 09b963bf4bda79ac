"""The read routes over a real PostgreSQL: whom and what they refuse, and what they say when it is away."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import psycopg
import pytest

from trainer.api.read import Database
from trainer.database.connection import connect

pytestmark = pytest.mark.integration
EVERY_ROUTE = [
    "/api/regions",
    "/api/summary?region=KR",
    "/api/predictions/latest?region=KR",
    "/api/predictions/components?region=KR&date=2023-10-31",
    "/api/metrics/performance?region=KR",
    "/api/data-quality?region=KR",
    "/api/delivery?region=KR",
    "/api/size?region=KR",
    "/api/actual-vs-forecast?region=KR&start=2023-10-30&end=2023-10-31",
    "/api/models?region=KR",
    "/api/shadows?region=KR",
]


@pytest.mark.parametrize("path", EVERY_ROUTE)
def test_every_route_asks_its_guard(reader: httpx.Client, path: str) -> None:
    assert reader.get(path).status_code == 200
    assert reader.get(path, headers={"Authorization": ""}).status_code == 401
    assert reader.get(path, headers={"Authorization": "somebody"}).status_code == 403


@pytest.mark.parametrize("path", EVERY_ROUTE[1:])
def test_an_unknown_region_is_not_found_and_the_known_ones_are_named(reader: httpx.Client, path: str) -> None:
    answer = reader.get(path.replace("region=KR", "region=XX"))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:demand-forecast:problem:unknown-region"
    assert "GR, KR" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("start", "end"),
    [("2023-10-31", "2023-10-31"), ("2023-10-31", "2023-10-30"), ("2023-01-01", "2023-10-31")],
)
def test_a_range_that_is_empty_or_too_long_is_refused(reader: httpx.Client, start: str, end: str) -> None:
    answer = reader.get(f"/api/actual-vs-forecast?region=KR&start={start}&end={end}")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":range-refused")
    assert "92 days" in answer.json()["mend"]


def test_a_plus_sign_that_arrived_as_a_space_is_explained(reader: httpx.Client) -> None:
    path = "/api/actual-vs-forecast?region=KR&start=2023-10-30T00:00+09:00&end=2023-10-31"
    answer = reader.get(path)
    assert answer.status_code == 422
    assert [fault["where"] for fault in answer.json()["faults"]] == ["query.start"]
    assert "%2B09:00" in answer.json()["faults"][0]["what"]


@pytest.mark.parametrize(
    "query",
    [
        "predictions/latest",
        "predictions/latest?region=K%00R",
        "predictions/components?region=KR&date=yesterday",
        "predictions/components?region=KR&date=0001-01-01",
        "metrics/performance?region=KR&days=0",
        "metrics/performance?region=KR&days=401",
        "actual-vs-forecast?region=KR&start=1&end=2",
        "models?region=KR&limit=201",
        "models?region=KR&before=99999999999999999999",
    ],
)
def test_what_a_request_may_not_say_is_named(reader: httpx.Client, query: str) -> None:
    answer = reader.get(f"/api/{query}")
    assert answer.status_code == 422
    body = answer.json()
    assert body["type"].endswith(":invalid-request")
    assert body["faults"]
    assert "OpenAPI" in body["mend"]


def test_a_database_without_tables_says_which_command_makes_them(
    postgres_url: str, read_client: Callable[[str], httpx.Client]
) -> None:
    answer = read_client(postgres_url).get("/api/predictions/latest?region=KR")
    assert answer.status_code == 503
    assert "python -m trainer migrate" in answer.json()["mend"]
    assert answer.headers["retry-after"]


def test_a_database_that_is_away_is_told_without_its_address(
    read_client: Callable[[str], httpx.Client],
) -> None:
    answer = read_client("postgresql://who:secret@127.0.0.1:9/none").get("/api/models?region=KR")
    assert answer.status_code == 503
    assert answer.json()["type"].endswith(":database-unavailable")
    assert "secret" not in answer.text
    assert "127.0.0.1" not in answer.text


def test_reads_go_on_after_the_server_ended_their_connections(
    postgres_url: str, filled_url: str, own_reader: httpx.Client
) -> None:
    assert own_reader.get("/api/models?region=KR").status_code == 200
    with connect(postgres_url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s "
            "AND pid <> pg_backend_pid()",
            (filled_url.rsplit("/", 1)[-1].split("?", maxsplit=1)[0],),
        )
    assert own_reader.get("/api/models?region=KR").status_code == 200


def test_no_read_can_change_anything(filled_url: str) -> None:
    """The page's routes and the service's take their connections from here."""
    database = Database(filled_url, size=1)
    try:
        for change in ("DELETE FROM raw_demand", "DELETE FROM predictions", "CREATE TABLE t ()"):
            with database.connect() as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute(change)
    finally:
        database.close()
