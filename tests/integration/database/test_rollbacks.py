"""Rollbacks as the DAGs record them, on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Status
from demand_forecast.promotion.deployments import DeploymentError
from tests.integration.database.recorded import statuses, values

pytestmark = pytest.mark.integration


def test_a_rollback_makes_an_earlier_champion_the_champion_again_under_its_own_run(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))

    row = deployments.rollback(
        connection, region="GR", version="GR-1", run_id="rollback-1", reason="GR-2 misses the peaks."
    )

    assert (row.version, row.run_id, row.status) == ("GR-1", "rollback-1", Status.ACTIVE)
    assert (row.artifact_path, row.artifact_checksum) == ("GR/models/GR-1", f"{1:064x}")
    assert row.reason == "GR-2 misses the peaks."
    assert statuses(connection) == {
        "rollback-1": Status.ACTIVE,
        "run-2": Status.ARCHIVED,
        "run-1": Status.ARCHIVED,
    }


def fallback(connection: Any) -> str | None:
    champion = deployments.active(connection, "GR")
    assert champion is not None
    row = deployments.usable_at(connection, "GR", datetime.now(UTC), other_than=champion.version)
    return row and row.version


def test_what_a_rollback_turned_away_is_no_fallback(connection: Any) -> None:
    for number in (1, 2, 3):
        deployments.record(connection, values(number, over=f"GR-{number - 1}" if number > 1 else None))
    deployments.rollback(connection, region="GR", version="GR-2", run_id="rollback-1", reason="Back.")
    assert fallback(connection) == "GR-1"
    deployments.record(connection, values(4, over="GR-2"))
    assert fallback(connection) == "GR-2"


def test_a_version_that_was_brought_back_and_then_beaten_is_a_fallback_again(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))
    for version in ("GR-1", "GR-2"):
        deployments.rollback(
            connection, region="GR", version=version, run_id=f"back to {version}", reason="Back."
        )
    assert fallback(connection) is None  # GR-1 was turned away in its turn
    deployments.record(connection, values(3, over="GR-2"))
    assert fallback(connection) == "GR-2"


def test_a_rollback_run_again_changes_nothing(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))
    wanted = {"region": "GR", "version": "GR-1", "run_id": "rollback-1", "reason": "Back."}
    first = deployments.rollback(connection, **wanted)
    deployments.record(connection, values(3, over="GR-1"))

    again = deployments.rollback(connection, **wanted)

    assert (again.id, again.status) == (first.id, Status.ARCHIVED)
    champion = deployments.active(connection, "GR")
    assert champion is not None
    assert champion.version == "GR-3"


def test_a_rollback_to_the_champion_itself_changes_nothing(connection: Any) -> None:
    deployments.record(connection, values(1))
    before = deployments.history(connection, "GR")

    row = deployments.rollback(connection, region="GR", version="GR-1", run_id="rollback-1", reason="Back.")

    assert [row] == before == deployments.history(connection, "GR")


def test_a_second_rollback_to_the_version_that_is_back_already_changes_nothing(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))
    deployments.rollback(connection, region="GR", version="GR-1", run_id="rollback-1", reason="Back.")
    before = deployments.history(connection, "GR")

    row = deployments.rollback(connection, region="GR", version="GR-1", run_id="rollback-2", reason="Back.")

    assert row == before[0]
    assert deployments.history(connection, "GR") == before


@pytest.mark.parametrize("version", ["GR-9", "GR-3"], ids=["unknown", "only ever rejected"])
def test_a_rollback_to_what_never_was_champion_is_refused_with_what_was(
    connection: Any, version: str
) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))
    deployments.record_rejection(connection, values(3, over="GR-2"))
    before = deployments.history(connection, "GR")

    with pytest.raises(DeploymentError, match=f"{version} was never champion.*GR-1, GR-2$"):
        deployments.rollback(connection, region="GR", version=version, run_id="rollback-1", reason="Back.")

    assert deployments.history(connection, "GR") == before


def test_a_promotion_after_a_rollback_archives_the_row_of_the_rollback(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))
    deployments.rollback(connection, region="GR", version="GR-1", run_id="rollback-1", reason="Back.")

    deployments.record(connection, values(3, over="GR-1"))

    assert [row.version for row in deployments.history(connection, "GR") if row.status == "active"] == [
        "GR-3"
    ]
