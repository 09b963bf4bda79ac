"""On the day on which clocks are put back the 25th hour of its forecast counts, and no older forecast's."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trainer.contract import Region, load_regions
from trainer.database.connection import connect
from trainer.database.predictions import upsert_predictions
from trainer.steps.score import score
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

GR: Region = load_regions({})["GR"]
DAY = pd.Timestamp("2020-10-25T00:00+03:00").tz_convert("UTC")
ACTUAL = 5000.0


def forecast(origin: pd.Timestamp, hours: int, *, off: float) -> pd.DataFrame:
    """As the step `forecast` makes it, off by a known share of ACTUAL."""
    values = np.full(hours, ACTUAL * (1 + off))
    return pd.DataFrame(
        {
            "origin": origin,
            "lead_time": range(1, hours + 1),
            "model_version": "GR-1",
            "fallback": "none",
            "forecast": values,
            "trend": values,
            "seasonality": 0.0,
            "residual": 0.0,
            "lower": values,
            "upper": values,
        },
        index=pd.date_range(origin, periods=hours, freq="h", name="time"),
    )


def test_the_figure_of_a_day_of_25_hours_counts_the_forecast_that_began_with_it(
    database: str, tmp_path: Path
) -> None:
    with connect(database) as connection:
        for origin, off in ((DAY - pd.Timedelta(hours=24), 0.10), (DAY, 0.02)):
            upsert_predictions(connection, forecast(origin, 48, off=off), region="GR", run_id="daily")
        connection.execute(
            "INSERT INTO raw_demand (region, time, demand_mw, source) SELECT 'GR', hour, %s, 'meter' "
            "FROM generate_series(%s, %s, interval '1 hour') AS hour",
            (ACTUAL, DAY.to_pydatetime(), (DAY + pd.Timedelta(hours=30)).to_pydatetime()),
        )
    as_of = datetime.fromisoformat("2020-10-26T00:00+02:00")
    run = Run(region=GR, run_id="daily/2", as_of=as_of, store=Store.at(tmp_path))

    scored = score(run, days=1)

    assert scored.facts["hours"] == 25
    assert scored.metrics["2020-10-25"]["mape"] == pytest.approx(2.0)
