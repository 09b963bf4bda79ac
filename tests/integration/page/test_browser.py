"""The page in a real browser: what an operator sees of the forecast, the champion and the decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.integration.page.seen import CHARTS, drawn, keep

pytestmark = pytest.mark.integration


def test_the_charts_are_drawn_and_the_browser_complains_of_nothing(browser: Any) -> None:
    browser.resize(1440, 1900)
    browser.open()
    browser.wait(lambda: all(drawn(browser, chart) for chart in CHARTS))
    keep(browser, "page-light")
    assert browser.complaints() == []


def test_the_champion_stands_there_with_the_decision_s_own_words(browser: Any, page_database: str) -> None:
    with psycopg.connect(page_database) as connection:
        row = connection.execute(
            "SELECT version, reason FROM model_deployments WHERE region = 'KR' AND status = 'active'"
        ).fetchone()
    assert row is not None
    browser.open()
    version, reason = row
    assert version in browser.text(".tile.name")
    assert browser.text("#reason") == reason


def test_every_decision_is_listed_newest_first_with_both_figures(browser: Any) -> None:
    browser.open()
    outcomes = browser.texts("#decisions .chip")
    assert outcomes[0] == "Champion"
    assert outcomes.count("Rejected") == 6
    assert outcomes.count("Was champion") == 3
    newest = browser.texts("#decisions tr:first-child td.number")
    assert newest == ["1.420 %", "1.462 %", "-2.9 %"]


def test_hours_are_told_in_the_region_s_time(browser: Any) -> None:
    browser.open()
    midnight = datetime.now(ZoneInfo("Asia/Seoul")).replace(hour=0, minute=0)
    assert browser.text(".zone") == "Times in KST"
    assert f"from {midnight:%a} {midnight.day} {midnight:%b}, 00:00" in browser.text(".tile")


def test_the_forecast_s_figures_follow_the_pointer(browser: Any) -> None:
    browser.open()
    browser.wait(lambda: drawn(browser, "forecast"))
    browser.script(
        """
        const over = document.querySelector("#forecast .u-over");
        const box = over.getBoundingClientRect();
        const at = { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, bubbles: true };
        over.dispatchEvent(new MouseEvent("mouseenter", at));
        over.dispatchEvent(new MouseEvent("mousemove", at));
        """
    )
    browser.wait(lambda: browser.text("#forecast .u-legend").count("MW") == 2 * 3 + 3)


def delivery(browser: Any) -> str:
    (tile,) = [text for text in browser.texts(".tile") if text.startswith("Delivery to InfluxDB")]
    return str(tile)


def test_the_hours_that_are_drawn_can_be_had_as_a_file(browser: Any) -> None:
    browser.open("?region=KR")
    status, kind, text = browser.script(
        "const asked = new XMLHttpRequest();"
        "asked.open('GET', document.querySelector('a.download').href, false); asked.send();"
        "return [asked.status, asked.getResponseHeader('content-type'), asked.responseText]"
    )
    assert (status, kind) == (200, "text/csv; charset=utf-8")
    header, *hours = text.splitlines()
    assert header.startswith("time,local_time,actual_mw,forecast_mw,")
    assert len(hours) >= 7 * 24


def test_deliveries_that_influxdb_is_owed_are_told_and_since_when(browser: Any) -> None:
    browser.open("?region=GR")
    keep(browser, "page-owed")
    told = delivery(browser)
    assert "2 owed" in told
    assert "the oldest since 5 Nov 2025, 08:10" in told  # Athens
    assert "24 hours of forecasts and demand" in told


def test_nothing_owed_is_said_without_a_colour(browser: Any) -> None:
    browser.open()
    assert "nothing is owed" in delivery(browser)
    classes = "return [...document.querySelectorAll('.tile')].map((found) => found.className)"
    told = [text.startswith("Delivery") for text in browser.texts(".tile")]
    assert [name for name, of_delivery in zip(browser.script(classes), told, strict=True) if of_delivery] == [
        "tile"
    ]


def size(browser: Any, begins: str) -> str:
    (tile,) = [text for text in browser.texts(".tile") if text.startswith(begins)]
    return str(tile)


def test_what_the_region_takes_and_what_its_last_housekeeping_freed_are_told(browser: Any) -> None:
    browser.open()
    told = size(browser, "Size in the store")
    assert "58.9 MB" in told
    assert "database: 43,210 rows, 9.9 MB" in told
    assert "tidied on" in told
    assert "6.5 MB freed" in told
    browser.open("?region=KR&language=ko")
    assert "데이터베이스 43,210행, 9.9 MB" in size(browser, "저장 용량")


def test_a_region_that_was_never_tidied_says_so_and_what_to_do(browser: Any) -> None:
    browser.open("?region=GR")
    told = size(browser, "Size in the store")
    assert "housekeeping has not run yet" in told
    assert "Unpause" in told


def test_choosing_a_region_puts_it_into_the_address(browser: Any) -> None:
    browser.open()
    browser.script(
        "const select = document.getElementById('region'); select.value = 'GR';"
        "select.dispatchEvent(new Event('change'))"
    )
    browser.wait(lambda: "region=GR" in browser.driver.current_url and "5,000 MW" in browser.text("#page"))


@pytest.mark.parametrize("dag", ["daily_forecast_GR", "weekly_retrain_GR"])
def test_a_dag_s_tab_shows_the_region_of_the_dag(browser: Any, dag: str) -> None:
    browser.open(f"?dag_id={dag}")
    assert browser.script("return document.getElementById('region').value") == "GR"


def test_the_tab_of_another_dag_says_so(browser: Any) -> None:
    browser.open("?dag_id=somebody_s_dag")
    assert browser.text("#page") == "This DAG forecasts no region. Choose one above."


def test_a_fallback_is_marked(browser: Any) -> None:
    browser.open("?region=GR")
    assert browser.text(".tile.bad").split()[:2] == ["Forecast", "Fallback"]
    assert "seasonal baseline" in browser.text(".tile.bad")


def test_a_decision_leads_to_its_training_in_mlflow_where_mlflow_saw_it(
    browser: Any, page_database: str
) -> None:
    with psycopg.connect(page_database) as connection:
        rows = connection.execute(
            "SELECT metrics ->> 'mlflow_run_id' FROM model_deployments WHERE region = 'KR' ORDER BY id DESC"
        ).fetchall()
    addresses = [f"http://127.0.0.1:15000/#/runs/{run}" for (run,) in rows if run]
    assert len(addresses) == len(rows) - 1
    browser.open()
    links = "return [...document.querySelectorAll(`${arguments[0]} a.mlflow`)].map((found) => found.href)"
    assert browser.script(links, "#decisions") == addresses
    assert browser.script(links, ".note") == addresses[:1]
