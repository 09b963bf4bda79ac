"""Promotions at the same time: one wins, and the others are refused."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployments import DeploymentError
from demand_forecast.promotion.sql import RECORD_DEPLOYMENT, statement
from tests.integration.database.recorded import committed, values

pytestmark = pytest.mark.integration


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
