"""The read route of accuracy: by day, rolling, by lead time, and beside the operator's own forecast."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from tests.integration.api.sample import scores
from trainer.database.connection import connect
from trainer.database.metrics import upsert_metrics

pytestmark = pytest.mark.integration


def test_accuracy_tells_both_on_their_common_hours(reader: httpx.Client) -> None:
    body = reader.get("/api/metrics/performance?region=KR&days=7").json()
    assert [day["beside_reference"] is not None for day in body["by_day"]] == [False] * 5 + [True] * 2
    assert body["by_day"][-1]["beside_reference"] == {
        "hours": 12,
        "reference_mae_mw": 1800,
        "reference_mape_percent": 3,
        "mae_mw": 50,
        "mape_percent": pytest.approx(100 / 1200),
    }
    week = body["rolling"][-1]["beside_reference"]
    assert (week["hours"], week["mae_mw"], week["reference_mape_percent"]) == (24, 75, 3)
    assert {lead["beside_reference"] for lead in body["by_lead_time"]} == {None}


def test_performance_counts_its_days_back_from_the_last_scored_one(reader: httpx.Client) -> None:
    body = reader.get("/api/metrics/performance?region=KR&days=7").json()
    assert (body["start"], body["until"]) == ("2023-10-24", "2023-10-30")
    assert [day["date"] for day in body["by_day"]] == [f"2023-10-{day}" for day in range(24, 31)]
    assert body["by_day"][-1]["mae_mw"] == 100


def test_rolling_figures_are_means_over_hours_and_rmse_the_root_of_the_mean_square(
    reader: httpx.Client,
) -> None:
    rolling = reader.get("/api/metrics/performance?region=KR&days=7").json()["rolling"]
    assert [window["days"] for window in rolling] == [1, 7]
    week = rolling[-1]
    assert week["hours"] == 7 * 24
    assert week["mae_mw"] == pytest.approx(400)
    assert week["rmse_mw"] == pytest.approx((sum((100 * n) ** 2 for n in range(1, 8)) / 7) ** 0.5)


def test_lead_times_are_taken_together_over_the_days(reader: httpx.Client) -> None:
    leads = reader.get("/api/metrics/performance?region=KR").json()["by_lead_time"]
    assert [(lead["lead_time_hours"], lead["hours"]) for lead in leads] == [(1, 2), (2, 2)]
    assert [lead["mae_mw"] for lead in leads] == pytest.approx([100, 200])


def test_a_window_longer_than_a_day_is_not_counted_beside_its_days(
    filled_url: str, own_reader: httpx.Client
) -> None:
    before = own_reader.get("/api/metrics/performance?region=KR").json()
    row = scores(0, error=9_999.0)
    longer = {**row.__dict__, "window_start": row.window_end - timedelta(days=7)}
    with connect(filled_url) as connection:
        upsert_metrics(connection, [type(row)(**longer)])
    assert own_reader.get("/api/metrics/performance?region=KR").json() == before


def test_a_region_that_was_never_scored_has_empty_figures(reader: httpx.Client) -> None:
    body = reader.get("/api/metrics/performance?region=GR").json()
    assert (body["until"], body["by_day"], body["rolling"]) == (None, [], [])
