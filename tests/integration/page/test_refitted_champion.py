"""A champion that was brought up to date: what serves, and what was judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Deployment
from tests.integration.page.seen import CHARTS, drawn, keep

pytestmark = pytest.mark.integration

REASON = "it was refitted up to its last measured hour"


@pytest.fixture
def judged(page_database: str) -> Iterator[Deployment]:
    """The champion, for as long as a refit of it serves."""
    with psycopg.connect(page_database) as connection:
        champion = deployments.active(connection, "KR")
        assert champion is not None
        values = {
            "region": "KR",
            "version": f"{champion.version}-refit",
            "run_id": "refit_model_KR/1",
            "parent": champion.version,
            "reason": REASON,
            "artifact_path": "KR/models/refit",
            "artifact_checksum": "ef" * 32,
            "trained_from": "2020-01-01T00:00:00+00:00",
            "trained_to": "2100-01-01T00:00:00+00:00",
        }
        assert deployments.record_refit(connection, values) is not None
    yield champion
    with psycopg.connect(page_database) as connection:
        connection.execute("DELETE FROM model_deployments WHERE run_id = 'refit_model_KR/1'")
        connection.execute(
            "UPDATE model_deployments SET status = 'active', archived_at = NULL WHERE id = %s", [champion.id]
        )


@pytest.mark.parametrize(
    ("language", "served"), [("en", "brought up to date from {}"), ("ko", "{}을(를) 최신 자료로 다시 맞춤")]
)
def test_the_tile_tells_what_serves_and_the_reason_is_the_judged_one_s(
    browser: Any, judged: Deployment, language: str, served: str
) -> None:
    browser.open(f"?region=KR&language={language}")
    browser.wait(lambda: all(drawn(browser, chart) for chart in CHARTS))
    tile = browser.text(".tile.name")
    assert f"{judged.version}-refit" in tile
    assert served.format(judged.version) in tile
    assert browser.text("#reason") == judged.reason
    assert REASON in browser.text("#page")
    keep(browser, f"page-refit-{language}")
    assert browser.complaints() == []
