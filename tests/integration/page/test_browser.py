"""The page in a real browser: what an operator sees, and what a hostile run cannot do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

pytestmark = pytest.mark.integration

CHARTS = ("forecast", "components", "by-day", "by-horizon")
SCREENSHOTS = os.environ.get("SCREENSHOTS")
"""A folder for pictures of what the tests saw; none are taken without."""


def drawn(browser: Any, chart: str) -> bool:
    """Whether the chart's canvas holds more than its background."""
    return bool(
        browser.script(
            """
            const canvas = document.querySelector(`#${arguments[0]} canvas`);
            if (!canvas) return false;
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return pixels.some((value) => value !== 0);
            """,
            chart,
        )
    )


def keep(browser: Any, name: str) -> None:
    if SCREENSHOTS:
        browser.driver.save_screenshot(str(Path(SCREENSHOTS) / f"{name}.png"))


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
    browser.wait(lambda: browser.text("#forecast .u-legend").count("MW") == 5)


def test_the_operator_s_own_forecast_stands_beside_ours(browser: Any, page_database: str) -> None:
    browser.open()
    browser.wait(lambda: drawn(browser, "forecast"))
    tiles = [text for text in browser.texts(".tile") if text.startswith("Operator's own forecast")]
    assert len(tiles) == 1
    with psycopg.connect(page_database) as connection:
        row = connection.execute(
            """
            SELECT sum(reference_mape * common_hours) / sum(common_hours),
                   sum(common_mape * common_hours) / sum(common_hours), sum(common_hours)
            FROM model_metrics WHERE region = 'KR' AND lead_time = 0 AND window_end > (
                SELECT max(window_end) - interval '28 days' FROM model_metrics WHERE region = 'KR')
            """
        ).fetchone()
    assert row is not None
    assert f"{row[0]:.2f} %" in tiles[0]
    assert f"against ours {row[1]:.2f} %" in tiles[0]
    assert f"on the same {row[2]} hours of 28 days" in tiles[0]
    assert "Operator's own" in browser.text("#forecast .u-legend")


def test_the_decision_s_figures_have_the_operator_s_on_the_hours_that_it_forecast(browser: Any) -> None:
    browser.open()
    heads = browser.texts(".card th[scope=col]")
    assert heads[:5] == ["Figure", "This model", "Champion before", "Same hour last week", "Operator's own"]
    row = browser.texts(".card tbody tr:first-child td.number")[:4]
    assert row == ["1.420 %", "1.462 %", "5.270 %", "1.440 %"]
    assert "known of 660 of these hours; this model has MAPE 1.410 % there" in browser.text("#beside")


def test_the_error_by_day_has_the_operator_s_own_beside_ours_on_its_hours(
    browser: Any, page_database: str
) -> None:
    browser.open()
    browser.wait(lambda: drawn(browser, "by-day"))
    browser.script(
        """
        const over = document.querySelector("#by-day .u-over");
        over.scrollIntoView({ block: "center" });
        const box = over.getBoundingClientRect();
        const at = { clientX: box.right - 3, clientY: box.top + box.height / 2, bubbles: true };
        over.dispatchEvent(new MouseEvent("mouseenter", at));
        over.dispatchEvent(new MouseEvent("mousemove", at));
        """
    )
    with psycopg.connect(page_database) as connection:
        row = connection.execute(
            "SELECT reference_mape, common_mape, common_hours FROM model_metrics"
            " WHERE region = 'KR' AND lead_time = 0 ORDER BY window_end DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    told = f"{row[0]:.2f} %, ours {row[1]:.2f} % on its {row[2]} h"
    browser.wait(lambda: told in browser.text("#by-day .u-legend"))
    keep(browser, "page-by-day")


def test_a_region_without_it_has_neither_the_tile_nor_the_line(browser: Any) -> None:
    browser.open("?region=GR")
    browser.wait(lambda: drawn(browser, "forecast"))
    assert "Operator's own" not in browser.text("#page")


def delivery(browser: Any) -> str:
    (tile,) = [text for text in browser.texts(".tile") if text.startswith("Delivery to InfluxDB")]
    return str(tile)


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


def test_a_year_of_days_can_be_asked_for(browser: Any) -> None:
    browser.open()
    browser.wait(lambda: drawn(browser, "by-day"))
    days = (
        "const got = performance.getEntriesByType('resource').map((one) => one.name);"
        "return got.some((name) => name.includes('performance?region=KR&days=365'))"
    )
    browser.script(
        "const select = document.querySelector('.tools select'); select.value = 365;"
        "select.dispatchEvent(new Event('change'))"
    )
    browser.wait(lambda: browser.script(days) and drawn(browser, "by-day"))
    assert browser.complaints() == []


def test_the_day_of_the_components_can_be_changed(browser: Any) -> None:
    browser.open()
    browser.wait(lambda: drawn(browser, "components"))
    shown = datetime.fromisoformat(browser.text("output.day"))
    browser.script("document.querySelector('.tools button').click()")
    before = f"{shown - timedelta(days=1):%Y-%m-%d}"
    browser.wait(lambda: browser.text("output.day") == before and drawn(browser, "components"))


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


def test_what_a_run_wrote_is_text_and_never_markup(browser: Any) -> None:
    browser.open("?region=GR")
    assert browser.text("#reason") == '<script>document.title="pwned"</script><b>bold words</b>'
    assert (
        browser.script("return document.querySelectorAll('#page script, #page img, #page b, #page i').length")
        == 0
    )
    assert browser.driver.title == "Power demand"
    assert browser.complaints() == []


def test_no_link_carries_a_script_and_each_stays_below_airflow_s_base_path(browser: Any) -> None:
    server = browser.server.url
    for region in ("KR", "GR"):
        browser.open(f"?region={region}")
        links = browser.script("return [...document.querySelectorAll('a')].map((found) => found.href)")
        assert {f"{server}/dags/weekly_retrain_{region}", f"{server}/dags/daily_forecast_{region}"} <= set(
            links
        )
        allowed = (
            f"{server}/dags/",
            f"{server}/demand-forecast/?region=",
            "http://127.0.0.1:15000/#/models/power-demand-hybrid-",
            "http://127.0.0.1:15000/#/runs/",
        )
        assert [link for link in links if not link.startswith(allowed)] == []


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


def test_inline_script_is_refused_by_the_policy(browser: Any) -> None:
    browser.open()
    browser.script(
        "const script = document.createElement('script'); script.textContent = 'document.title = \"ran\"';"
        "document.body.append(script)"
    )
    assert browser.driver.title == "Power demand"
    assert any("Content Security Policy" in line for line in browser.complaints())


def test_it_speaks_korean_when_asked_and_keeps_to_it(browser: Any) -> None:
    browser.open()
    browser.script("document.querySelector('a.language').click()")
    browser.wait(lambda: browser.text("h1") == "전력 수요" and browser.text("#decisions"))
    assert browser.attribute("html", "lang") == "ko"
    assert browser.text(".zone") == "시각: KST"
    assert " MW" in browser.text(".tiles")
    assert browser.texts("#decisions .chip")[0] == "운영 중"
    browser.wait(lambda: all(drawn(browser, chart) for chart in CHARTS))
    browser.resize(1440, 1000)
    keep(browser, "page-korean")
    browser.script(
        "const select = document.getElementById('region'); select.value = 'GR';"
        "select.dispatchEvent(new Event('change'))"
    )
    browser.wait(lambda: "region=GR" in browser.driver.current_url and browser.text("h1") == "전력 수요")


def test_airflow_s_choice_of_dark_is_followed_at_once(browser: Any) -> None:
    browser.open()
    theme = "return document.documentElement.dataset.theme"
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = browser.script(ground)
    browser.script("localStorage.setItem('theme', 'dark'); dispatchEvent(new StorageEvent('storage'))")
    try:
        assert browser.script(theme) == "dark"
        assert browser.script(ground) != light
        browser.wait(lambda: all(drawn(browser, chart) for chart in CHARTS))
        browser.resize(1440, 1000)
        keep(browser, "page-dark")
    finally:
        browser.script("localStorage.removeItem('theme')")


@pytest.mark.parametrize("width", [1440, 1000, 600])
def test_nothing_sticks_out_sideways(browser: Any, width: int) -> None:
    browser.resize(width, 900)
    browser.open()
    browser.wait(lambda: drawn(browser, "by-horizon"))
    assert browser.script("return document.documentElement.scrollWidth - innerWidth") <= 0


def test_airflow_shows_it_in_its_window_and_a_link_leads_out_of_the_frame(browser: Any) -> None:
    inside = "return document.querySelector('iframe')?.contentDocument?.getElementById('reason')?.innerText"
    browser.driver.get(f"{browser.server.url}/plugin/power-demand")
    browser.wait(lambda: browser.script(inside), seconds=90)
    keep(browser, "page-in-airflow")
    browser.script(
        """
        const page = document.querySelector("iframe").contentDocument;
        page.querySelector('a[href$="/dags/weekly_retrain_KR"]').click();
        """
    )
    outer = f"{browser.server.url}/dags/weekly_retrain_KR"
    browser.wait(lambda: browser.driver.current_url == outer, seconds=60)


@pytest.fixture
def quick_clock(browser: Any) -> Iterator[None]:
    """The page's five minutes pass in one second."""
    script = "const every = setInterval; setInterval = (run) => every(run, 1000); const now = Date.now;" + (
        "const start = now(); Date.now = () => start + 300 * (now() - start);"
    )
    added = browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    yield
    browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})


def test_it_stays_as_fresh_as_its_data_and_keeps_what_the_reader_chose(
    browser: Any, quick_clock: None
) -> None:
    browser.open()
    assert browser.text("#updated").startswith("Updated ")
    today = datetime.fromisoformat(browser.text("output.day"))
    yesterday = f"{today - timedelta(days=1):%Y-%m-%d}"
    browser.script("document.querySelector('.tools button').click()")
    browser.wait(lambda: browser.text("output.day") == yesterday)
    browser.script("document.querySelector('.tiles').dataset.old = 'yes'")
    browser.wait(lambda: browser.attribute(".tiles", "data-old") is None and drawn(browser, "components"))
    assert browser.text("output.day") == yesterday
    assert browser.complaints() == []


def test_figures_that_could_not_be_fetched_again_are_marked_as_old(browser: Any, quick_clock: None) -> None:
    browser.open()
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/api/models*"]})
    browser.wait(lambda: browser.text("#updated").startswith("Not updated since"))
    assert "MW" in browser.text(".tiles")
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    browser.wait(lambda: browser.text("#updated").startswith("Updated "))


def test_a_part_that_fails_says_how_to_mend_it_and_leaves_the_rest(browser: Any) -> None:
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*actual-vs-forecast*"]})
    try:
        browser.open()
        browser.wait(lambda: browser.text(".failure").startswith("This part could not be loaded"))
        browser.wait(lambda: all(drawn(browser, chart) for chart in CHARTS if chart != "forecast"))
    finally:
        browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})


@pytest.fixture
def before_page(browser: Any) -> Iterator[Callable[[str], None]]:
    """Runs a script in each page before the page's own."""
    added: list[dict[str, str]] = []

    def run(script: str) -> None:
        command = "Page.addScriptToEvaluateOnNewDocument"
        added.append(browser.driver.execute_cdp_cmd(command, {"source": script}))

    yield run
    for one in added:
        browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", one)


def test_a_page_that_speaks_for_the_past_counts_the_model_s_age_from_it(
    browser: Any, before_page: Callable[[str], None]
) -> None:
    before_page("const now = Date.now; Date.now = () => now() + 2000 * 86400e3;")
    browser.open()
    (tile,) = [text for text in browser.texts(".tile") if text.startswith("Model age")]
    age = float(tile.split("Model age")[1].split("days")[0].replace(",", ""))
    assert 0 <= age < 100, tile
    assert "the newest forecast's" in tile


def test_with_two_days_scored_each_bar_has_its_day_below_it_and_no_hours(
    browser: Any, before_page: Callable[[str], None]
) -> None:
    before_page(
        """
        const got = window.fetch;
        window.fetch = async (address, ...more) => {
          const answer = await got(address, ...more);
          if (!String(address).includes("performance")) return answer;
          const body = await answer.json();
          window.days = body.by_day = body.by_day.slice(-2);
          return new Response(JSON.stringify(body), { status: 200, headers: answer.headers });
        };
        window.told = [];
        const write = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
          if (this.canvas.closest("#by-day")) window.told.push(text);
          return write.call(this, text, ...where);
        };
        """
    )
    browser.open()
    browser.wait(lambda: drawn(browser, "by-day"))
    browser.script("document.querySelector('#by-day').scrollIntoView({ block: 'center' })")
    keep(browser, "page-two-days")
    days = [date.fromisoformat(day["date"]) for day in browser.script("return window.days")]
    told = dict.fromkeys(browser.script("return window.told"))
    marks = [text for text in told if "%" not in text and text != "Retraining limit"]
    assert marks == [f"{day.day} {day:%b}" for day in days]
