"""What the read routes tell of models in shadow."""

from __future__ import annotations

from datetime import timedelta

import httpx
import numpy as np
import pandas as pd
import pytest

from tests.integration.api.sample import KR, LAST_MIDNIGHT, demand
from trainer.contract import Shadow, ShadowKind
from trainer.database.connection import connect
from trainer.database.shadows import end_shadow, store_comparison, store_shadow
from trainer.model.shadow_comparison import Comparison, compare

pytestmark = pytest.mark.integration


def ten_days() -> Comparison:
    """The champion is off by 600 MW, the shadow by 300."""
    origins = [LAST_MIDNIGHT - timedelta(days=day) for day in range(10, 0, -1)]
    time = pd.DatetimeIndex([origin + timedelta(hours=hour) for origin in origins for hour in range(24)])
    actual = demand(time)
    pairs = {
        "origin": np.repeat(pd.DatetimeIndex(origins), 24),
        "time": time,
        "lead_time": np.tile(np.arange(1, 25), 10),
        "champion": actual + 600,
        "shadow": actual + 300,
        "actual": actual,
    }
    found = compare(pd.DataFrame(pairs), KR, "")
    assert found is not None
    return found


def add(url: str, name: str, comparison: Comparison | None = None) -> None:
    with connect(url) as connection:
        shadow = Shadow(name=name, kind=ShadowKind.BASELINE)
        store_shadow(connection, "KR", shadow, added_by="Kim", reason="to compare")
        if comparison:
            store_comparison(connection, "KR", name, comparison.to_dict(), until=LAST_MIDNIGHT)


def test_a_region_without_shadows_has_an_empty_list(reader: httpx.Client) -> None:
    assert reader.get("/api/shadows?region=KR").json()["shadows"] == []


def test_each_live_one_is_told_beside_the_champion_on_the_same_hours(
    filled_url: str, own_reader: httpx.Client
) -> None:
    add(filled_url, "compared", ten_days())
    add(filled_url, "new")
    add(filled_url, "past")
    with connect(filled_url) as connection:
        end_shadow(connection, "KR", "past")
    compared, new = own_reader.get("/api/shadows?region=KR").json()["shadows"]
    assert (new["name"], new["comparison"], new["compared_at"]) == ("new", None, None)
    assert (compared["name"], compared["kind"], compared["version"]) == ("compared", "baseline", None)
    found = compared["comparison"]
    assert (found["hours"], found["days"], found["first"], found["last"]) == (
        240,
        10,
        "2023-10-21",
        "2023-10-30",
    )
    assert (found["champion"]["mae_mw"], found["shadow"]["mae_mw"]) == (
        pytest.approx(600),
        pytest.approx(300),
    )
    assert found["improvement"]["lower"] <= found["improvement"]["mean"] <= found["improvement"]["upper"]
    assert len(found["by_day"]) == 10
    assert [one["lead_time_hours"] for one in found["by_lead_time"]] == list(range(1, 25))
    assert own_reader.get("/api/shadows?region=GR").json()["shadows"] == []
