"""How a region stands in one line: what the overview of all regions is made of."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.integration.api.sample import LAST_MIDNIGHT
from trainer.database.connection import connect
from trainer.database.deliveries import owe

pytestmark = pytest.mark.integration


def test_it_tells_of_the_newest_forecast_the_data_the_errors_and_the_champion(reader: httpx.Client) -> None:
    assert reader.get("/api/summary?region=KR").json() == {
        "region": "KR",
        "timezone": "Asia/Seoul",
        "origin": "2023-10-30T15:00:00Z",
        "until": "2023-11-01T15:00:00Z",
        "model_version": "KR-v1",
        "fallback": "none",
        "last_actual": "2023-10-30T14:00:00Z",
        "scored_hours": 7 * 24,
        "mae_mw": 400.0,  # of 100 MW on the last day, 200 on the one before and so on
        "mape_percent": pytest.approx(400 / 600),
        "champion": "KR-second",
        "trained_to": "2023-10-01T00:00:00Z",
        "suspect_hours": 0,
        "owed": 0,
    }


def test_a_region_without_anything_is_told_as_that(reader: httpx.Client) -> None:
    body = reader.get("/api/summary?region=GR").json()
    assert {name for name, value in body.items() if value is None} == {
        *(
            "origin",
            "until",
            "model_version",
            "fallback",
            "last_actual",
            "mae_mw",
            "mape_percent",
            "champion",
        ),
        "trained_to",
    }
    assert (body["scored_hours"], body["suspect_hours"], body["owed"]) == (0, 0, 0)


def test_a_product_has_its_own(reader: httpx.Client) -> None:
    body = reader.get("/api/summary?region=KR&product=day_ahead").json()
    assert (body["model_version"], body["mape_percent"], body["scored_hours"]) == ("KR-v2", 1.0, 24)


def test_suspect_hours_and_what_is_owed_are_counted(
    filled_url: str, read_client: Callable[[str], httpx.Client]
) -> None:
    with connect(filled_url) as connection:
        connection.execute(
            "UPDATE raw_demand SET verdict = 'suspect', verdict_reason = 'spike' "
            "WHERE time >= %s::timestamptz - interval '3 hours' AND time < %s",
            (LAST_MIDNIGHT, LAST_MIDNIGHT),
        )
        owe(connection, "KR", "forecast", [LAST_MIDNIGHT])
    body = read_client(filled_url).get("/api/summary?region=KR").json()
    assert (body["suspect_hours"], body["owed"]) == (3, 1)
    assert body["last_actual"] == "2023-10-30T11:00:00Z", "what is suspect is no actual"
