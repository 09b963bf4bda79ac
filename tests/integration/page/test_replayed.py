"""The page over what `make replay-shadows` left, when its last forecast was made; for docs/screenshots.

Run by hand, since the replay takes half an hour: docs/screenshots/README.md has the command.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg
import pytest
from selenium import webdriver

from stack import postgres, process
from stack.state import State
from tests.integration.page.conftest import BASE_PATH, Browser, start_api_server
from tests.integration.page.seen import CHARTS, drawn, keep
from trainer.contract import Env

FOLDER: Final = os.environ.get("REPLAYED", "")
"""Of one replay: servers/ and regions.json."""
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not FOLDER, reason="REPLAYED names no replay of make replay-shadows"),
    pytest.mark.timeout(600),
]
SHADOW_CHARTS = ("shadow-by-day", "shadow-by-horizon")


@pytest.fixture(scope="module")
def regions() -> str:
    """The one that was replayed, as DEMAND_FORECAST_REGIONS takes it."""
    return (Path(FOLDER) / "regions.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    state = State((Path(FOLDER) / "servers").resolve())
    service = postgres.ensure(state, environ={}, port=0)
    yield service.details["url"]
    process.stop(service)


@pytest.fixture(scope="module")
def replayed(
    driver: webdriver.Chrome,
    stack_state: State,
    airflow_environment: dict[str, str],
    regions: str,
    database: str,
) -> Iterator[Browser]:
    """A browser whose clock stands where the last forecast began."""
    name = "replayed-api-server"
    environ = {**airflow_environment, Env.REGIONS: regions}
    server = start_api_server(stack_state, name, environ, database, base_path=BASE_PATH)
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT extract(epoch FROM max(origin)) FROM predictions").fetchone()
    assert row is not None
    began = 1000 * int(row[0])
    clock = f"const opened = performance.now(); Date.now = () => {began} + performance.now() - opened;"
    command = "Page.addScriptToEvaluateOnNewDocument"
    added = driver.execute_cdp_cmd(command, {"source": clock})
    yield Browser(driver, server)
    driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    if service := stack_state.service(name):
        process.stop(service)


@pytest.fixture
def page(replayed: Browser, regions: str) -> Browser:
    """Its region's page, all charts drawn."""
    (name,) = json.loads(regions)
    replayed.resize(1440, 1100)
    replayed.open(f"?region={name}")
    replayed.wait(lambda: all(drawn(replayed, chart) for chart in (*CHARTS, *SHADOW_CHARTS)), seconds=90)
    return replayed


def to_the_shadows(page: Browser) -> None:
    page.script("document.querySelector('.card:has(#shadows)').scrollIntoView({ block: 'start' })")


def test_the_champion_s_forecast_is_current_and_stands_beside_the_operator_s(page: Browser) -> None:
    keep(page, "replay-ensemble")
    assert "by the champion" in page.text(".tile")
    assert page.complaints() == []


def test_three_shadows_stand_beside_the_champion(page: Browser) -> None:
    to_the_shadows(page)
    keep(page, "replay-shadows")
    names = [row.split("\t")[0] for row in page.texts("#shadows tr")]
    assert {"naive", "weatherless"} < set(names)
    assert len(names) == 3


def test_shadows_are_drawn_in_the_dark_too(page: Browser) -> None:
    page.script("localStorage.setItem('theme', 'dark'); dispatchEvent(new StorageEvent('storage'))")
    try:
        page.wait(lambda: all(drawn(page, chart) for chart in SHADOW_CHARTS))
        to_the_shadows(page)
        keep(page, "replay-shadows-dark")
        assert page.script("return document.documentElement.dataset.theme") == "dark"
    finally:
        page.script("localStorage.removeItem('theme')")
