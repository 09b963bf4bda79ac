"""What a source that fails or does not answer costs an hourly forecast, and what is said of it."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.steps.intraday.hourly import made
from trainer.database import connect
from trainer.steps.ingest import ingest
from trainer.store import Run

pytestmark = pytest.mark.integration


def test_a_dead_source_costs_its_new_hours_alone(
    run_at: Callable[..., Run], champions: None, tmp_path: Path, database: str
) -> None:
    ingest(run_at("2024-04-05 07:00"), source=None)
    facts = made(run_at("2024-04-05 10:00", source=str(tmp_path / "gone.csv"))).facts
    assert facts["ingest"]["failed"] == "source"
    assert "gone.csv does not exist or is no file; name another" in facts["ingest"]["error"]
    assert "--csv" not in facts["ingest"]["error"], "which the verb does not take"
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
    assert facts["ingest"] == {"error": "the source had not been taken in after 1 s", "failed": "source"}
    assert facts["postgres_rows"] == 6
    assert "no new actuals" in caplog.text


def test_a_server_of_the_source_that_refuses_is_the_source_s_fault(
    run_at: Callable[..., Run], champions: None
) -> None:
    ingest(run_at("2024-04-05 07:00"), source=None)
    facts = made(run_at("2024-04-05 10:00", source="http://127.0.0.1:9/demand.csv")).facts
    assert facts["ingest"]["failed"] == "source"
    assert "127.0.0.1:9/demand.csv cannot be read" in facts["ingest"]["error"]


@pytest.mark.parametrize("code", ["57P01", "42501"], ids=["it goes away", "it denies a right"])
def test_a_postgresql_that_does_not_take_the_hours_is_not_called_a_source_without_any(
    run_at: Callable[..., Run], champions: None, database: str, code: str
) -> None:
    ingest(run_at("2024-04-05 07:00"), source=None)
    with connect(database) as connection:
        connection.execute(
            f"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN RAISE 'not now' USING ERRCODE = '{code}'; END$$;
            CREATE TRIGGER refuse BEFORE INSERT ON raw_demand EXECUTE FUNCTION refuse()
            """.encode()
        )
    facts = made(run_at("2024-04-05 10:00")).facts
    assert facts["ingest"]["failed"] == "postgresql"
    assert "not now" in facts["ingest"]["error"]
    assert (facts["stale_hours"], facts["postgres_rows"]) == (3, 6)
