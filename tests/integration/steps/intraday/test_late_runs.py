"""A run that comes after the product's next moment, such as one that is cleared weeks later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.integration.steps.intraday.hourly import files, made, rows
from tests.integration.steps.stores import values
from trainer.contract import Shadow, ShadowKind, manifest_path, model_folder
from trainer.database import connect
from trainer.database.shadows import store_shadow
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

MOMENT, NEXT = "2024-04-05 10:00", datetime.fromisoformat("2024-04-05T11:00:00+09:00")
WITHIN_IT = datetime.fromisoformat("2024-04-05T10:59:00+09:00")
MUCH_LATER = datetime.fromisoformat("2024-05-05T10:00:00+09:00")


@pytest.fixture
def published(run_at: Callable[..., Run], champions: None, store: Store) -> Run:
    """A run of MOMENT, after which the champion is lost: a forecast of now is another model's."""
    run = run_at(MOMENT)
    made(run)
    store.remove(model_folder("T", "T-1"))
    return run


def versions(database: str) -> set[str]:
    return set(rows(database, MOMENT)["model_version"])


def test_before_the_next_moment_it_replaces_what_was_published(published: Run, database: str) -> None:
    facts = made(published, now=WITHIN_IT).facts
    assert (facts["late"], facts["version"]) == (False, "T-0")
    assert versions(database) == {"T-0"}


@pytest.mark.parametrize("now", [NEXT, MUCH_LATER])
def test_from_then_on_what_was_said_stays_and_the_run_says_who_said_it(
    published: Run, database: str, now: datetime
) -> None:
    with connect(database) as connection:
        store_shadow(
            connection, "T", Shadow(name="naive", kind=ShadowKind.BASELINE), added_by="Kim", reason="-"
        )
    facts = made(replace(published, run_id="cleared"), now=now).facts
    (published_at,) = {row[0] for row in values(database, "SELECT created_at FROM predictions")}
    assert facts == {
        "kept": {
            "origin": "2024-04-05T01:00:00+00:00",
            "run_id": published.run_id,
            "published_at": published_at.astimezone(UTC).isoformat(timespec="seconds"),
        }
    }
    assert versions(database) == {"T-1"}
    assert values(database, "SELECT count(*) FROM shadow_predictions") == [(0,)]


def test_its_manifest_is_there_to_be_verified(published: Run, store: Store) -> None:
    cleared = replace(published, run_id="cleared")
    made(cleared, now=MUCH_LATER)
    assert cleared.require("intraday").run_id == "cleared"
    assert files(store) == [manifest_path("T", str(cleared.kept_under), "intraday")]


def test_where_nothing_was_published_it_is_a_replay_and_says_so(
    run_at: Callable[..., Run], champions: None, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    facts = made(run_at(MOMENT), now=MUCH_LATER).facts
    assert (facts["late"], facts["postgres_rows"]) == (True, 6)
    assert versions(database) == {"T-1"}
    assert "a replay" in caplog.text
