"""Promotions and refusals as the DAGs record them, on a real PostgreSQL."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Deployment, Status
from demand_forecast.promotion.deployments import DeploymentError
from tests.integration.database.recorded import committed, statuses, values

pytestmark = pytest.mark.integration

TRAINED_TO = datetime(2020, 10, 1, tzinfo=UTC)
"""What `values` says of every run, unless told otherwise."""
LATER = TRAINED_TO + timedelta(days=7)


def test_a_region_without_a_model_has_no_champion_and_no_history(connection: Any) -> None:
    assert deployments.active(connection, "GR") is None
    assert deployments.usable_at(connection, "GR", LATER) is None
    assert deployments.history(connection, "GR") == []


def test_the_first_model_becomes_champion_with_everything_that_was_said_of_it(connection: Any) -> None:
    deployments.record(connection, values(1))

    champion = deployments.active(connection, "GR")
    assert isinstance(champion, Deployment)
    assert (champion.version, champion.run_id, champion.status) == ("GR-1", "run-1", Status.ACTIVE)
    assert champion.reason == "MAPE 1.5 % against 2.0 %: it's {{ better }}."
    assert champion.metrics == {"challenger": {"mape": 1.5}, "champion": None}
    assert (champion.artifact_path, champion.artifact_checksum) == ("GR/models/GR-1", f"{1:064x}")
    assert champion.trained_to is not None
    assert champion.trained_to.isoformat() >= "2020-10-01"
    assert champion.archived_at is None


def test_a_promotion_archives_the_champion_it_was_measured_against(connection: Any) -> None:
    deployments.record(connection, values(1))

    deployments.record(connection, values(2, over="GR-1"))

    assert statuses(connection) == {"run-2": Status.ACTIVE, "run-1": Status.ARCHIVED}
    old = deployments.usable_at(connection, "GR", LATER, other_than="GR-2")
    assert old is not None
    assert old.version == "GR-1"
    assert old.archived_at is not None


@pytest.mark.parametrize(
    ("moment", "usable"),
    [
        (LATER, "GR-3"),
        (LATER - timedelta(hours=1), "GR-2"),
        (TRAINED_TO, "GR-2"),
        (TRAINED_TO - timedelta(hours=1), None),
    ],
)
def test_a_moment_may_use_the_last_champion_that_learned_from_nothing_after_it(
    connection: Any, moment: datetime, usable: str | None
) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))
    deployments.record(connection, values(3, over="GR-2", trained_to=LATER.isoformat()))
    deployments.record_rejection(connection, values(4, over="GR-3"))

    found = deployments.usable_at(connection, "GR", moment)

    assert (found and found.version) == usable


def test_the_champion_goes_before_a_later_decision_that_it_came_back_from(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record_rejection(connection, values(2, over="GR-1"))
    deployments.record(connection, values(3, over="GR-1"))
    deployments.record(connection, values(2, over="GR-3"))  # takes the place of its refusal

    found = deployments.usable_at(connection, "GR", LATER)

    assert found is not None
    assert (found.version, found.status) == ("GR-2", Status.ACTIVE)


def test_recording_the_same_run_again_changes_nothing(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))
    before = deployments.history(connection, "GR")

    again = deployments.record(connection, values(2, over="GR-1"))

    assert again == before[0]
    assert deployments.history(connection, "GR") == before


def test_recording_an_old_run_again_does_not_bring_it_back(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))
    before = deployments.history(connection, "GR")

    deployments.record(connection, values(1))

    assert deployments.history(connection, "GR") == before


def test_a_promotion_over_another_champion_than_the_one_measured_is_refused(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(2, over="GR-1"))

    with pytest.raises(DeploymentError, match=r"GR-3, measured against champion GR-1.*retraining again"):
        deployments.record(connection, values(3, over="GR-1"))

    assert statuses(connection) == {"run-2": Status.ACTIVE, "run-1": Status.ARCHIVED}


def test_a_candidate_that_was_turned_away_is_on_record_and_the_champion_stays(connection: Any) -> None:
    deployments.record(connection, values(1))

    row = deployments.record_rejection(
        connection,
        values(
            2,
            over="GR-1",
            artifact_path=None,
            artifact_checksum=None,
            trained_from=None,
            trained_to=None,
        ),
    )

    assert (row.status, row.artifact_path) == (Status.REJECTED, None)
    assert statuses(connection) == {"run-2": Status.REJECTED, "run-1": Status.ACTIVE}
    assert deployments.usable_at(connection, "GR", LATER, other_than="GR-1") is None


def test_turning_a_champion_away_afterwards_changes_nothing(connection: Any) -> None:
    deployments.record(connection, values(1))

    row = deployments.record_rejection(connection, values(1))

    assert row.status == Status.ACTIVE
    assert statuses(connection) == {"run-1": Status.ACTIVE}


def test_a_run_that_was_turned_away_can_be_promoted_after_all(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record_rejection(connection, values(2, over="GR-1"))

    deployments.record(connection, values(2, over="GR-1", reason="Promoted by force."))

    assert statuses(connection) == {"run-2": Status.ACTIVE, "run-1": Status.ARCHIVED}
    champion = deployments.active(connection, "GR")
    assert champion is not None
    assert champion.reason == "Promoted by force."


def test_regions_do_not_touch_each_other(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.record(connection, values(1, region="KR", version="KR-1"))

    deployments.record(connection, values(2, over="GR-1"))

    korean = deployments.active(connection, "KR")
    assert korean is not None
    assert korean.version == "KR-1"


def test_history_is_newest_first_and_can_be_cut(connection: Any) -> None:
    for number in (1, 2, 3):
        deployments.record(connection, values(number, over=f"GR-{number - 1}" if number > 1 else None))

    assert [row.version for row in deployments.history(connection, "GR", limit=2)] == ["GR-3", "GR-2"]


def test_figures_that_are_not_finite_are_refused_before_the_database_sees_them() -> None:
    with pytest.raises(ValueError, match="JSON"):
        values(1, metrics={"challenger": {"mape": float("nan")}})


def test_the_older_driver_serves_as_well(database_url: str) -> None:
    with closing(psycopg2.connect(database_url)) as connection:
        deployments.record(connection, values(1))
        deployments.record(connection, values(2, over="GR-1"))
        deployments.record_rejection(connection, values(3, over="GR-2"))
        with pytest.raises(DeploymentError, match="promoted meanwhile"):
            deployments.record(connection, values(4, over="GR-1"))
        row = deployments.rollback(
            connection, region="GR", version="GR-1", run_id="rollback-1", reason="Back."
        )

    assert row.metrics == {"challenger": {"mape": 1.5}, "champion": None}
    assert [status for _, status in committed(database_url)] == [
        "archived",
        "archived",
        "rejected",
        "active",
    ]
