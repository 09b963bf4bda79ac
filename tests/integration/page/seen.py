"""What a browser shows of the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

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
    """Takes a picture of what is seen, where pictures are wanted."""
    if SCREENSHOTS:
        browser.driver.save_screenshot(str(Path(SCREENSHOTS) / f"{name}.png"))
