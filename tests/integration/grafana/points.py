"""What the trainer writes to InfluxDB, around the present hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from trainer.contract import load_regions
from trainer.contract.local_days import day_of, midnight
from trainer.database.decisions import Decision
from trainer.database.forecast_days import ForecastDay
from trainer.database.metrics import MetricsRow

REGIONS = load_regions({})
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
"""Staleness and age are asked of the clock, so the points lie around it."""


def forecast(origin: datetime, hours: int) -> pd.DataFrame:
    index = pd.date_range(origin, periods=hours, freq="h", name="time")
    values = np.full(hours, 60_000.0)
    return pd.DataFrame(
        {
            "lead_time": np.arange(hours) % 24 + 1,
            "model_version": "KR-1",
            "forecast": values,
            "trend": values - 300,
            "seasonality": 200.0,
            "residual": 100.0,
            "lower": values - 900,
            "upper": values + 900,
        },
        index=index,
    )


def judged() -> pd.DataFrame:
    """Four days up to now: hours 10 and 11 a spike, 12 kW, 50 a spike again, 60 missing, and of 61 nothing at
    all is stored."""
    hours = pd.date_range(NOW - timedelta(days=4), periods=96, freq="h", name="time")
    frame = pd.DataFrame({"verdict": "measured", "reason": ""}, index=hours)
    frame.loc[hours[[10, 11, 12, 50]], "verdict"] = "suspect"
    frame.loc[hours[[10, 11, 12, 50]], "reason"] = ["spike", "spike", "kW?", "spike"]
    frame.loc[hours[60], "verdict"] = "missing"
    return frame.drop(hours[61])


def said_of_day(days_ahead: int, *, band: bool = True) -> ForecastDay:
    """Of Korea, whose days have 24 hours: a peak at the 19th of them."""
    day = day_of(NOW, REGIONS["KR"]) + timedelta(days=days_ahead)
    return ForecastDay(
        date=day,
        hours=24,
        peak_mw=70_000.0,
        peak_time=midnight(day, REGIONS["KR"]) + timedelta(hours=18),
        peak_lower_mw=69_000.0 if band else None,
        peak_upper_mw=71_500.0 if band else None,
        energy_mwh=1_500_000.0,
        energy_lower_mwh=1_480_000.0 if band else None,
        energy_upper_mwh=1_520_000.0 if band else None,
    )


def scored(window_end: datetime, lead_time: int) -> MetricsRow:
    return MetricsRow(
        region="KR",
        model_version="KR-1",
        scope="score",
        window_start=window_end - timedelta(days=1),
        window_end=window_end,
        lead_time=lead_time,
        hours=24 if lead_time == 0 else 1,
        mae=900.0,
        mse=1e6,
        rmse=1000.0,
        r2=0.97 if lead_time == 0 else None,
        mape=1.5 + lead_time / 10,
        smape=1.5,
        rmae=0.6,
        crps=650.0,
        run_id="score",
        common_hours=20 if lead_time == 0 else 1,
        common_mae=850.0,
        common_mape=1.4,
        reference_mae=1200.0,
        reference_mape=2.0,
    )


def decision(outcome: Any, days_ago: int, version: str, champion_mape: float | None = 2.0) -> Decision:
    return Decision(
        version=version,
        run_id="weekly_retrain_KR/manual__2026-11-01T03:00:00+00:00",
        outcome=outcome,
        reason='MAPE 1.9 % against "2.0 %"',
        decided_at=NOW - timedelta(days=days_ago),
        point_at=NOW - timedelta(days=days_ago),
        trained_to=NOW - timedelta(days=days_ago + 1) if outcome != "rejected" else None,
        challenger_mape=1.9,
        champion_mape=champion_mape,
        mlflow_run_id=f"run-of-{version}" if champion_mape else None,
    )
