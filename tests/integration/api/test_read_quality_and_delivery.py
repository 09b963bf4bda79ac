"""The read routes of the demand's quality and of what InfluxDB is owed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.integration.api.sample import LAST_MIDNIGHT
from trainer.database.connection import connect
from trainer.database.deliveries import owe, owe_actuals

pytestmark = pytest.mark.integration


def test_the_quality_of_clean_demand_is_whole(reader: httpx.Client) -> None:
    body = reader.get("/api/data-quality?region=KR").json()
    assert (body["measured_share"], body["suspect"]) == (1.0, [])
    assert body["last"] == "2023-10-30T14:00:00Z"


def test_a_region_without_demand_has_no_share(reader: httpx.Client) -> None:
    body = reader.get("/api/data-quality?region=GR").json()
    assert (body["last"], body["hours"], body["measured_share"], body["suspect"]) == (None, 0, None, [])


def test_nothing_is_owed_where_all_was_delivered(reader: httpx.Client) -> None:
    body = reader.get("/api/delivery?region=KR").json()
    assert (body["owed"], body["hours"], body["since"]) == (0, 0, None)


def test_what_influxdb_is_owed_is_told_of_the_region_with_its_hours_and_the_oldest_moment(
    filled_url: str, own_reader: httpx.Client
) -> None:
    behind = datetime(2023, 10, 30, 15, 5, tzinfo=UTC)
    with connect(filled_url) as connection:
        owe(connection, "KR", "forecast", [LAST_MIDNIGHT])
        owe_actuals(connection, "KR", since=LAST_MIDNIGHT - timedelta(days=1))
        owe(connection, "KR", "metrics", [LAST_MIDNIGHT - timedelta(days=1)])
        connection.execute("UPDATE influx_deliveries SET enqueued_at = %s WHERE kind = 'forecast'", (behind,))
        owe(connection, "GR", "forecast", [LAST_MIDNIGHT - timedelta(days=9)])
    body = own_reader.get("/api/delivery?region=KR").json()
    # The newest forecast's 48 hours; of October ten days of demand and the operator's forecast of one more.
    assert (body["owed"], body["hours"]) == (3, 48 + 11 * 24)
    assert datetime.fromisoformat(body["since"]) == behind
    assert own_reader.get("/api/delivery?region=GR").json()["owed"] == 1


def test_suspect_hours_are_told_in_stretches_and_are_no_actuals(
    filled_url: str, own_reader: httpx.Client
) -> None:
    with connect(filled_url) as connection:
        connection.execute(
            "UPDATE raw_demand SET verdict = 'suspect', verdict_reason = 'spike' WHERE region = 'KR'"
            " AND time IN ('2023-10-29T20:00Z', '2023-10-29T21:00Z', '2023-10-30T02:00Z')"
        )
    body = own_reader.get("/api/data-quality?region=KR").json()
    told = [(one["first"], one["last"], one["hours"], one["reason"]) for one in body["suspect"]]
    assert told == [
        ("2023-10-30T02:00:00Z", "2023-10-30T02:00:00Z", 1, "spike"),
        ("2023-10-29T20:00:00Z", "2023-10-29T21:00:00Z", 2, "spike"),
    ]
    assert body["measured_share"] == 1 - 3 / body["hours"]
    day = own_reader.get("/api/predictions/components?region=KR&date=2023-10-30").json()["hours"]
    assert sum(hour["actual_mw"] is None for hour in day) == 3
