"""The operator's own forecast beside ours, as the page shows it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.integration.page.seen import drawn, keep

pytestmark = pytest.mark.integration


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


def test_the_decision_tells_what_the_model_is_averaged_with_and_which_places_count(browser: Any) -> None:
    browser.open()
    browser.wait(lambda: drawn(browser, "forecast"))
    assert browser.text("#members") == "Averaged, as trained: the model 62 %, boosted trees 38 %."
    assert browser.text("#places") == "Temperature is weighted by place: seoul 55 %, busan 45 %."


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
