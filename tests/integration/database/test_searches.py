"""Which search of a region counts as its last, by what its decisions have on record, on a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.searches import last_search
from tests.integration.database.recorded import values

pytestmark = pytest.mark.integration


def september(day: int) -> datetime:
    return datetime(2020, 9, day, tzinfo=UTC)


def search(day: int, *, trials: int = 20, epochs: int = 50) -> dict[str, Any]:
    return {"search": {"as_of": september(day).isoformat(), "trials": trials, "epochs": epochs}}


def last(connection: Any, region: str = "GR") -> datetime | None:
    """The last before the 26th that was worth 20 trials of 50 epochs."""
    return last_search(connection, region, before=september(26), trials=20, epochs=50)


@pytest.fixture
def champion(connection: Any) -> Any:
    """The region has one, whose run searched for the 5th."""
    deployments.record(connection, values(1, metrics=search(5)))
    return connection


def turned_away(connection: Any, number: int, metrics: Any) -> None:
    deployments.record_rejection(connection, values(number, over="GR-1", metrics=metrics))


def test_a_region_without_a_search_has_none(champion: Any) -> None:
    assert last(champion, "KR") is None


def test_one_counts_whoever_won(champion: Any) -> None:
    assert last(champion) == september(5)
    turned_away(champion, 2, search(12))
    assert last(champion) == september(12)


def test_a_training_that_kept_its_parameters_is_none(champion: Any) -> None:
    turned_away(champion, 2, {})
    assert last(champion) == september(5)


def test_what_a_run_searched_for_the_same_moment_or_later_does_not_count(champion: Any) -> None:
    turned_away(champion, 2, search(26))
    assert last(champion) == september(5)


@pytest.mark.parametrize("effort", [{"trials": 19}, {"epochs": 49}])
def test_one_of_less_effort_than_is_asked_does_not_count(champion: Any, effort: Any) -> None:
    turned_away(champion, 2, search(12, **effort))
    assert last(champion) == september(5)


@pytest.mark.parametrize(
    "damaged",
    [
        {"search": {"as_of": "last week", "trials": 20, "epochs": 50}},
        {"search": {"as_of": 7, "trials": 20, "epochs": 50}},
        {"search": {"trials": 20, "epochs": 50}},
        {"search": {"as_of": "2020-09-12T00:00:00+00:00", "trials": None, "epochs": 50}},
        {"search": "2020-09-12"},
        {"search": None},
    ],
)
def test_one_whose_record_is_damaged_does_not_count(champion: Any, damaged: Any) -> None:
    turned_away(champion, 2, damaged)
    assert last(champion) == september(5)
