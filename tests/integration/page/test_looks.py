"""The page in Korean, in the dark, on a narrow screen, and inside Airflow's own window."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.page.seen import CHARTS, drawn, keep

pytestmark = pytest.mark.integration


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
    korea = "document.querySelector('iframe')?.contentDocument?.querySelector('#overview a[href*=KR]')"
    browser.wait(lambda: browser.script(f"return Boolean({korea})"), seconds=90)
    browser.script(f"{korea}.click()")
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
