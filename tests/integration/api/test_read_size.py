"""The read route of what a region takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from trainer.database.connection import connect
from trainer.database.sizes import RegionSize, record_size

pytestmark = pytest.mark.integration

TIDIED = datetime(2023, 10, 28, 5, tzinfo=UTC)


def test_before_the_first_housekeeping_nothing_is_known(reader: httpx.Client) -> None:
    body = reader.get("/api/size?region=KR").json()
    assert (body.pop("region"), body.pop("timezone")) == ("KR", "Asia/Seoul")
    assert set(body.values()) == {None}


def test_the_last_housekeeping_is_told_whichever_was_recorded_last(
    filled_url: str, own_reader: httpx.Client
) -> None:
    last = RegionSize(
        tidied_at=TIDIED, store_bytes=59_000_000, freed_bytes=6_500_000, table_rows=43_210, table_bytes=9_876
    )
    earlier = RegionSize(
        tidied_at=TIDIED - timedelta(days=7), store_bytes=1, freed_bytes=2, table_rows=3, table_bytes=4
    )
    with connect(filled_url) as connection:
        record_size(connection, "KR", "last", last)
        record_size(connection, "KR", "earlier", earlier)
    body = own_reader.get("/api/size?region=KR").json()
    assert body == {
        "region": "KR",
        "timezone": "Asia/Seoul",
        "tidied_at": "2023-10-28T05:00:00Z",
        "store_bytes": 59_000_000,
        "freed_bytes": 6_500_000,
        "table_rows": 43_210,
        "table_bytes": 9_876,
    }
    assert own_reader.get("/api/size?region=GR").json()["tidied_at"] is None
