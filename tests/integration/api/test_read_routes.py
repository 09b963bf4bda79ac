"""The read routes over a real PostgreSQL: what each answers of forecasts, actuals and models."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pandas as pd
import pytest

from tests.integration.api.sample import decide
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect

pytestmark = pytest.mark.integration


def test_regions_are_those_configured(reader: httpx.Client) -> None:
    regions = {region["name"]: region for region in reader.get("/api/regions").json()["regions"]}
    assert set(regions) == {"KR", "GR"}
    assert regions["KR"]["timezone"] == "Asia/Seoul"
    assert regions["KR"]["weather"] == ["temperature", "humidity"]


def test_latest_is_the_whole_forecast_of_the_newest_origin(reader: httpx.Client) -> None:
    body = reader.get("/api/predictions/latest?region=KR").json()
    assert body["origin"] == "2023-10-30T15:00:00Z"
    assert body["local_origin"] == "2023-10-31T00:00:00+09:00"
    assert (body["model_version"], body["fallback"], body["run_id"]) == ("KR-v1", "none", "daily-0")
    assert body["fallback_from"] is None
    assert [hour["lead_time_hours"] for hour in body["hours"]] == list(range(1, 49))
    first = body["hours"][0]
    assert first["time"] == "2023-10-30T15:00:00Z"
    assert first["local_time"] == "2023-10-31T00:00:00+09:00"
    assert first["lower_mw"] < first["forecast_mw"] < first["upper_mw"]


def test_latest_tells_from_when_on_a_fallback_made_it(
    database_url: str, filled_url: str, read_client: Callable[[str], httpx.Client]
) -> None:
    with connect(database_url) as connection:
        connection.execute(
            "UPDATE predictions SET fallback = 'weatherless', model_version = 'KR-v1-weatherless' "
            "WHERE lead_time > 24"
        )
    api = read_client(database_url)
    body = api.get("/api/predictions/latest?region=KR").json()
    assert (body["model_version"], body["fallback"], body["fallback_from"]) == ("KR-v1", "weatherless", 25)
    summary = api.get("/api/summary?region=KR").json()
    assert (summary["model_version"], summary["fallback"]) == ("KR-v1", "weatherless")


def test_a_region_without_a_forecast_says_how_to_get_one(reader: httpx.Client) -> None:
    answer = reader.get("/api/predictions/latest?region=GR")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith(":no-forecast")
    assert "daily_forecast_GR" in answer.json()["mend"]


def test_components_add_up_to_the_forecast_of_each_hour_of_the_local_day(reader: httpx.Client) -> None:
    body = reader.get("/api/predictions/components?region=KR&date=2023-10-30").json()
    assert len(body["hours"]) == 24
    assert body["hours"][0]["local_time"] == "2023-10-30T00:00:00+09:00"
    for hour in body["hours"]:
        parts = hour["trend_mw"] + hour["seasonality_mw"] + hour["residual_mw"]
        assert parts == pytest.approx(hour["forecast_mw"])
        assert hour["forecast_mw"] - hour["actual_mw"] == pytest.approx(100)


def test_components_of_the_future_have_no_actual(reader: httpx.Client) -> None:
    hours = reader.get("/api/predictions/components?region=KR&date=2023-11-01").json()["hours"]
    assert [hour["actual_mw"] for hour in hours] == [None] * 24
    assert {hour["lead_time_hours"] for hour in hours} == set(range(25, 49))


def test_components_of_a_day_without_a_forecast_are_empty(reader: httpx.Client) -> None:
    assert reader.get("/api/predictions/components?region=KR&date=2020-01-01").json()["hours"] == []


def test_actuals_stand_beside_the_newest_forecast_of_each_hour(reader: httpx.Client) -> None:
    path = "/api/actual-vs-forecast?region=KR&start=2023-10-30T00:00&end=2023-11-01T00:00"
    hours = reader.get(path).json()["hours"]
    assert len(hours) == 48
    known, ahead = hours[:24], hours[24:]
    assert all(hour["error_mw"] == pytest.approx(100) for hour in known)
    assert all(hour["actual_mw"] is None and hour["error_mw"] is None for hour in ahead)
    assert all(hour["lead_time_hours"] <= 24 for hour in hours)


def test_the_operator_s_own_forecast_stands_beside_ours_before_there_is_an_actual(
    reader: httpx.Client,
) -> None:
    path = "/api/actual-vs-forecast?region=KR&start=2023-10-28T00:00&end=2023-11-02T00:00"
    hours = reader.get(path).json()["hours"]
    assert [hour["reference_mw"] is not None for hour in hours] == [False] * 24 + [True] * 72 + [False] * 24
    assert hours[24]["reference_mw"] - hours[24]["actual_mw"] == pytest.approx(250)
    latest = reader.get("/api/predictions/latest?region=KR").json()["hours"]
    assert [hour["reference_mw"] is not None for hour in latest] == [True] * 24 + [False] * 24
    assert latest[0]["reference_mw"] - latest[0]["forecast_mw"] == pytest.approx(150)
    day = reader.get("/api/predictions/components?region=KR&date=2023-10-30").json()["hours"]
    assert day[0]["reference_mw"] - day[0]["actual_mw"] == pytest.approx(250)


def test_an_hour_that_nobody_forecast_still_has_its_actual(
    database_url: str, filled_url: str, read_client: Callable[[str], httpx.Client]
) -> None:
    with connect(database_url) as connection:
        connection.execute("DELETE FROM predictions")
    path = "/api/actual-vs-forecast?region=KR&start=2023-10-30&end=2023-10-31"
    hours = read_client(database_url).get(path).json()["hours"]
    assert len(hours) == 24
    assert all(hour["actual_mw"] > 0 and hour["forecast_mw"] is None for hour in hours)


def test_models_tell_the_champion_and_every_decision_with_its_reason(reader: httpx.Client) -> None:
    body = reader.get("/api/models?region=KR").json()
    assert body["champion"]["version"] == "KR-second"
    told = [(row["run_id"], row["status"], row["reason"]) for row in body["deployments"]]
    assert told == [
        ("third", "rejected", "why third"),
        ("second", "active", "why second"),
        ("first", "archived", "why first"),
    ]
    assert body["deployments"][0]["metrics"] == {"challenger": {"mape": 1.5}}
    assert body["champion"]["mlflow_run_id"] == "mlflow-second"
    assert body["next_before"] is None


def test_models_come_in_pages(filled_url: str, own_reader: httpx.Client) -> None:
    with connect(filled_url) as connection:
        decide(connection, "fourth")
    first = own_reader.get("/api/models?region=KR&limit=2").json()
    rest = own_reader.get(f"/api/models?region=KR&limit=2&before={first['next_before']}").json()
    assert [row["run_id"] for row in first["deployments"]] == ["fourth", "third"]
    assert [row["run_id"] for row in rest["deployments"]] == ["second", "first"]
    assert rest["champion"]["run_id"] == "fourth"


def test_a_summer_time_day_has_the_hours_that_the_clocks_have(
    database_url: str, read_client: Callable[[str], httpx.Client]
) -> None:
    index = pd.date_range(datetime(2020, 10, 24, 12, tzinfo=UTC), periods=48, freq="h", name="time")
    with connect(database_url) as connection:
        frame = pd.DataFrame({"demand": 5_000.0}, index=index)
        upsert_actuals(connection, frame, region="GR", source="test")
    client = read_client(database_url)
    path = "/api/actual-vs-forecast?region=GR&start=2020-10-25&end=2020-10-26"
    hours = client.get(path).json()["hours"]
    assert len(hours) == 25
    assert len({hour["local_time"] for hour in hours}) == 25
