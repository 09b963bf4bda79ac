"""The commands of docs/api.md that ask the service, as they stand there."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from tests.integration.api.running import Running
from tests.integration.api.sample import EVERYTHING, LAST_MIDNIGHT, forecast
from tests.unit.docs.shell import PAGES, blocks
from trainer.database.connection import connect
from trainer.database.predictions import upsert_predictions

pytestmark = pytest.mark.integration

(PAGE,) = [page for page in PAGES if page.name == "api.md"]
ASKING = [block.body for block in blocks(PAGE) if block.body.startswith("curl")]


@pytest.mark.parametrize("body", ASKING, ids=["read", "order"])
def test_documented_requests_are_answered(api: Running, body: str) -> None:
    assert "http://127.0.0.1:18000" in body
    with connect(api.database_url) as connection:
        upsert_predictions(connection, forecast(LAST_MIDNIGHT), region="KR", run_id="daily")
    done = subprocess.run(
        ["bash", "-euc", body.replace("http://127.0.0.1:18000", api.url)],
        env={**os.environ, "DEMAND_FORECAST_API_TOKEN": EVERYTHING},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["region"] == "KR"
    assert len(answer["hours"]) == 24
