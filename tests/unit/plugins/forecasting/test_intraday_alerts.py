"""What people are told of an hourly product whose source brought nothing."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from demand_forecast.forecasting import standing_alerts
from demand_forecast.forecasting.intraday import alerts_of_intraday, tell_of_intraday
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

Told = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def told(configure: Any) -> Told:
    """Title and body of each alert."""
    configure()

    def tell(**facts: Any) -> list[tuple[str, str]]:
        run: Any = SimpleNamespace(dag_id="forecast_KR_intraday", run_id="1")
        alerts = alerts_of_intraday(KR, HOURLY, {**FACTS, **facts}, dag_run=run)
        return [(alert.title, alert.body) for alert in alerts]

    return tell


@pytest.mark.parametrize(
    ("stale_hours", "missing"),
    [(3, "the last 3 h before 2024-04-05T01:00:00+00:00 are missing."), (0, "none before 2024-04-05T01")],
)
def test_a_dead_source_is_told_with_the_hours_that_it_cost(
    told: Told, stale_hours: int, missing: str
) -> None:
    ((title, body),) = told(stale_hours=stale_hours, ingest={"error": "gone", "failed": "source"})
    assert title == f"{KR.title}, intraday: the source brought nothing"
    assert body.startswith("gone\n")
    assert missing in body


def test_a_postgresql_that_failed_is_not_called_a_source_that_brought_nothing(
    told: Told,
) -> None:
    ((title, body),) = told(stale_hours=3, ingest={"error": "PostgreSQL went away", "failed": "postgresql"})
    assert title == f"{KR.title}, intraday: PostgreSQL failed while the source was taken in"
    assert body.startswith("PostgreSQL went away\n")


def test_a_source_that_was_taken_in_alerts_nobody(told: Told) -> None:
    assert told(stale_hours=0, ingest={"written": 1, "judged": 1, "last_actual": None}) == []


def test_old_actuals_of_an_hourly_product_ask_nobody_to_clear_a_run(
    told: Told,
) -> None:
    ((title, body),) = told(stale_hours=25, ingest={"written": 0, "judged": 0, "last_actual": None})
    assert title == f"{KR.title}, intraday: the forecast is made from old actuals"
    assert "the next run asks it again" in body
    assert "clear" not in body


def test_a_run_that_kept_what_was_published_alerts_nobody_and_ends_no_alert(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(standing_alerts, "tell", lambda *_, **__: pytest.fail("it told"))
    kept = {"origin": "2024-04-05T01:00:00+00:00", "run_id": "1", "published_at": "2024-04-05T01:00:09+00:00"}
    context: Any = {"dag_run": SimpleNamespace(dag_id="forecast_KR_intraday", run_id="2")}
    tell_of_intraday(context, {"facts": {"kept": kept}}, region=KR, product=HOURLY)
