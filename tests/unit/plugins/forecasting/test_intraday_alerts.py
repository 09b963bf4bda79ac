"""What people are told of an hourly product whose source brought nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from demand_forecast.alerts import notify
from demand_forecast.forecasting.intraday import tell_of_intraday
from trainer.contract import Product, load_regions

KR = load_regions({})["KR"]
HOURLY = Product.parse("KR", "intraday", {"every": "1h", "hours": 6})
FACTS: dict[str, Any] = {
    "version": "KR-1",
    "fallback": "none",
    "fallback_reasons": [],
    "model_age_days": 1.0,
    "origin": "2024-04-05T01:00:00+00:00",
    "horizon": 6,
}


@pytest.fixture
def told(configure: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Title and body of each alert."""
    configure()
    alerts: list[tuple[str, str]] = []
    monkeypatch.setattr(notify, "send", lambda title, body, *, kind: alerts.append((title, body)))
    return alerts


def tell(**facts: Any) -> None:
    context: Any = {"dag_run": SimpleNamespace(dag_id="forecast_KR_intraday", run_id="1")}
    tell_of_intraday(context, {"facts": {**FACTS, **facts}}, region=KR, product=HOURLY)


@pytest.mark.parametrize(
    ("stale_hours", "missing"),
    [(3, "the last 3 h before 2024-04-05T01:00:00+00:00 are missing."), (0, "none before 2024-04-05T01")],
)
def test_a_dead_source_is_told_with_the_hours_that_it_cost(
    told: list[tuple[str, str]], stale_hours: int, missing: str
) -> None:
    tell(stale_hours=stale_hours, ingest={"error": "gone", "failed": "source"})
    ((title, body),) = told
    assert title == f"{KR.title}, intraday: the source brought nothing"
    assert body.startswith("gone\n")
    assert missing in body


def test_a_postgresql_that_failed_is_not_called_a_source_that_brought_nothing(
    told: list[tuple[str, str]],
) -> None:
    tell(stale_hours=3, ingest={"error": "PostgreSQL went away", "failed": "postgresql"})
    ((title, body),) = told
    assert title == f"{KR.title}, intraday: PostgreSQL failed while the source was taken in"
    assert body.startswith("PostgreSQL went away\n")


def test_a_source_that_was_taken_in_alerts_nobody(told: list[tuple[str, str]]) -> None:
    tell(stale_hours=0, ingest={"written": 1, "judged": 1, "last_actual": "2024-04-05T00:00:00+00:00"})
    assert told == []


def test_a_run_that_kept_what_was_published_alerts_nobody(told: list[tuple[str, str]]) -> None:
    kept = {"origin": "2024-04-05T01:00:00+00:00", "run_id": "1", "published_at": "2024-04-05T01:00:09+00:00"}
    context: Any = {"dag_run": SimpleNamespace(dag_id="forecast_KR_intraday", run_id="2")}
    tell_of_intraday(context, {"facts": {"kept": kept}}, region=KR, product=HOURLY)
    assert told == []
