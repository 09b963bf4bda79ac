"""What is left of a deployment that fails half-way: the champion of before."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Status
from demand_forecast.promotion.sql import RECORD_DEPLOYMENT, ROLL_BACK, statement
from tests.integration.database.recorded import committed, values

pytestmark = pytest.mark.integration


def test_a_reader_leaves_no_transaction_open(connection: Any, database_url: str) -> None:
    deployments.active(connection, "GR")

    sessions = "SELECT state FROM pg_stat_activity WHERE pid = %s"
    with psycopg.connect(database_url) as other:
        assert other.execute(sessions, [connection.info.backend_pid]).fetchone() == ("idle",)


@pytest.mark.parametrize("autocommit", [False, True])
def test_an_error_between_the_statements_leaves_the_old_champion(
    connection: Any, database_url: str, autocommit: bool
) -> None:
    deployments.record(connection, values(1))
    connection.commit()
    connection.autocommit = autocommit

    with pytest.raises(psycopg.errors.CheckViolation):
        deployments.record(connection, values(2, over="GR-1", artifact_checksum="not a checksum"))

    assert connection.autocommit is autocommit
    assert committed(database_url) == [("GR-1", "active")]
    deployments.record(connection, values(2, over="GR-1"))
    assert committed(database_url) == [("GR-1", "archived"), ("GR-2", "active")]


@pytest.mark.parametrize("names", [RECORD_DEPLOYMENT, ROLL_BACK])
def test_a_process_that_dies_between_the_statements_leaves_the_old_champion(
    database_url: str, names: tuple[str, ...]
) -> None:
    with psycopg.connect(database_url) as connection:
        deployments.record(connection, values(1))
        deployments.record(connection, values(2, over="GR-1"))
    wanted = {**values(3, over="GR-2"), "version": "GR-1"}
    dying = psycopg.connect(database_url)
    assert dying.execute(statement(names[0]), wanted).rowcount == 1

    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [dying.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        dying.execute(statement(names[1]), wanted)

    assert committed(database_url) == [("GR-1", "archived"), ("GR-2", "active")]


def test_statements_run_one_by_one_cannot_leave_a_region_without_a_champion(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        deployments.record(connection, values(1))

        with pytest.raises(psycopg.errors.CheckViolation, match="without an active model"):
            connection.execute(statement(RECORD_DEPLOYMENT[0]), values(2, over="GR-1"))

    assert committed(database_url) == [("GR-1", "active")]


def test_a_record_on_a_connection_that_broke_says_so_and_can_be_run_again(database_url: str) -> None:
    broken = psycopg.connect(database_url)
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [broken.info.backend_pid])

    with pytest.raises(psycopg.OperationalError):
        deployments.record(broken, values(1))

    with psycopg.connect(database_url) as connection:
        assert deployments.record(connection, values(1)).status == Status.ACTIVE
