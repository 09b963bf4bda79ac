"""The page as time goes on and parts of it fail: as fresh as its data, or marked as old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.integration.page.seen import CHARTS, drawn

pytestmark = pytest.mark.integration


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
