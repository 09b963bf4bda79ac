"""Named forecasts stand beside the daily one: of the same origin, scored apart, owed apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from demand_forecast.forecasting import drift
from tests.integration.database.test_predictions import ORIGIN, forecast
from trainer.database import connect
from trainer.database.deliveries import backlog, claimed, owe, settle
from trainer.database.metrics import MetricsRow, read_metrics, upsert_metrics
from trainer.database.predictions import read_predictions, upsert_predictions
from trainer.database.schema import downgrade, migrate

pytestmark = pytest.mark.integration

MADE_AT = ORIGIN.to_pydatetime()


def store(connection: Any, product: str = "", version: str = "GR-1") -> None:
    upsert_predictions(connection, forecast(version), region="GR", run_id="run", product=product)


def versions(connection: Any, product: str = "") -> list[str]:
    return sorted(set(read_predictions(connection, "GR", MADE_AT, product).get("model_version", [])))


def scored(product: str = "", mape: float = 1.0) -> MetricsRow:
    return MetricsRow(
        region="GR",
        product=product,
        model_version="GR-1",
        scope="score",
        window_start=MADE_AT,
        window_end=MADE_AT + timedelta(days=1),
        lead_time=0,
        hours=24,
        mae=10.0,
        mse=100.0,
        rmse=10.0,
        r2=None,
        mape=mape,
        smape=mape,
        run_id="run",
    )


def test_two_forecasts_of_one_origin_do_not_replace_each_other(database_url: str) -> None:
    with connect(database_url) as connection:
        store(connection, "", "GR-1")
        store(connection, "week", "GR-2")
        store(connection, "week", "GR-3")
        assert (versions(connection), versions(connection, "week")) == (["GR-1"], ["GR-3"])


def test_each_is_scored_in_a_row_of_its_own_and_the_daily_one_tells_of_drift(database_url: str) -> None:
    with connect(database_url) as connection:
        upsert_metrics(connection, [scored(mape=1.0), scored("week", mape=9.0)])
        upsert_metrics(connection, [scored("week", mape=8.0)])
        found = read_metrics(connection, "GR", MADE_AT)
        assert [(row.product, row.mape) for row in found] == [("", 1.0), ("week", 8.0)]
        recent = drift.recent_error(connection, "GR", ["GR-1"], MADE_AT + timedelta(days=1))
    assert recent is not None
    assert (recent.mape, recent.hours) == (1.0, 24)


def test_each_is_owed_by_itself(database_url: str) -> None:
    with connect(database_url) as connection:
        store(connection, "")
        store(connection, "week")
        for product in ("", "week", "week"):
            owe(connection, "GR", "forecast", [MADE_AT], product)
        assert (backlog(connection, "GR").owed, backlog(connection, "GR").hours) == (2, 48)
        with claimed(connection, "GR", after=0) as unit:
            assert unit is not None
            assert unit.product == ""
            settle(connection, unit)
        with claimed(connection, "GR", after=unit.id) as unit:
            assert unit is not None
            assert unit.product == "week"


def test_the_migration_goes_back_and_forth_over_rows(database_url: str) -> None:
    with connect(database_url) as connection:
        for product in ("", "week"):
            store(connection, product)
            owe(connection, "GR", "forecast", [MADE_AT], product)
        upsert_metrics(connection, [scored(), scored("week")])
    downgrade(database_url, "0008")
    with connect(database_url) as connection:
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            for table in ("predictions", "model_metrics", "influx_deliveries")
        ]
        assert counts == [(24,), (1,), (1,)], "an older release knows the daily forecast alone"
    migrate(database_url)
    with connect(database_url) as connection:
        assert versions(connection) == ["GR-1"]
        assert [row.product for row in read_metrics(connection, "GR", MADE_AT)] == [""]
        store(connection, "week")
        assert versions(connection, "week") == ["GR-1"]


def test_rows_of_the_release_before_are_the_daily_forecast_s(database_url: str) -> None:
    downgrade(database_url, "0008")
    with connect(database_url) as connection:
        connection.execute(
            "INSERT INTO predictions (region, origin, time, lead_time, model_version, run_id, forecast_mw, "
            "fallback) VALUES ('GR', %(at)s, %(at)s, 1, 'GR-0', 'run', 5000, 'none')",
            {"at": MADE_AT},
        )
    migrate(database_url)
    with connect(database_url) as connection:
        assert versions(connection) == ["GR-0"]
        assert pd.DataFrame(read_predictions(connection, "GR", MADE_AT)).index[0] == ORIGIN
