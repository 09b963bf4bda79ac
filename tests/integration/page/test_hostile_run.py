"""What a hostile run cannot do to the reader of the page."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.integration


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
            f"{server}/demand-forecast/api/actual-vs-forecast?region=",
            "http://127.0.0.1:15000/#/models/power-demand-hybrid-",
            "http://127.0.0.1:15000/#/runs/",
        )
        assert [link for link in links if not link.startswith(allowed)] == []


def test_inline_script_is_refused_by_the_policy(browser: Any) -> None:
    browser.open()
    browser.script(
        "const script = document.createElement('script'); script.textContent = 'document.title = \"ran\"';"
        "document.body.append(script)"
    )
    assert browser.driver.title == "Power demand"
    assert any("Content Security Policy" in line for line in browser.complaints())
