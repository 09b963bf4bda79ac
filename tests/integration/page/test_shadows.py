"""Models in shadow beside the champion, as the page shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest

from tests.integration.page.seen import drawn, keep
from trainer.contract import Shadow, ShadowKind, load_regions
from trainer.database.connection import connect
from trainer.database.shadows import store_comparison, store_shadow
from trainer.model.shadow_comparison import Comparison, compare

pytestmark = pytest.mark.integration

KR = load_regions({})["KR"]
CHARTS = ("shadow-by-day", "shadow-by-horizon")


def twenty_days(shadow: float) -> Comparison:
    """The champion is off by 2 %, the shadow by `shadow` percent, each a little more on some days."""
    last = datetime.now(KR.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    frames = []
    for day in range(20, 0, -1):
        origin = pd.Timestamp(last - timedelta(days=day)).tz_convert("UTC")
        lead = np.arange(1, 25)
        actual = 60_000 + 5_000 * np.sin(lead / 4)
        off = 0.002 * np.sin(day) + 0.0001 * lead
        frames.append(
            pd.DataFrame(
                {
                    "origin": origin,
                    "time": pd.date_range(origin, periods=24, freq="h"),
                    "lead_time": lead,
                    "champion": actual * (1.02 + off),
                    "shadow": actual * (1 + shadow / 100 - off),
                    "actual": actual,
                }
            )
        )
    found = compare(pd.concat(frames, ignore_index=True), KR, "")
    assert found is not None
    return found


@pytest.fixture
def shadowed(page_database: str) -> Iterator[dict[str, Comparison]]:
    """Two that are compared, and one that has yet to be; gone after the test."""
    of_version = {"kind": ShadowKind.VERSION, "version": "KR-lost", "checksum": "0" * 64}
    found = {"lost": twenty_days(1.5), "naive": twenty_days(4.0)}
    with connect(page_database) as connection:
        for shadow in (
            Shadow(name="lost", **of_version),  # type: ignore[arg-type]
            Shadow(name="naive", kind=ShadowKind.BASELINE),
            Shadow(name="twin", kind=ShadowKind.WEATHERLESS),
        ):
            store_shadow(connection, "KR", shadow, added_by="Kim", reason="to compare")
        for name, comparison in found.items():
            store_comparison(connection, "KR", name, comparison.to_dict(), until=datetime.now(KR.zone))
    yield found
    with psycopg.connect(page_database) as connection:
        connection.execute("DELETE FROM shadow_models")


def test_each_stands_beside_the_champion_with_the_difference_and_its_interval(
    browser: Any, shadowed: dict[str, Comparison]
) -> None:
    browser.open()
    lost, naive, twin = browser.texts("#shadows tr")
    found = shadowed["lost"]
    assert found.improvement is not None
    told = found.improvement
    assert lost.split("\t")[:2] == ["lost", "KR-lost"]
    assert "480 h of 20 days" in lost
    assert f"{found.champion['mape']:.3f} %\t{found.shadow['mape']:.3f} %" in lost
    assert f"{told.mean:.3f} % (90 %: {told.lower:.3f} % to {told.upper:.3f} %)" in lost
    assert "-" in naive.split("\t")[5]
    assert "There is no hour yet" in twin
    better = browser.script("return [...document.querySelectorAll('#shadows .better')].length")
    assert better == 1
    assert browser.complaints() == []


def test_errors_by_day_and_by_hour_ahead_are_drawn_of_the_one_that_is_chosen(
    browser: Any, shadowed: dict[str, Comparison]
) -> None:
    browser.resize(1440, 1200)
    browser.open()
    browser.wait(lambda: all(drawn(browser, chart) for chart in CHARTS))
    browser.script("document.querySelector('#shadows').scrollIntoView({ block: 'start' })")
    keep(browser, "page-shadows")
    assert "lost" in browser.text("#shadow-by-day .u-legend")
    browser.script(
        "const select = document.querySelector('select[aria-label=\"Shadow\"]'); select.value = 'naive';"
        "select.dispatchEvent(new Event('change'))"
    )
    browser.wait(lambda: all("naive" in browser.text(f"#{chart} .u-legend") for chart in CHARTS))
    assert browser.complaints() == []


def test_it_leads_to_the_form_that_changes_them(browser: Any, shadowed: dict[str, Comparison]) -> None:
    browser.open()
    links = browser.script("return [...document.querySelectorAll('a')].map((found) => found.href)")
    assert f"{browser.server.url}/dags/shadow_model_KR" in links


def test_in_korean_and_on_a_phone_nothing_sticks_out(browser: Any, shadowed: dict[str, Comparison]) -> None:
    browser.resize(600, 900)
    browser.open("?region=KR&language=ko")
    browser.wait(lambda: all(drawn(browser, chart) for chart in CHARTS))
    assert "섀도 모델" in browser.texts("h2")
    assert browser.script("return document.documentElement.scrollWidth - innerWidth") <= 0
    browser.script("document.querySelector('#shadows').scrollIntoView({ block: 'start' })")
    keep(browser, "page-shadows-korean")


def test_a_region_without_shadows_has_no_such_card(browser: Any, shadowed: dict[str, Comparison]) -> None:
    browser.open("?region=GR")
    assert "Models in shadow" not in browser.texts("h2")
