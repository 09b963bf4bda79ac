"""The read routes of named forecasts: asked for by name, and never mixed with the daily one."""

from __future__ import annotations

import httpx
import pytest

pytestmark = pytest.mark.integration

PRODUCT = {"region": "KR", "product": "day_ahead"}


def test_a_region_names_its_products_the_main_one_first(reader: httpx.Client) -> None:
    regions = {region["name"]: region["products"] for region in reader.get("/api/regions").json()["regions"]}
    assert regions == {"KR": ["day_ahead", "week"], "GR": []}


def test_the_latest_forecast_of_a_product_is_its_own(reader: httpx.Client) -> None:
    body = reader.get("/api/predictions/latest", params=PRODUCT).json()
    assert (body["model_version"], body["run_id"]) == ("KR-v2", "day-ahead-0")
    assert body["local_origin"] == "2023-10-30T10:00:00+09:00"
    assert [hour["lead_time_hours"] for hour in body["hours"]] == list(range(15, 39))
    assert body["hours"][0]["local_time"] == "2023-10-31T00:00:00+09:00"


def test_the_hours_of_a_day_are_those_of_the_product(reader: httpx.Client) -> None:
    of_day = {**PRODUCT, "date": "2023-10-31"}
    hours = reader.get("/api/predictions/components", params=of_day).json()["hours"]
    assert {hour["model_version"] for hour in hours} == {"KR-v2"}
    before = {**PRODUCT, "date": "2023-10-29"}
    assert reader.get("/api/predictions/components", params=before).json()["hours"] == []


def test_actuals_stand_beside_the_product_s_forecast(reader: httpx.Client) -> None:
    span = {"start": "2023-10-30T00:00", "end": "2023-11-01T00:00"}
    hours = reader.get("/api/actual-vs-forecast", params={**PRODUCT, **span}).json()["hours"]
    assert [hour["forecast_mw"] is not None for hour in hours] == [False] * 24 + [True] * 24


def test_a_product_s_error_is_told_apart(reader: httpx.Client) -> None:
    of_product = reader.get("/api/metrics/performance", params=PRODUCT).json()
    daily = reader.get("/api/metrics/performance", params={"region": "KR"}).json()
    assert [day["mape_percent"] for day in of_product["by_day"]] == [1.0]
    assert len(daily["by_day"]) == 9
    assert 1.0 not in [day["mape_percent"] for day in daily["by_day"][-1:]]


@pytest.mark.parametrize(
    ("product", "status", "kind"),
    [("intraday", 404, "unknown-product"), ("week", 404, "no-forecast"), ("Day Ahead", 422, "")],
)
def test_a_product_that_is_not_there_is_refused_by_name(
    reader: httpx.Client, product: str, status: int, kind: str
) -> None:
    answer = reader.get("/api/predictions/latest", params={"region": "KR", "product": product})
    assert answer.status_code == status
    assert kind in answer.json()["type"]
    if kind == "no-forecast":
        assert "run the DAG forecast_KR_week" in answer.json()["mend"]
