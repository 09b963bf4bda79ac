"""Forecasts on demand: from stored and from given history, and what goes into them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from tests.integration.api.orders import AS_OF, history, weather
from tests.integration.api.running import Models, Running
from tests.integration.api.sample import LAST_MIDNIGHT, actuals
from trainer.contract import Judgement
from trainer.data.quality import Overruling
from trainer.database.connection import connect
from trainer.database.judgements import record_overruling
from trainer.model.artifact import load_artifact, load_twin

pytestmark = pytest.mark.integration


def finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(finite(part) for part in value.values())
    if isinstance(value, list):
        return all(finite(part) for part in value)
    return not isinstance(value, float) or math.isfinite(value)


def test_a_forecast_from_stored_history_is_what_the_champion_says(api: Running, models: Models) -> None:
    answer = api.client.post("/api/predict", json={"region": "KR", "as_of": AS_OF, "horizon_hours": 48})
    body = answer.json()
    assert answer.status_code == 200
    assert (body["model_version"], body["fallback"], body["fallback_reasons"]) == ("KR-v1", "none", [])
    assert body["local_origin"] == "2023-10-31T00:00:00+09:00"
    assert body["model_age_days"] == 0
    expected = load_artifact(models("KR-v1")[0]).forecast(
        actuals(63, days_ahead=8), pd.Timestamp(LAST_MIDNIGHT), 48
    )
    assert [hour["forecast_mw"] for hour in body["hours"]] == pytest.approx(list(expected["forecast"]))
    for hour in body["hours"]:
        parts = hour["trend_mw"] + hour["seasonality_mw"] + hour["residual_mw"]
        assert parts == pytest.approx(hour["forecast_mw"])


def test_history_given_in_the_request_says_the_same_as_stored_history(api: Running) -> None:
    stored = api.client.post("/api/predict", json={"region": "KR", "as_of": AS_OF}).json()
    given = api.client.post(
        "/api/predict", json={"region": "KR", "history": history(), "weather": weather()}
    ).json()
    assert given["origin"] == stored["origin"]
    expected = [hour["forecast_mw"] for hour in stored["hours"]]
    assert [hour["forecast_mw"] for hour in given["hours"]] == pytest.approx(expected)


def test_weather_given_in_the_request_goes_before_the_stored(api: Running) -> None:
    order = {"region": "KR", "as_of": AS_OF}
    hot = [{**row, "weather": {"temperature": 39.0, "humidity": 20.0}} for row in weather(24)]
    usual = api.client.post("/api/predict", json=order).json()["hours"]
    heat = api.client.post("/api/predict", json={**order, "weather": hot}).json()["hours"]
    assert [hour["forecast_mw"] for hour in heat] != [hour["forecast_mw"] for hour in usual]


@pytest.mark.parametrize("horizon", [1, 168])
def test_every_horizon_up_to_a_week_is_answered_hour_by_hour(api: Running, horizon: int) -> None:
    body = api.client.post(
        "/api/predict", json={"region": "KR", "as_of": AS_OF, "horizon_hours": horizon}
    ).json()
    assert [hour["lead_time_hours"] for hour in body["hours"]] == list(range(1, horizon + 1))
    assert finite(body)


def test_a_row_that_changes_changes_the_next_forecast(start: Callable[..., Running]) -> None:
    api = start()
    order = {"region": "KR", "as_of": AS_OF}
    before = api.client.post("/api/predict", json=order).json()
    assert api.client.post("/api/predict", json=order).json() == before
    with connect(api.database_url) as connection:
        connection.execute(
            "UPDATE raw_demand SET demand_mw = demand_mw * 1.1, ingested_at = now() WHERE time >= %s",
            (LAST_MIDNIGHT - timedelta(days=3),),
        )
    after = api.client.post("/api/predict", json=order).json()
    assert after["hours"] != before["hours"]


def overrule(api: Running, judgement: Judgement, first: timedelta, last: timedelta) -> None:
    begin, end = pd.Timestamp(LAST_MIDNIGHT - first), pd.Timestamp(LAST_MIDNIGHT - last)
    said = Overruling(begin, end, judgement, "Kim", "seen on site")
    with connect(api.database_url) as connection:
        record_overruling(connection, said, region="KR")


def hours(api: Running) -> list[float]:
    answer = api.client.post("/api/predict", json={"region": "KR", "as_of": AS_OF})
    assert answer.status_code == 200, answer.text
    return [hour["forecast_mw"] for hour in answer.json()["hours"]]


def test_hours_that_a_person_rejects_are_left_out_of_the_next_forecast(start: Callable[..., Running]) -> None:
    api = start()
    believed = hours(api)
    overrule(api, Judgement.REJECTED, timedelta(hours=6), timedelta(hours=1))
    rejected = hours(api)
    with connect(api.database_url) as connection:
        connection.execute(
            "UPDATE raw_demand SET demand_mw = NULL, ingested_at = now() WHERE time >= %s AND time < %s",
            (LAST_MIDNIGHT - timedelta(hours=6), LAST_MIDNIGHT),
        )
    assert rejected != believed
    assert rejected == pytest.approx(hours(api))


def test_hours_that_a_person_accepts_are_looked_back_on_whatever_the_rules_think(
    start: Callable[..., Running],
) -> None:
    api = start()
    with connect(api.database_url) as connection:
        connection.execute(
            "UPDATE raw_demand SET demand_mw = 45000, ingested_at = now() WHERE time >= %s",
            (LAST_MIDNIGHT - timedelta(days=2),),
        )
    doubted = hours(api)
    overrule(api, Judgement.ACCEPTED, timedelta(days=2), timedelta(hours=1))
    assert sum(hours(api)) < 0.97 * sum(doubted)
    overrule(api, Judgement.REJECTED, timedelta(days=2), timedelta(hours=1))
    assert hours(api) == pytest.approx(doubted)


def test_demand_below_zero_that_a_person_accepts_is_forecast_by_the_baseline_until_a_training_reads_it(
    start: Callable[..., Running],
) -> None:
    api = start()
    with connect(api.database_url) as connection:
        connection.execute(
            "UPDATE raw_demand SET demand_mw = -demand_mw, ingested_at = now() WHERE time >= %s",
            (LAST_MIDNIGHT - timedelta(days=8),),
        )
    overrule(api, Judgement.ACCEPTED, timedelta(days=8), timedelta(hours=1))
    answer = api.client.post("/api/predict", json={"region": "KR", "as_of": AS_OF}).json()
    assert (answer["fallback"], answer["model_version"]) == ("baseline", "seasonal-naive-168h")
    assert answer["model_age_days"] is None
    (reason,) = answer["fallback_reasons"]
    assert reason.startswith("KR-v1 cannot forecast: it models the logarithm of demand")
    assert "168 of the 168 hours measured in the last 7 days are at or below zero" in reason
    assert max(hour["forecast_mw"] for hour in answer["hours"]) < 0
    order = {"region": "KR", "as_of": AS_OF, "allow_fallback": False}
    refused = api.client.post("/api/predict", json=order)
    assert refused.status_code == 409
    assert refused.json()["mend"].endswith("or set allow_fallback")


def test_a_history_of_net_load_is_taken_as_a_stored_one_is(api: Running) -> None:
    rows = history()
    for row in rows:
        row["demand_mw"] -= 60_000  # as behind solar panels: below zero for half of each day
    order = {"region": "KR", "history": rows, "weather": weather()}
    answer = api.client.post("/api/predict", json=order)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["fallback"] == "baseline"
    assert "are at or below zero" in body["fallback_reasons"][0]
    assert min(hour["forecast_mw"] for hour in body["hours"]) < 0


def test_a_zero_in_a_given_history_that_never_has_one_is_left_out(api: Running) -> None:
    rows = history()
    order = {"region": "KR", "history": rows, "weather": weather()}
    rows[-6]["demand_mw"] = None
    unknown = api.client.post("/api/predict", json=order).json()
    rows[-6]["demand_mw"] = 0.0
    zero = api.client.post("/api/predict", json=order).json()
    assert zero == unknown


def test_nothing_after_as_of_is_read(start: Callable[..., Running]) -> None:
    api = start()
    earlier = LAST_MIDNIGHT - timedelta(days=2)
    order = {"region": "KR", "as_of": earlier.isoformat()}
    before = api.client.post("/api/predict", json=order).json()["hours"]
    with connect(api.database_url) as connection:
        connection.execute("UPDATE raw_demand SET demand_mw = 1 WHERE time >= %s", (earlier,))
    assert api.client.post("/api/predict", json=order).json()["hours"] == before


def test_weather_that_ends_before_the_horizon_is_carried_on(api: Running) -> None:
    order = {"region": "KR", "history": history(), "weather": weather(12)}
    answer = api.client.post("/api/predict", json=order)
    assert answer.status_code == 200
    assert len(answer.json()["hours"]) == 24


def test_a_horizon_without_weather_is_forecast_by_the_weatherless_twin(api: Running, models: Models) -> None:
    answer = api.client.post("/api/predict", json={"region": "KR", "history": history(), "weather": []})
    body = answer.json()
    assert (body["model_version"], body["fallback"]) == ("KR-v1-weatherless", "weatherless")
    assert "temperature, which is missing for 24 of the 24 hours" in body["fallback_reasons"][0]
    expected = load_twin(models("KR-v1")[0]).forecast(actuals(63), pd.Timestamp(LAST_MIDNIGHT), 24)
    assert [hour["forecast_mw"] for hour in body["hours"]] == pytest.approx(list(expected["forecast"]))


def test_days_with_weather_are_the_champion_s_and_those_after_its_twin_s(api: Running) -> None:
    order = {"region": "KR", "history": history(), "weather": weather(24), "horizon_hours": 72, "paths": 3}
    body = api.client.post("/api/predict", json=order).json()
    assert (body["model_version"], body["fallback"], body["fallback_from"]) == ("KR-v1", "weatherless", 49)
    assert "KR-v1 cannot forecast all hours: " in body["fallback_reasons"][0]
    assert [len(path) for path in body["paths"]] == [72] * 3
    two_days = api.client.post("/api/predict", json={**order, "horizon_hours": 48}).json()
    assert (two_days["fallback"], two_days["fallback_from"]) == ("none", None)
    assert [hour["forecast_mw"] for hour in body["hours"][:48]] == [
        hour["forecast_mw"] for hour in two_days["hours"]
    ]
