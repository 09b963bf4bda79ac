"""What the table model_deployments refuses, whoever writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

pytestmark = pytest.mark.integration

CHAMPION: dict[str, Any] = {
    "region": "GR",
    "version": "GR-1",
    "run_id": "run-1",
    "status": "active",
    "artifact_path": "GR/models/GR-1",
    "artifact_checksum": "a" * 64,
    "reason": "First model of its region.",
    "trained_from": "2017-01-01T00:00Z",
    "trained_to": "2020-10-01T00:00Z",
}
NEXT = {**CHAMPION, "version": "GR-2", "run_id": "run-2"}


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


def insert(connection: psycopg.Connection, **values: Any) -> None:
    query = sql.SQL("INSERT INTO model_deployments ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(map(sql.Placeholder, values))
    )
    connection.execute(query, values)


def refused_by(rule: str) -> Any:
    return pytest.raises(psycopg.IntegrityError, match=rule)


def test_a_second_active_model_of_a_region_is_refused(connection: psycopg.Connection) -> None:
    insert(connection, **CHAMPION)

    with refused_by("model_deployments_one_active"):
        insert(connection, **NEXT)


def test_regions_have_a_champion_each(connection: psycopg.Connection) -> None:
    insert(connection, **CHAMPION)
    insert(connection, **{**CHAMPION, "region": "KR"})


def test_a_run_is_recorded_once(connection: psycopg.Connection) -> None:
    insert(connection, **CHAMPION)

    with refused_by("model_deployments_one_row_per_run"):
        insert(connection, **{**CHAMPION, "status": "rejected"})


def test_a_champion_cannot_be_archived_without_a_successor(connection: psycopg.Connection) -> None:
    insert(connection, **CHAMPION)

    with refused_by("would be left without an active model"):
        connection.execute(
            "UPDATE model_deployments SET status = 'archived', archived_at = clock_timestamp()"
        )

    assert connection.execute("SELECT status FROM model_deployments").fetchall() == [("active",)]


def test_a_champion_cannot_be_deleted_from_above_its_predecessors(connection: psycopg.Connection) -> None:
    insert(connection, **CHAMPION)
    with connection.transaction():
        connection.execute(
            "UPDATE model_deployments SET status = 'archived', archived_at = clock_timestamp()"
        )
        insert(connection, **NEXT)

    with refused_by("would be left without an active model"):
        connection.execute("DELETE FROM model_deployments WHERE status = 'active'")


def test_a_region_can_be_forgotten_altogether(connection: psycopg.Connection) -> None:
    insert(connection, **CHAMPION)
    with connection.transaction():
        connection.execute(
            "UPDATE model_deployments SET status = 'archived', archived_at = clock_timestamp()"
        )
        insert(connection, **NEXT)

    connection.execute("DELETE FROM model_deployments WHERE region = 'GR'")


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"status": "champion"}, "model_deployments_status"),
        ({"artifact_path": None}, "artifact_whole"),
        ({"artifact_checksum": None}, "artifact_whole"),
        ({"artifact_path": None, "artifact_checksum": None}, "deployed_whole"),
        ({"artifact_path": ""}, "artifact_whole"),
        ({"artifact_checksum": "abc"}, "model_deployments_checksum"),
        ({"trained_from": None}, "deployed_whole"),
        ({"trained_to": None}, "deployed_whole"),
        ({"trained_to": "2016-01-01T00:00Z"}, "window_in_order"),
        ({"archived_at": "2030-01-01T00:00Z"}, "archived_when"),
        ({"status": "archived"}, "archived_when"),
        ({"status": "archived", "archived_at": "2020-01-01T00:00Z"}, "archived_when"),
        ({"reason": ""}, "reason_given"),
        ({"reason": None}, "null value"),
        ({"version": ""}, "named"),
        ({"metrics": "[1]"}, "metrics_object"),
    ],
)
def test_half_a_deployment_is_refused(
    uncommitted: psycopg.Connection, wrong: dict[str, Any], rule: str
) -> None:
    with refused_by(rule):
        insert(uncommitted, **{**CHAMPION, **wrong})


def test_a_rejected_candidate_needs_no_artifact(uncommitted: psycopg.Connection) -> None:
    insert(uncommitted, region="GR", version="GR-9", run_id="run-9", status="rejected", reason="Worse.")
