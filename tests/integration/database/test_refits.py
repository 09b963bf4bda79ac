"""Champions brought up to date, beside promotions and rollbacks, on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from demand_forecast.promotion import deployments
from tests.integration.database.recorded import committed, values
from tests.integration.database.test_deployments_at_once import at_once, recording
from trainer.database.schema import downgrade, migrate

pytestmark = pytest.mark.integration


def refit(name: str, parent: str, until: str = "2020-11-01T00:00:00+00:00") -> dict[str, str]:
    return {
        "region": "GR",
        "version": name,
        "run_id": f"refit/{name}",
        "parent": parent,
        "reason": f"{parent}, refitted.",
        "artifact_path": f"GR/models/{name}",
        "artifact_checksum": "f" * 64,
        "trained_from": "2017-01-01T00:00:00+00:00",
        "trained_to": until,
    }


def refitting(*arguments: str) -> Any:
    return lambda connection: deployments.record_refit(connection, refit(*arguments))


def roll_back(connection: Any, version: str, run_id: str) -> None:
    deployments.rollback(connection, region="GR", version=version, run_id=run_id, reason="Back.")


def champion_and_fallback(connection: Any) -> tuple[str, str | None]:
    champion = deployments.active(connection, "GR")
    assert champion is not None
    row = deployments.usable_at(connection, "GR", datetime.now(UTC), other_than=champion.version)
    return champion.version, row.version if row else None


def test_of_refits_at_once_one_serves(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        deployments.record(connection, values(1))

    at_once(database_url, *(refitting(name, "GR-1") for name in ("a", "b", "c")))

    rows = committed(database_url)
    assert rows[0] == ("GR-1", "archived")
    assert [status for _, status in rows[1:]] == ["active"]


def test_a_refit_beside_a_promotion_leaves_one_champion_and_never_the_refit_over_it(
    database_url: str,
) -> None:
    with psycopg.connect(database_url) as connection:
        deployments.record(connection, values(1))

    promotion, _ = at_once(database_url, recording(2, "GR-1"), refitting("a", "GR-1"))

    active = [version for version, status in committed(database_url) if status == "active"]
    assert active == ["GR-2" if promotion == "done" else "a"]


def test_a_refit_for_an_older_moment_follows_no_newer_one(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record_refit(connection, refit("a", "GR-1"))
    assert deployments.record_refit(connection, refit("b", "a", "2020-10-15T00:00:00+00:00")) is None
    assert deployments.record_refit(connection, refit("c", "GR-1", "2020-12-01T00:00:00+00:00")) is None
    assert champion_and_fallback(connection) == ("a", "GR-1")


def test_the_parent_is_the_fallback_of_its_refit(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))
    deployments.record_refit(connection, refit("a", "GR-2"))
    assert champion_and_fallback(connection) == ("a", "GR-2")


def test_a_refit_that_was_rolled_back_is_no_fallback_and_its_parent_is_refitted_again(
    connection: Any,
) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))
    deployments.record_refit(connection, refit("a", "GR-2"))
    roll_back(connection, "GR-2", "rollback-1")
    assert champion_and_fallback(connection) == ("GR-2", "GR-1")
    deployments.record_refit(connection, refit("b", "GR-2"))
    assert champion_and_fallback(connection) == ("b", "GR-2")


def test_with_a_refitted_model_all_of_its_kind_are_turned_away(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record_refit(connection, refit("a", "GR-1"))
    deployments.record(connection, values(2, over="GR-1"))
    deployments.record_refit(connection, refit("b", "GR-2"))
    roll_back(connection, "a", "rollback-1")
    assert champion_and_fallback(connection) == ("a", "GR-1")


def test_a_refit_that_was_brought_back_is_a_refit_of_the_same_model(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record_refit(connection, refit("a", "GR-1"))
    deployments.record(connection, values(2, over="GR-1"))
    roll_back(connection, "a", "rollback-1")
    champion = deployments.active(connection, "GR")
    assert champion is not None
    assert (champion.judged, champion.parent) == ("GR-1", None)
    deployments.record(connection, values(3, over="GR-1"))
    assert champion_and_fallback(connection) == ("GR-3", "a")


def test_a_rollback_names_refits_among_what_it_may_go_back_to(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record_refit(connection, refit("a", "GR-1"))
    with pytest.raises(deployments.DeploymentError, match=r"versions to go back to: GR-1, a$"):
        roll_back(connection, "GR-9", "rollback-1")


def test_the_migration_goes_back_and_forth_over_refits(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        deployments.record(connection, values(1))
        deployments.record_refit(connection, refit("a", "GR-1"))
    before = committed(database_url)
    downgrade(database_url, "0006")
    assert committed(database_url) == before
    migrate(database_url)
    with psycopg.connect(database_url) as connection:
        assert champion_and_fallback(connection) == ("a", "GR-1")
        deployments.record_refit(connection, refit("b", "a", "2020-12-01T00:00:00+00:00"))
        assert champion_and_fallback(connection) == ("b", "a")
