"""A region's products on the page: chosen by a select, shown alone, found from their own DAG."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from selenium import webdriver

from stack import process
from stack.state import State
from tests.integration.page.conftest import Browser, start_api_server
from tests.integration.page.seen import drawn
from trainer.contract import load_regions

pytestmark = pytest.mark.integration

MADE = """
    INSERT INTO predictions (region, product, origin, time, lead_time, model_version, run_id, forecast_mw,
                             trend_mw, seasonality_mw, residual_mw, lower_mw, upper_mw, fallback)
    SELECT 'KR', 'day_ahead', origin, origin + (lead - 1) * interval '1 hour', lead, 'KR-of-ten', 'run',
           70000, 60000, 9000, 1000, 69000, 71000, 'none'
    FROM generate_series(15, 38) AS lead,
         LATERAL (SELECT (date_trunc('day', now() AT TIME ZONE 'Asia/Seoul') + interval '10 hours')
                         AT TIME ZONE 'Asia/Seoul' AS origin) AS at_ten
"""
FORECASTS = {"day_ahead": {"at": "10:00", "covers": "tomorrow"}, "week": {"at": "00:30", "hours": 168}}


@pytest.fixture(scope="module")
def with_products(
    stack_state: State, airflow_environment: dict[str, str], page_database: str, driver: webdriver.Chrome
) -> Iterator[Browser]:
    with psycopg.connect(page_database) as connection:
        connection.execute(MADE.encode())
    shipped = load_regions({})
    regions = {"KR": {**shipped["KR"].to_dict(), "forecasts": FORECASTS}, "GR": shipped["GR"].to_dict()}
    environ = {**airflow_environment, "DEMAND_FORECAST_REGIONS": json.dumps(regions)}
    name = "page-products"
    server = start_api_server(stack_state, name, environ, page_database, base_path="/energy")
    driver.set_window_size(1440, 1000)
    yield Browser(driver, server)
    if service := stack_state.service(name):
        process.stop(service)
    with psycopg.connect(page_database) as connection:
        connection.execute("DELETE FROM predictions WHERE product <> ''")


def chosen(browser: Any) -> str:
    return str(browser.script("return document.getElementById('product').value"))


def test_the_daily_forecast_is_shown_first_and_products_are_offered(with_products: Browser) -> None:
    with_products.open("?region=KR")
    assert chosen(with_products) == ""
    assert with_products.texts("#product option") == ["daily", "day_ahead", "week"]
    assert "70,000 MW" not in with_products.text(".tiles")


def test_a_chosen_product_is_shown_alone_and_stays_in_the_address(with_products: Browser) -> None:
    with_products.open("?region=KR")
    with_products.script(
        "const select = document.getElementById('product'); select.value = 'day_ahead';"
        "select.dispatchEvent(new Event('change'))"
    )
    with_products.wait(lambda: "product=day_ahead" in with_products.driver.current_url)
    with_products.wait(lambda: "70,000 MW" in with_products.text(".tiles"))
    with_products.wait(lambda: drawn(with_products, "forecast") and drawn(with_products, "components"))
    assert chosen(with_products) == "day_ahead"
    address = with_products.attribute("a.primary", "href")
    assert address is not None
    assert address.endswith("/dags/forecast_KR_day_ahead")
    assert with_products.complaints() == []


def test_the_tab_of_a_product_s_dag_shows_the_product(with_products: Browser) -> None:
    with_products.open("?dag_id=forecast_KR_day_ahead")
    assert chosen(with_products) == "day_ahead"


def test_a_product_that_was_never_made_says_so(with_products: Browser) -> None:
    with_products.open("?region=KR&product=week")
    assert chosen(with_products) == "week"
    assert "no forecast" in with_products.text("#page").lower()


def test_another_region_s_product_in_the_address_is_passed_over(with_products: Browser) -> None:
    with_products.open("?region=GR&product=day_ahead")
    assert with_products.texts("#product") == []
    assert with_products.complaints() == []
