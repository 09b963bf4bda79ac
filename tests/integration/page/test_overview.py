"""All regions in one table: what the page opens with where there are several."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.page.seen import drawn, keep

pytestmark = pytest.mark.integration

ALL = "All regions"


def rows(browser: Any) -> list[list[str]]:
    """The table's cells, with plain spaces."""
    found = browser.script(
        "return [...document.querySelectorAll('#overview tbody tr')]"
        ".map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    return [[" ".join(text.split()) for text in row] for row in found]


def regions(browser: Any) -> list[str]:
    return [row[0] for row in rows(browser)]


def sort_by(browser: Any, column: str) -> None:
    browser.script("document.querySelector(`[data-column=${arguments[0]}]`).click()", column)


def test_where_there_are_several_the_page_opens_with_all_of_them_those_with_alerts_first(
    browser: Any,
) -> None:
    browser.open("")
    keep(browser, "page-overview")
    heads = [text.removesuffix(" ▼") for text in browser.texts("#overview th")]
    assert heads == [
        *("Region", "Error, 7 days", "Demand up to", "Forecast until", "Made", "Champion's age", "Alerts"),
    ]
    greece, korea = rows(browser)
    assert (greece[0], korea[0]) == ("Greece (GR)", "South Korea (KR)")
    assert korea[1].endswith("%")
    assert korea[2].endswith("0 h ago")
    assert korea[4:] == ["by the champion", korea[5], "none"]
    assert korea[5].endswith("days")
    assert greece[1:3] == ["–", "–"]
    assert greece[6] == "fallback: seasonal baseline demand is late InfluxDB is behind"
    assert browser.complaints() == []


@pytest.mark.parametrize("column", ["region", "error", "fresh", "until", "fallback", "age", "alerts"])
def test_each_column_sorts_one_way_and_then_the_other(browser: Any, column: str) -> None:
    browser.open("")
    if column == "alerts":
        sort_by(browser, "region")
    sort_by(browser, column)
    once = browser.attribute("#overview th[aria-sort]", "aria-sort")
    sort_by(browser, column)
    assert {once, browser.attribute("#overview th[aria-sort]", "aria-sort")} == {"ascending", "descending"}
    assert browser.script("return document.activeElement.dataset.column") == column


def test_what_is_not_known_comes_last_either_way(browser: Any) -> None:
    browser.open("")
    for _ in range(2):
        sort_by(browser, "error")
        assert regions(browser) == ["South Korea (KR)", "Greece (GR)"]
    for order in (["Greece (GR)", "South Korea (KR)"], ["South Korea (KR)", "Greece (GR)"]):
        sort_by(browser, "region")
        assert regions(browser) == order


def test_a_region_s_name_leads_to_its_page_in_the_language_that_was_chosen(browser: Any) -> None:
    browser.open("?language=ko")
    assert browser.text("#overview thead").split()[0] == "지역"
    keep(browser, "page-overview-korean")
    browser.script("document.querySelector('#overview a[href*=KR]').click()")
    browser.wait(lambda: "region=KR" in browser.driver.current_url and browser.text("#reason"))
    assert browser.attribute("html", "lang") == "ko"


def test_the_select_leads_back_to_all_of_them(browser: Any) -> None:
    browser.open("?region=KR")
    assert browser.texts("#region option")[0] == ALL
    browser.script(
        "const select = document.getElementById('region'); select.value = '';"
        "select.dispatchEvent(new Event('change'))"
    )
    browser.wait(lambda: browser.text("#overview"))


def test_a_region_that_cannot_be_told_of_says_so_and_leaves_the_others(browser: Any) -> None:
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*summary?region=KR*"]})
    try:
        browser.open("")
        told = {row[0]: row[-1] for row in rows(browser)}
    finally:
        browser.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    assert told["South Korea (KR)"].startswith("This part could not be loaded")
    assert "demand is late" in told["Greece (GR)"]


@pytest.mark.parametrize("width", [1440, 600])
def test_nothing_sticks_out_sideways(browser: Any, width: int) -> None:
    browser.resize(width, 900)
    browser.open("")
    keep(browser, f"page-overview-{width}")
    assert browser.script("return document.documentElement.scrollWidth - innerWidth") <= 0


def test_who_may_see_one_region_alone_sees_its_page_at_once(browser: Any) -> None:
    browser.driver.add_cookie(
        {"name": "_token", "value": browser.server.token("only_KR"), "path": "/energy/"}
    )
    try:
        browser.open("")
        browser.wait(lambda: drawn(browser, "forecast"))
        assert browser.texts("#region option") == ["South Korea (KR)"]
    finally:
        browser.driver.add_cookie(
            {"name": "_token", "value": browser.server.token("admin"), "path": "/energy/"}
        )
