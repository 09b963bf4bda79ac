"""The fan of quantiles, the day's peak and energy, and the CRPS, as the page shows them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.integration.page.seen import drawn, keep

pytestmark = pytest.mark.integration


def point_at(browser: Any, chart: str, share: float) -> None:
    """Moves the pointer over the chart, `share` of its width from the left."""
    browser.script(
        """
        const over = document.querySelector(`#${arguments[0]} .u-over`);
        over.scrollIntoView({ block: "center" });
        const box = over.getBoundingClientRect();
        const x = box.left + arguments[1] * box.width;
        const at = { clientX: x, clientY: box.top + box.height / 2, bubbles: true };
        over.dispatchEvent(new MouseEvent("mouseenter", at));
        over.dispatchEvent(new MouseEvent("mousemove", at));
        """,
        chart,
        share,
    )


def legend(browser: Any, chart: str) -> dict[str, str]:
    """Of each line of the chart's legend that can be seen, what it says."""
    found = browser.script(
        """
        const rows = [...document.querySelectorAll(`#${arguments[0]} .u-series`)];
        const seen = rows.filter((row) => getComputedStyle(row).display !== "none");
        return seen.map((row) => [row.querySelector("th").innerText, row.querySelector("td").innerText]);
        """,
        chart,
    )
    return dict(found)


def test_the_bands_of_all_quantiles_lie_within_each_other(browser: Any) -> None:
    browser.open()
    browser.wait(lambda: drawn(browser, "forecast"))
    point_at(browser, "forecast", 0.97)
    browser.wait(lambda: "to" in legend(browser, "forecast").get("90 % band", ""))
    told = legend(browser, "forecast")
    assert list(told)[1:4] == ["90 % band", "80 % band", "50 % band"]
    edges = [
        [float(edge.removesuffix(" MW").replace(",", "")) for edge in told[name].split(" to ")]
        for name in ("90 % band", "80 % band", "50 % band")
    ]
    lows, highs = zip(*edges, strict=True)
    assert list(lows) == sorted(lows)
    assert list(highs) == sorted(highs, reverse=True)
    keep(browser, "page-fan")


def test_hours_of_a_forecast_with_the_band_alone_have_the_band_alone(browser: Any) -> None:
    browser.open()
    browser.wait(lambda: drawn(browser, "forecast"))
    point_at(browser, "forecast", 0.02)
    browser.wait(lambda: "to" in legend(browser, "forecast").get("80 % band", ""))
    told = legend(browser, "forecast")
    assert (told["90 % band"], told["50 % band"]) == ("", "")


def test_a_region_without_any_band_is_drawn_without_one(browser: Any) -> None:
    browser.open("?region=GR")
    browser.wait(lambda: drawn(browser, "forecast"))
    assert not [label for label in legend(browser, "forecast") if "band" in label]
    assert browser.complaints() == []


def test_the_day_s_peak_and_energy_stand_there_with_bands_of_their_own(
    browser: Any, page_database: str
) -> None:
    with psycopg.connect(page_database) as connection:
        row = connection.execute(
            "SELECT to_char(date, 'Dy FMDD Mon'), to_char(peak_time AT TIME ZONE 'Asia/Seoul', 'HH24:MI'), "
            "peak_mw, peak_lower_mw, peak_upper_mw, energy_mwh, energy_lower_mwh, energy_upper_mwh "
            "FROM forecast_days WHERE region = 'KR' ORDER BY origin DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    day, hour, *figures = row
    peak, peak_low, peak_high, energy, low, high = figures
    browser.open()
    (tile,) = [text for text in browser.texts(".tile") if text.startswith("Peak, ")]
    said = [line.replace("\xa0", " ") for line in tile.split("\n") if line]
    assert said == [
        f"Peak, {day}",
        f"{peak:,.0f} MW",
        f"at {hour}",
        f"{peak_low:,.0f} MW to {peak_high:,.0f} MW, 80 % band",
        f"energy {energy / 1e3:,.1f} GWh",
        f"{low / 1e3:,.1f} GWh to {high / 1e3:,.1f} GWh, 80 % band",
    ]


def test_a_forecast_that_says_nothing_of_days_has_its_highest_hour(browser: Any) -> None:
    browser.open("?region=GR")
    titles = [text.partition("\n")[0] for text in browser.texts(".tile")]
    assert [title for title in titles if "eak" in title] == ["Next peak"]


def test_the_file_of_what_is_drawn_has_the_quantiles(browser: Any) -> None:
    browser.open()
    header = browser.script(
        "const asked = new XMLHttpRequest();"
        "asked.open('GET', document.querySelector('a.download').href, false); asked.send();"
        "return asked.responseText.split('\\r\\n')[0]"
    )
    levels = [name for name in header.split(",") if name.startswith("q")]
    assert levels == ["q5_mw", "q10_mw", "q25_mw", "q50_mw", "q75_mw", "q90_mw", "q95_mw"]


def test_crps_stands_beside_the_error_where_it_is_known(browser: Any, page_database: str) -> None:
    with psycopg.connect(page_database) as connection:
        row = connection.execute(
            "SELECT sum(crps * hours) / sum(hours) FILTER (WHERE crps IS NOT NULL) FROM model_metrics "
            "WHERE region = 'KR' AND lead_time = 0"
        ).fetchone()
    assert row is not None
    browser.open()
    (week,) = [text for text in browser.texts(".tile") if text.startswith("Error, 7 days")]
    assert f"CRPS {row[0]:,.0f} MW" in week
    browser.wait(lambda: drawn(browser, "by-day"))
    point_at(browser, "by-day", 0.99)
    browser.wait(lambda: "MW" in legend(browser, "by-day").get("CRPS", ""))
