"""What a source that fails or does not answer costs an hourly forecast, and what is said of it."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.steps.intraday.hourly import made
from trainer.steps.ingest import ingest
from trainer.store import Run

pytestmark = pytest.mark.integration


def test_a_dead_source_costs_its_new_hours_alone(
    run_at: Callable[..., Run], champions: None, tmp_path: Path, database: str
) -> None:
    ingest(run_at("2024-04-05 07:00"), source=None)
    facts = made(run_at("2024-04-05 10:00", source=str(tmp_path / "gone.csv"))).facts
    assert "gone.csv" in facts["ingest"]["error"]
    assert (facts["stale_hours"], facts["fallback"], facts["postgres_rows"]) == (3, "none", 6)


@pytest.fixture
def silent_source() -> Iterator[str]:
    """An address that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/demand.csv"


def test_a_source_that_does_not_answer_holds_nothing_back(
    run_at: Callable[..., Run], champions: None, silent_source: str, caplog: pytest.LogCaptureFixture
) -> None:
    ingest(run_at("2024-04-05 07:00"), source=None)
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        facts = made(run_at("2024-04-05 10:00", source=silent_source), ingest_seconds=1).facts
    assert time.monotonic() - began < 20
    assert facts["ingest"] == {"error": "the source had not been taken in after 1 s"}
    assert facts["postgres_rows"] == 6
    assert "no new actuals" in caplog.text
