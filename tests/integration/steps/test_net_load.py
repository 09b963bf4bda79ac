"""A feeder whose panels feed in at noon goes the whole way: trained, judged, promoted, forecast, scored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from demand_forecast.forecasting.drift import judge, recent_error
from demand_forecast.promotion.gate import Case, PromotionPolicy, decide_from
from tests.integration.influx.published import stored
from tests.integration.steps.small_model import DAYS, TINY, leave_candidate
from trainer.contract import Region
from trainer.database import connect
from trainer.influx import InfluxSettings
from trainer.model.artifact import save_artifact
from trainer.model.training.fitting import fit
from trainer.steps.evaluate import evaluate
from trainer.steps.forecast import forecast
from trainer.steps.ingest import ingest
from trainer.steps.pinned_models import newest_models
from trainer.steps.promote import promote
from trainer.steps.publish import publish
from trainer.steps.score import score
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

DECIDED = pd.Timestamp("2024-04-01", tz="UTC").to_pydatetime()


@pytest.fixture(scope="module")
def feeder(place: Region, tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Hourly net load of a few MW, at or below zero on most days."""
    hours = pd.date_range("2024-01-01", periods=24 * DAYS, freq="h", name="time")
    sun = np.maximum(np.sin(np.pi * (hours.hour - 6) / 12), 0)
    noise = np.random.default_rng(3).normal(0, 0.1, len(hours))
    load = 6 - 6.5 * sun - 0.5 * (hours.day_of_week >= 5) + noise
    source = tmp_path_factory.mktemp("feeder") / "net.csv"
    pd.Series(np.round(load, 3), index=hours, name="demand_mw").to_csv(source)
    return replace(place, source=str(source))


@pytest.fixture(scope="module")
def artifact(feeder: Region, tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = pd.read_csv(feeder.source, index_col="time", parse_dates=True)["demand_mw"]
    history = rows.tz_localize(feeder.timezone).tz_convert("UTC").rename("demand").to_frame().asfreq("h")
    until = pd.Timestamp("2024-03-31", tz=feeder.timezone).tz_convert("UTC")
    folder = tmp_path_factory.mktemp("model") / "artifact"
    save_artifact(fit(history, feeder, TINY, train_until=until, device="cpu"), folder, {"version": "T-1"})
    return folder


def run_at(feeder: Region, day: str, run_id: str, store: Path) -> Run:
    as_of = pd.Timestamp(day, tz=feeder.timezone).tz_convert("UTC").to_pydatetime()
    return Run(region=feeder, run_id=run_id, as_of=as_of, store=Store.at(store))


def naive_error(feeder: Region, day: str) -> float:
    """MAE of what was measured a week before, MW."""
    demand = pd.read_csv(feeder.source, index_col="time", parse_dates=True)["demand_mw"]
    return float((demand - demand.shift(168)).loc[day].abs().mean())


@pytest.fixture
def evaluated(feeder: Region, artifact: Path, tmp_path: Path) -> Run:
    run = run_at(feeder, "2024-04-08", "weekly/1", tmp_path / "store")
    snapshot(run, lookback_days=DAYS, source=feeder.source)
    leave_candidate(run, artifact)
    evaluate(run, holdout_days=7, champion=None)
    return run


def test_it_is_judged_in_mw_beside_the_seasonal_naive_and_promoted(evaluated: Run) -> None:
    manifest = evaluated.require("evaluate")
    figures = manifest.metrics["challenger"]
    assert (figures["mape"], figures["smape"]) == (None, None)
    assert 0 < figures["rmae"] < 1
    assert set(manifest.facts["mape_by_lead_time"].values()) >= {None}
    decision = decide_from(manifest, None, PromotionPolicy())
    assert decision.case == Case.FIRST_MODEL
    assert f"MAE {figures['mae']:.4g} MW over 168 h" in decision.reason


def test_its_forecasts_are_published_scored_and_watched(
    evaluated: Run, feeder: Region, database: str, buckets: Any, tmp_path: Path
) -> None:
    promote(evaluated)
    daily = run_at(feeder, "2024-04-08", "daily/1", tmp_path / "store")
    ingest(daily, source=None)
    snapshot(daily, lookback_days=30, source=None)
    model, previous = newest_models(daily)
    made = forecast(daily, horizon=24, model=model, previous=previous)
    assert made.facts["fallback"] == "none"
    publish(daily)

    next_day = run_at(feeder, "2024-04-09", "daily/2", tmp_path / "store")
    ingest(next_day, source=None)
    metrics = score(next_day, days=1).metrics["2024-04-08"]
    assert (metrics["mape"], metrics["smape"]) == (None, None)
    assert metrics["rmae"] == pytest.approx(metrics["mae"] / naive_error(feeder, "2024-04-08"))
    settings = InfluxSettings.from_environ(buckets.environ)
    assert settings is not None
    points = stored(settings, "power_demand_forecast")
    assert min(point["_value"] for point in points if point["_field"] == "forecast") < 0
    scored = {
        point["_field"] for point in stored(settings, "forecast_metrics") if point["lead_time"] == "all"
    }
    assert {"mae", "rmse", "rmae"} <= scored
    assert not scored & {"mape", "smape"}

    with connect(database) as connection:
        recent = recent_error(connection, feeder.name, [model.version], next_day.as_of)
    assert recent is not None
    assert recent.mape is None
    assert recent.rmae == pytest.approx(metrics["rmae"])
    verdict = judge(
        recent,
        limit=5.0,
        moment=next_day.as_of,
        decided_at=DECIDED,
        cooldown=next_day.as_of - next_day.as_of,
        retraining=False,
        paused_dag=None,
    )
    assert verdict.drifted == (recent.rmae > 1)
    assert "times the seasonal naive" in verdict.reason
