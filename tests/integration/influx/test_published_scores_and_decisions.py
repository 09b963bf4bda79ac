"""What dashboards find in InfluxDB of scores and of decisions on models: on a real server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from tests.integration.influx.published import ORIGIN, stored
from trainer.database.decisions import Decision
from trainer.database.metrics import MetricsRow
from trainer.influx import InfluxSettings, publish_decisions, publish_metrics, remove_other_scores

pytestmark = pytest.mark.integration


def scored(**figures: Any) -> MetricsRow:
    values: dict[str, Any] = {
        "region": "GR",
        "model_version": "GR-1",
        "scope": "score",
        "window_start": (ORIGIN - pd.Timedelta(days=1)).to_pydatetime(),
        "window_end": ORIGIN.to_pydatetime(),
        "lead_time": 0,
        "hours": 24,
        "mae": 90.0,
        "mse": 1e4,
        "rmse": 100.0,
        "r2": 0.9,
        "mape": 1.5,
        "smape": 1.4,
        "run_id": "run",
    }
    return MetricsRow(**{**values, **figures})


def test_metrics_stand_at_the_end_of_their_window_without_the_figures_that_are_missing(
    settings: InfluxSettings,
) -> None:
    assert publish_metrics(settings, [scored(r2=None, smape=float("nan"), crps=70.0)]) == 1

    points = stored(settings, "forecast_metrics")
    assert {p["_field"]: p["_value"] for p in points} == {
        "mae": 90.0,
        "mse": 1e4,
        "rmse": 100.0,
        "mape": 1.5,
        "crps": 70.0,
    }
    assert {(p["_time"], p["region"], p["model_version"]) for p in points} == {(ORIGIN, "GR", "GR-1")}


def test_each_lead_time_has_a_point_of_its_own_beside_the_one_of_all(settings: InfluxSettings) -> None:
    rows = [scored(lead_time=lead_time, mape=1.0 + lead_time) for lead_time in range(25)]

    assert publish_metrics(settings, rows) == 25

    points = [point for point in stored(settings, "forecast_metrics") if point["_field"] == "mape"]
    assert {p["lead_time"]: p["_value"] for p in points} == {
        "all": 1.0,
        **{str(lead_time): 1.0 + lead_time for lead_time in range(1, 25)},
    }


def test_decisions_are_published_in_their_own_words(settings: InfluxSettings) -> None:
    promoted = Decision(
        version="GR-1",
        run_id="weekly_retrain_GR/manual",
        outcome="promoted",
        reason='It wins: MAPE 1.5 % against "2.0 %".',
        decided_at=ORIGIN.to_pydatetime(),
        point_at=ORIGIN.to_pydatetime(),
        trained_to=datetime(2023, 10, 1, tzinfo=UTC),
        challenger_mape=1.5,
        champion_mape=None,
        mlflow_run_id="0123456789abcdef" * 2,
    )
    later = ORIGIN + pd.Timedelta(days=7)
    rejected = replace(
        promoted, version="GR-2", outcome="rejected", trained_to=None, point_at=later.to_pydatetime()
    )

    assert publish_decisions(settings, [promoted, rejected], region="GR") == 2

    points = stored(settings, "model_decisions")
    assert {p["_field"]: p["_value"] for p in points if p["_time"] == ORIGIN} == {
        "version": "GR-1",
        "run_id": "weekly_retrain_GR/manual",
        "outcome": "promoted",
        "reason": 'It wins: MAPE 1.5 % against "2.0 %".',
        "trained_to": 1696118400,
        "challenger_mape": 1.5,
        "mlflow_run_id": "0123456789abcdef" * 2,
    }
    outcomes = {p["_value"] for p in points if p["_time"] == later and p["_field"] == "outcome"}
    assert outcomes == {"rejected"}


def test_metrics_scored_again_overwrite(settings: InfluxSettings) -> None:
    publish_metrics(settings, [scored(mape=2.0)])
    publish_metrics(settings, [scored(mape=1.0)])

    mapes = [point["_value"] for point in stored(settings, "forecast_metrics") if point["_field"] == "mape"]
    assert mapes == [1.0]


def test_scores_that_are_no_more_of_a_window_leave_it_and_those_of_other_windows_stay(
    settings: InfluxSettings,
) -> None:
    end = ORIGIN.to_pydatetime()
    kept = [scored(model_version="GR-2"), scored(model_version="GR-1", product="week")]
    day_before = scored(window_end=(ORIGIN - pd.Timedelta(days=1)).to_pydatetime())
    publish_metrics(settings, [scored(), *kept, day_before, scored(region="KR")])

    remove_other_scores(settings, kept, region="GR", window_end=end)
    publish_metrics(settings, kept)

    points = [point for point in stored(settings, "forecast_metrics") if point["_field"] == "mape"]
    assert {(p["region"], p["model_version"], p.get("product"), p["_time"]) for p in points} == {
        ("GR", "GR-2", None, ORIGIN),
        ("GR", "GR-1", "week", ORIGIN),
        ("GR", "GR-1", None, ORIGIN - pd.Timedelta(days=1)),
        ("KR", "GR-1", None, ORIGIN),
    }
