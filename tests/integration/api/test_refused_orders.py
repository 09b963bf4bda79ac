"""What is said of a forecast that was ordered and cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.api.orders import AS_OF, history, weather
from tests.integration.api.running import Running
from trainer.api.orders import MOST_DAYS

pytestmark = pytest.mark.integration


def test_now_without_recent_actuals_names_what_is_missing_and_the_way_out(
    api: Running,
) -> None:
    answer = api.client.post("/api/predict", json={"region": "KR"})
    assert answer.status_code == 409
    assert answer.json()["type"].endswith(":stored-history-insufficient")
    assert "as_of" in answer.json()["mend"]


def test_a_horizon_without_weather_is_refused_by_name_where_no_twin_may_stand_in(api: Running) -> None:
    order = {"region": "KR", "history": history(), "weather": [], "allow_fallback": False}
    answer = api.client.post("/api/predict", json=order)
    assert answer.status_code == 422
    assert "temperature" in answer.json()["detail"]


def test_a_region_without_a_champion_names_the_dag_that_makes_one(start: Callable[..., Running]) -> None:
    api = start(champion=None)
    api.wait_for(lambda body: body["status"] == "ok")
    answer = api.client.post("/api/predict", json={"region": "KR"})
    assert answer.status_code == 409
    assert "weekly_retrain_KR" in answer.json()["mend"]


def _refused(**change: Any) -> dict[str, Any]:
    return {"region": "KR", "as_of": AS_OF, **change}


@pytest.mark.parametrize(
    ("order", "status", "kind"),
    [
        (_refused(region="XX"), 404, "unknown-region"),
        (_refused(horizon_hours=0), 422, "invalid-request"),
        (_refused(horizon_hours=169), 422, "invalid-request"),
        (_refused(horizon="24"), 422, "invalid-request"),
        (_refused(history=[]), 422, "invalid-request"),
        (_refused(history=history(1) * 2), 422, "invalid-request"),
        (_refused(history=[{"time": "2023-10-30T15:30:00Z", "demand_mw": 1.0}]), 422, "invalid-request"),
        (_refused(history=[{"time": "2023-10-30T15:00", "demand_mw": 1.0}]), 422, "invalid-request"),
        (_refused(history=[{"time": "2023-10-30T14:00Z", "demand_mw": "1.0"}]), 422, "invalid-request"),
        (_refused(history=[{"time": "2023-10-30T14:00Z", "demand_mw": -1.0}]), 422, "unusable-history"),
        (_refused(history=[{"time": "1999-10-30T14:00Z", "demand_mw": 1.0}]), 422, "hour-out-of-reach"),
        (_refused(weather=[{"time": AS_OF, "weather": {"wind": 3.0}}]), 422, "unknown-weather"),
        (_refused(as_of=None, history=[{"time": AS_OF, "demand_mw": None}]), 422, "unusable-history"),
        (_refused(history=history(10)), 422, "unusable-history"),
    ],
)
def test_an_order_that_cannot_be_filled_names_its_fault(
    api: Running, order: dict[str, Any], status: int, kind: str
) -> None:
    answer = api.client.post("/api/predict", json=order)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, kind)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["mend"]


def test_a_quarter_of_history_is_the_most(api: Running) -> None:
    order = {"region": "KR", "history": history(MOST_DAYS), "weather": weather()}
    assert api.client.post("/api/predict", json=order).status_code == 200
    order["history"] = [*history(MOST_DAYS + 1)]
    assert api.client.post("/api/predict", json=order).status_code == 422


def test_a_body_beyond_the_limit_is_refused_unread(api: Running) -> None:
    answer = api.client.post("/api/predict", content=b"x" * 1_048_577)
    assert answer.status_code == 413
    assert answer.json()["type"].endswith(":body-too-large")


def test_a_body_that_is_no_json_is_told_so(api: Running) -> None:
    answer = api.client.post("/api/predict", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["where"].startswith("body")
