"""Figures that the tables refuse: a NaN that gets in is a NaN on every dashboard."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import sql

pytestmark = pytest.mark.integration

ORIGIN = "2020-10-31T22:00Z"
ROWS: dict[str, dict[str, Any]] = {
    "raw_demand": {"region": "GR", "time": ORIGIN, "demand_mw": 5000.0, "source": "test"},
    "snapshots": {
        "region": "GR",
        "run_id": "run",
        "as_of": ORIGIN,
        "path": "GR/runs/run/snapshot.parquet",
        "sha256": "a" * 64,
        "rows": 10,
        "first_hour": "2020-01-01T00:00Z",
        "last_hour": "2020-01-01T09:00Z",
    },
    "predictions": {
        "region": "GR",
        "origin": ORIGIN,
        "time": "2020-10-31T23:00Z",
        "lead_time": 2,
        "model_version": "GR-1",
        "run_id": "run",
        "forecast_mw": 5000.0,
        "trend_mw": 4800.0,
        "seasonality_mw": -300.0,
        "residual_mw": 500.0,
        "lower_mw": 4900.0,
        "upper_mw": 5100.0,
        "fallback": "none",
    },
    "model_metrics": {
        "region": "GR",
        "model_version": "GR-1",
        "scope": "score",
        "window_start": "2020-10-30T22:00Z",
        "window_end": ORIGIN,
        "lead_time": 0,
        "hours": 24,
        "mae": 90.0,
        "mse": 1e4,
        "rmse": 100.0,
        "r2": -0.5,
        "mape": 1.5,
        "smape": 1.5,
        "run_id": "run",
    },
}
NAN, INFINITE = float("nan"), float("inf")
BESIDE = {
    "common_hours": 24,
    "common_mae": 90.0,
    "common_mape": 1.5,
    "reference_mae": 120.0,
    "reference_mape": 2.0,
}
"""A whole comparison with the operator's own forecast."""


def insert(connection: psycopg.Connection, table: str, **changes: Any) -> None:
    row = {**ROWS[table], **changes}
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Placeholder, row)),
    )
    connection.execute(query, row)


@pytest.mark.parametrize("table", ROWS)
def test_a_sound_row_is_taken_once(uncommitted: psycopg.Connection, table: str) -> None:
    insert(uncommitted, table)

    with pytest.raises(psycopg.errors.UniqueViolation):
        insert(uncommitted, table)


@pytest.mark.parametrize(
    ("table", "absent"),
    [
        ("raw_demand", ["demand_mw", "reference_mw", "verdict"]),
        ("predictions", ["trend_mw", "seasonality_mw", "residual_mw", "lower_mw", "upper_mw", "quantiles"]),
        ("model_metrics", ["r2", "mape", "smape", "rmae", "crps", "common_hours"]),
    ],
)
def test_figures_that_may_be_unknown_may_be_absent(
    uncommitted: psycopg.Connection, table: str, absent: list[str]
) -> None:
    insert(uncommitted, table, **dict.fromkeys(absent))


def test_what_the_operator_s_own_forecast_has_stands_beside_ours(uncommitted: psycopg.Connection) -> None:
    insert(uncommitted, "model_metrics", **BESIDE)


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        *(("raw_demand", {"demand_mw": value}) for value in (NAN, INFINITE, -INFINITE)),
        *(("raw_demand", {"reference_mw": value}) for value in (NAN, INFINITE)),
        ("raw_demand", {"verdict": "maybe"}),
        ("raw_demand", {"weather": "[]"}),
        ("raw_demand", {"source": None}),
        ("snapshots", {"sha256": "abc"}),
        ("snapshots", {"rows": 0}),
        ("snapshots", {"last_hour": "2019-01-01T00:00Z"}),
        *(("predictions", {"forecast_mw": value}) for value in (NAN, INFINITE, -INFINITE, None)),
        *(("predictions", {name: NAN}) for name in ("trend_mw", "seasonality_mw", "residual_mw")),
        *(("predictions", {name: -INFINITE}) for name in ("trend_mw", "seasonality_mw", "residual_mw")),
        *(("predictions", {name: value}) for name in ("lower_mw", "upper_mw") for value in (NAN, INFINITE)),
        ("predictions", {"lower_mw": 5200.0}),
        ("predictions", {"lead_time": 0, "time": "2020-10-31T21:00Z"}),
        ("predictions", {"lead_time": 169, "time": "2020-11-07T22:00Z"}),
        ("predictions", {"lead_time": 3}),
        ("predictions", {"fallback": "maybe"}),
        *(("predictions", {"quantiles": value}) for value in ("[4900]", "4900", '{"5": "4900"}')),
        *(
            ("model_metrics", {name: value})
            for name in ("mae", "mse", "rmse", "mape", "smape")
            for value in (NAN, INFINITE, -1)
        ),
        *(("model_metrics", {name: None}) for name in ("mae", "mse", "rmse")),
        *(("model_metrics", {name: value}) for name in ("rmae", "crps") for value in (NAN, INFINITE, -1)),
        *(("model_metrics", {"r2": value}) for value in (NAN, 1.5, -INFINITE)),
        *(
            ("model_metrics", {**BESIDE, name: value})
            for name in ("common_mae", "common_mape", "reference_mae", "reference_mape")
            for value in (NAN, INFINITE, -1)
        ),
        *(
            ("model_metrics", {**BESIDE, name: None})
            for name in ("common_hours", "common_mae", "reference_mae")
        ),
        *(("model_metrics", {**BESIDE, "common_hours": value}) for value in (0, 25)),
        ("model_metrics", {"hours": 0}),
        ("model_metrics", {"lead_time": 169}),
        ("model_metrics", {"scope": "guess"}),
        ("model_metrics", {"window_start": ORIGIN}),
    ],
)
def test_a_figure_that_cannot_be_is_refused(
    uncommitted: psycopg.Connection, table: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(psycopg.IntegrityError):
        insert(uncommitted, table, **wrong)
