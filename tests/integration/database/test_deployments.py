"""Promotions, refusals and rollbacks as the DAGs record them, on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import psycopg2
import pytest

from demand_forecast import deployments
from demand_forecast.deployments import Deployment, DeploymentError, Status
from demand_forecast.sql import RECORD_DEPLOYMENT, ROLL_BACK, statement

pytestmark = pytest.mark.integration


@pytest.fixture
def connection(database_url: str) -> Iterator[Any]:
    """As PostgresHook gives it: psycopg 3, not in autocommit mode."""
    with psycopg.connect(database_url) as opened:
        yield opened


def values(number: int, *, over: str | None = None, **changes: Any) -> dict[str, str | None]:
    """The parameters for run `number`, whose model was measured against the champion `over`."""
    given: dict[str, Any] = {
        "region": "GR",
        "version": f"GR-{number}",
        "run_id": f"run-{number}",
        "reason": "MAPE 1.5 % against 2.0 %: it's {{ better }}.",
        "metrics": {"challenger": {"mape": 1.5}, "champion": None},
        "champion_version": over,
        "artifact_path": f"GR/models/GR-{number}",
        "artifact_checksum": f"{number:064x}",
        "trained_from": "2017-01-01T00:00:00+00:00",
        "trained_to": "2020-10-01T02:00:00+02:00",
    }
    return deployments.parameters(**{**given, **changes})


def statuses(connection: Any) -> dict[str, Status]:
    return {row.run_id: row.status for row in deployments.history(connection, "GR")}


def committed(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as other:
        return other.execute("SELECT version, status FROM model_deployments ORDER BY id").fetchall()


def test_a_region_without_a_model_has_no_champion_and_no_history(connection: Any) -> None:
    assert deployments.active(connection, "GR") is None
    assert deployments.previous(connection, "GR") is None
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
    old = deployments.previous(connection, "GR")
    assert old is not None
    assert old.version == "GR-1"
    assert old.archived_at is not None


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

    row = deployments.keep(
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
    assert deployments.previous(connection, "GR") is None


def test_turning_a_champion_away_afterwards_changes_nothing(connection: Any) -> None:
    deployments.record(connection, values(1))

    row = deployments.keep(connection, values(1))

    assert row.status == Status.ACTIVE
    assert statuses(connection) == {"run-1": Status.ACTIVE}


def test_a_run_that_was_turned_away_can_be_promoted_after_all(connection: Any) -> None:
    deployments.record(connection, values(1))
    deployments.keep(connection, values(2, over="GR-1"))

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
    fallback = deployments.previous(connection, "GR")
    assert fallback is not None
    assert fallback.version == "GR-2"


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
    deployments.keep(connection, values(3, over="GR-2"))
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


def test_figures_that_are_not_finite_are_refused_before_the_database_sees_them() -> None:
    with pytest.raises(ValueError, match="JSON"):
        values(1, metrics={"challenger": {"mape": float("nan")}})


def test_the_older_driver_serves_as_well(database_url: str) -> None:
    with closing(psycopg2.connect(database_url)) as connection:
        deployments.record(connection, values(1))
        deployments.record(connection, values(2, over="GR-1"))
        deployments.keep(connection, values(3, over="GR-2"))
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


# Faults


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
    database_url: str, names: tuple[str, str]
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


# Concurrency


def at_once(url: str, *calls: Any) -> list[str]:
    """Each call on a connection of its own, all started together; what each came to."""
    barrier = threading.Barrier(len(calls))
    outcomes: list[str] = [""] * len(calls)

    def run(place: int) -> None:
        with psycopg.connect(url) as connection:
            barrier.wait()
            try:
                calls[place](connection)
            except DeploymentError:
                outcomes[place] = "refused"
            else:
                outcomes[place] = "done"

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def recording(number: int, over: str | None) -> Any:
    return lambda connection: deployments.record(connection, values(number, over=over))


@pytest.mark.parametrize("over", [None, "GR-1"], ids=["first models", "challengers"])
def test_of_promotions_at_once_one_wins_and_the_others_are_refused(
    database_url: str, over: str | None
) -> None:
    if over:
        with psycopg.connect(database_url) as connection:
            deployments.record(connection, values(1))

    outcomes = at_once(database_url, *(recording(number, over) for number in (2, 3, 4, 5)))

    assert sorted(outcomes) == ["done", "refused", "refused", "refused"]
    assert [row[1] for row in committed(database_url)].count("active") == 1
    assert len(committed(database_url)) == (2 if over else 1)


def test_the_same_run_recorded_twice_at_once_is_recorded_once(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        deployments.record(connection, values(1))

    outcomes = at_once(database_url, recording(2, "GR-1"), recording(2, "GR-1"))

    assert "done" in outcomes
    assert committed(database_url) == [("GR-1", "archived"), ("GR-2", "active")]


def test_a_promotion_waits_for_the_one_under_way_and_then_is_refused(database_url: str) -> None:
    with psycopg.connect(database_url) as first, psycopg.connect(database_url) as second:
        deployments.record(first, values(1))
        for name in RECORD_DEPLOYMENT:
            first.execute(statement(name), values(2, over="GR-1"))
        outcome: list[BaseException] = []

        def challenge() -> None:
            try:
                deployments.record(second, values(3, over="GR-1"))
            except DeploymentError as error:
                outcome.append(error)

        thread = threading.Thread(target=challenge)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the second promotion must wait for the first"
        first.commit()
        thread.join()

    assert len(outcome) == 1
    assert committed(database_url) == [("GR-1", "archived"), ("GR-2", "active")]


def test_a_promotion_goes_ahead_when_the_one_it_waited_for_is_taken_back(database_url: str) -> None:
    with psycopg.connect(database_url) as first, psycopg.connect(database_url) as second:
        deployments.record(first, values(1))
        for name in RECORD_DEPLOYMENT:
            first.execute(statement(name), values(2, over="GR-1"))
        thread = threading.Thread(target=deployments.record, args=(second, values(3, over="GR-1")))
        thread.start()
        first.rollback()
        thread.join()

    assert committed(database_url) == [("GR-1", "archived"), ("GR-3", "active")]
