"""What people are told of a forecast that is a fallback."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from demand_forecast.forecasting.forecast_alerts import alerts_of_forecast
from trainer.contract import load_regions

KR = load_regions({})["KR"]
FACTS: dict[str, Any] = {
    "version": "KR-1",
    "fallback": "weatherless",
    "fallback_reasons": ["KR-1 cannot forecast all hours: no temperature"],
    "origin": "2024-04-05T00:00:00+00:00",
    "stale_hours": 0,
}


@pytest.mark.parametrize(
    ("more", "begins"),
    [
        (
            {"fallback_from": 73, "first_lead_time": 1},
            "Made with KR-1 and, from 73 h ahead on, its twin, because",
        ),
        ({"fallback_from": 15, "first_lead_time": 15}, "Made with KR-1, because"),
        ({}, "Made with KR-1, because"),
    ],
    ids=["of later hours", "of all hours", "of the release before"],
)
def test_an_alert_tells_from_when_on_a_fallback_made_the_forecast(
    more: dict[str, int], begins: str, configure: Any
) -> None:
    configure()
    run: Any = SimpleNamespace(dag_id="daily_forecast_KR", run_id="1")
    (alert,) = alerts_of_forecast(KR, None, {**FACTS, **more}, dag_run=run)
    assert alert.title == f"{KR.title}: the forecast is a fallback (weatherless)"
    assert alert.body.startswith(f"{begins}:\nKR-1 cannot forecast all hours: no temperature\n")
