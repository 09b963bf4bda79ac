"""Rows of South Korea's tables: actuals, forecasts that are 100 MW too high, scores, decisions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
import psycopg

from trainer.contract import Region, load_regions
from trainer.database.metrics import MetricsRow

KR: Final[Region] = load_regions({})["KR"]
LAST_MIDNIGHT: Final = datetime(2023, 10, 30, 15, tzinfo=UTC)
"""Midnight of 31 October in Korea: the origin of the newest forecast, and the end of the actuals."""

EVERYTHING: Final = "everything-0123456789"
READ: Final = "reading-0123456789"
METRICS: Final = "scraping-0123456789"
TOKENS: Final = f"{EVERYTHING}, read:{READ}, metrics:{METRICS}"


def demand(index: pd.DatetimeIndex) -> np.ndarray:
    """MW: a daily shape around 60 GW, and a wobble that no calendar explains."""
    wobble = np.sin(np.asarray(index.view("int64") // 10**9 // 3600, dtype=np.float64) * 12.9898)
    return 60_000 + 5_000 * np.sin(2 * np.pi * (index.hour + 9) / 24) + 300 * wobble


def actuals(days: int, *, days_ahead: int = 0) -> pd.DataFrame:
    """The `days` days before LAST_MIDNIGHT, and the weather of `days_ahead` after it."""
    start = LAST_MIDNIGHT - timedelta(days=days)
    index = pd.date_range(start, periods=24 * (days + days_ahead), freq="h", name="time")
    weather = np.cos(2 * np.pi * np.arange(len(index)) / 24)
    frame = pd.DataFrame(
        {"demand": demand(index), "temperature": 15 - 5 * weather, "humidity": 60 + 10 * weather}, index=index
    )
    frame.loc[frame.index >= LAST_MIDNIGHT, "demand"] = np.nan
    return frame


def of_operator(days: int) -> pd.DataFrame:
    """The operator's own forecast, 250 MW too high, of as many days before LAST_MIDNIGHT and one after it."""
    index = pd.date_range(
        LAST_MIDNIGHT - timedelta(days=days), periods=24 * (days + 1), freq="h", name="time"
    )
    return pd.DataFrame({"demand": np.nan, "reference": demand(index) + 250}, index=index)


def forecast(origin: datetime, horizon: int = 24, *, version: str = "KR-v1") -> pd.DataFrame:
    """100 MW above the actuals, in the shape of the forecast step."""
    index = pd.date_range(origin, periods=horizon, freq="h", name="time")
    values = demand(index) + 100
    return pd.DataFrame(
        {
            "origin": origin,
            "lead_time": range(1, horizon + 1),
            "model_version": version,
            "fallback": "none",
            "forecast": values,
            "trend": 60_000.0,
            "seasonality": values - 60_000 - 10,
            "residual": 10.0,
            "lower": values - 500,
            "upper": values + 500,
        },
        index=index,
    )


def with_quantiles(frame: pd.DataFrame) -> pd.DataFrame:
    """The forecast with four more than its band: 250 and 750 MW around it."""
    value = frame["forecast"]
    return frame.assign(q5=value - 750, q25=value - 250, q75=value + 250, q95=value + 750)


def scores(
    day: int, *, error: float, lead_time: int = 0, version: str = "KR-v1", common: int = 0
) -> MetricsRow:
    """Of the local day that ended `day` days before LAST_MIDNIGHT; the operator is 3 % off on `common` hours
    of it, where the model is off by half of `error`."""
    end = LAST_MIDNIGHT - timedelta(days=day)
    return MetricsRow(
        region="KR",
        model_version=version,
        scope="score",
        window_start=end - timedelta(days=1),
        window_end=end,
        lead_time=lead_time,
        hours=24 if lead_time == 0 else 1,
        mae=error,
        mse=error**2,
        rmse=error,
        r2=0.9,
        mape=error / 600,
        smape=error / 600,
        run_id="run",
        common_hours=common or None,
        common_mae=error / 2 if common else None,
        common_mape=error / 1200 if common else None,
        reference_mae=1800.0 if common else None,
        reference_mape=3.0 if common else None,
    )


def decide(
    connection: psycopg.Connection[Any], run: str, status: str = "active", **values: Any
) -> dict[str, Any]:
    """One row of model_deployments; an active one archives the champion before it."""
    row = {
        "region": "KR",
        "version": f"KR-{run}",
        "run_id": run,
        "status": status,
        "artifact_path": f"KR/models/KR-{run}",
        "artifact_checksum": "0" * 64,
        "reason": f"why {run}",
        "metrics": json.dumps({"challenger": {"mape": 1.5}, "mlflow_run_id": f"mlflow-{run}"}),
        "trained_from": "2019-01-01Z",
        "trained_to": "2023-10-01Z",
        **values,
    }
    with connection.transaction():
        if status == "active":
            connection.execute(
                "UPDATE model_deployments SET status = 'archived', archived_at = clock_timestamp() "
                "WHERE region = %s AND status = 'active'",
                (row["region"],),
            )
        names = ", ".join(row)
        marks = ", ".join(f"%({name})s" for name in row)
        connection.execute(f"INSERT INTO model_deployments ({names}) VALUES ({marks})", row)
    return row
