"""Each score keeps the comparison of every live shadow, for the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.integration.steps.shadow_comparisons.record import DAYS, Speak, crown, midnight
from tests.integration.steps.stores import values
from trainer.contract import Region, Shadow
from trainer.database import connect
from trainer.database.connection import Connection
from trainer.model.shadow_comparison import Comparison
from trainer.steps.score import score
from trainer.steps.shadow_comparisons import compared
from trainer.store import Run

pytestmark = pytest.mark.integration
KEPT = "SELECT (comparison ->> 'hours')::integer, compared_at IS NULL FROM shadow_models WHERE name = 'naive'"


def test_once_another_model_is_champion_no_comparison_is_kept(run: Run, speak: Speak, database: str) -> None:
    for day in DAYS:
        speak(day)
    score(run, days=2)
    assert values(database, KEPT) == [(144, False)]
    crown(database, "T-9", over="T-1")
    assert score(run, days=2).facts["shadow_hours"] == {"naive": 0}
    assert values(database, KEPT) == [(None, True)]


def test_a_score_of_earlier_days_does_not_replace_it(run: Run, speak: Speak, database: str) -> None:
    for day in DAYS:
        speak(day)
    score(run, days=2)
    earlier = replace(run, run_id="daily/13", as_of=midnight("2024-03-13", run.region))
    score(earlier, days=2)
    assert values(database, KEPT) == [(144, False)]


def test_a_shadow_that_cannot_be_compared_leaves_the_others_their_comparison(
    run: Run, speak: Speak, candidate: Shadow, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in DAYS:
        speak(day)

    def broken(connection: Connection, region: Region, shadow: str, *, until: datetime) -> Comparison | None:
        if shadow == "candidate":
            connection.execute("SELECT 1 / 0")
        return compared(connection, region, shadow, until=until)

    with connect(database) as connection:
        connection.execute("UPDATE shadow_models SET added_at = '2024-01-01' WHERE name = 'candidate'")
    monkeypatch.setattr("trainer.steps.shadow_comparisons.compared", broken)
    assert score(run, days=2).facts["shadow_hours"] == {"naive": 144}
    assert values(database, KEPT) == [(144, False)]


def test_a_score_keeps_each_live_shadow_s_comparison(run: Run, speak: Speak, database: str) -> None:
    for day in DAYS:
        speak(day)
    facts = score(run, days=2).facts
    assert facts["shadow_hours"] == {"naive": 144}
    ((kept,),) = values(database, "SELECT comparison FROM shadow_models WHERE compared_at IS NOT NULL")
    assert (kept["hours"], kept["shadow"]["mape"]) == (144, pytest.approx(2.0))


def test_what_is_scored_is_what_was_served(run: Run, speak: Speak, database: str) -> None:
    for day in DAYS:
        speak(day)
    metrics = score(run, days=2).metrics
    assert [day["mape"] for day in metrics.values()] == [pytest.approx(4.0)] * 2
    assert values(database, "SELECT DISTINCT model_version FROM model_metrics") == [("T-1",)]
