"""The page when other days are asked for, few are scored, or it speaks for the past."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.integration.page.seen import drawn, keep

pytestmark = pytest.mark.integration


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
