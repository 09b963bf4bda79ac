"""A region with three weeks of hourly demand in a file, and a run that speaks for a moment within them.

Where a model is needed: another with a hundred days, and a small real model of it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.integration.steps import small_model
from tests.integration.steps.small_model import PLACE, TINY, TRAINED_UNTIL, ZONE, history_of
from trainer.contract import Env, Region
from trainer.model.artifact import save_artifact
from trainer.model.training.fitting import fit
from trainer.steps.ingest import ingest
from trainer.steps.publish import publish
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

START = pd.Timestamp("2024-03-01", tz=ZONE)


def region_of(source: Path) -> Region:
    return Region.parse("T", {**PLACE, "source": str(source)})


@pytest.fixture
def demand() -> pd.Series:
    """MW by local hour: a day and a week that repeat, and a little noise."""
    hours = pd.date_range(START, periods=24 * 21, freq="h", name="time")
    noise = np.random.default_rng(7).normal(0, 20, len(hours))
    shape = 6000 + 900 * np.sin(2 * np.pi * (hours.hour - 7) / 24) - 400 * (hours.day_of_week >= 5)
    return pd.Series(np.round(shape + noise, 1), index=hours, name="demand_mw")


@pytest.fixture
def region(tmp_path: Path, demand: pd.Series) -> Region:
    source = tmp_path / "demand.csv"
    demand.tz_localize(None).to_csv(source)
    return region_of(source)


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(Env.POSTGRES_URL, database_url)
    return database_url


@pytest.fixture
def buckets(influxdb: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in influxdb.environ.items():
        monkeypatch.setenv(name, value)
    return influxdb


@pytest.fixture
def make_run(region: Region, tmp_path: Path) -> Callable[..., Run]:
    def make(day: str = "2024-03-15", run_id: str = "daily/1") -> Run:
        as_of = pd.Timestamp(day, tz=region.timezone).tz_convert("UTC").to_pydatetime()
        return Run(region=region, run_id=run_id, as_of=as_of, store=Store.at(tmp_path / "store"))

    return make


@pytest.fixture
def close_forecast(demand: pd.Series) -> Callable[..., None]:
    """Closes the step `forecast` of a run with a forecast that is off by a known share; `quantiles` are
    shares of it, by column."""

    def close(
        run: Run,
        *,
        off: float = 0.02,
        horizon: int = 24,
        version: str = "T-1",
        product: str = "",
        first: int = 1,
        quantiles: Mapping[str, float] = MappingProxyType({}),
        days: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        index = pd.date_range(pd.Timestamp(run.as_of), periods=horizon, freq="h", name="time")
        forecast = demand.tz_convert("UTC").reindex(index).ffill() * (1 + off)
        frame = pd.DataFrame(
            {
                "forecast": forecast,
                "trend": 6000.0,
                "seasonality": forecast - 6010.0,
                "residual": 10.0,
                "lower": forecast * 0.97,
                "upper": forecast * 1.03,
                "lead_time": range(1, horizon + 1),
                "origin": index[0],
                "model_version": version,
                "fallback": "none",
                **{column: forecast * share for column, share in quantiles.items()},
            }
        )
        parquet = io.BytesIO()
        frame.iloc[first - 1 :].to_parquet(parquet)
        ref = run.store.write(f"{run.folder}/forecast.parquet", parquet.getvalue())
        run.close(
            "forecast",
            started=datetime.now(UTC),
            parameters={},
            outputs={"forecast.parquet": ref},
            facts={"product": product, "days": list(days)},
        )

    return close


@pytest.fixture
def make_published_run(
    make_run: Callable[..., Run], close_forecast: Callable[..., None], database: str, buckets: Any
) -> Callable[..., Run]:
    """Makes a run and takes it from ingestion to both stores."""

    def make(day: str, run_id: str, **forecast: Any) -> Run:
        run = make_run(day, run_id)
        ingest(run, source=None)
        snapshot(run, lookback_days=30, source=None)
        close_forecast(run, **forecast)
        publish(run)
        return run

    return make


@pytest.fixture(scope="session")
def hundred_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "demand.csv"
    small_model.hundred_days().to_csv(path)
    return path


@pytest.fixture(scope="session")
def place(hundred_days: Path) -> Region:
    return region_of(hundred_days)


@pytest.fixture(scope="session")
def artifact(place: Region, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real model that was trained up to ten days before the end of the file."""
    history = history_of(small_model.hundred_days())
    until = TRAINED_UNTIL.tz_convert("UTC")
    model = fit(history, place, TINY, train_until=until, device="cpu", origin_hours=(0,))
    folder = tmp_path_factory.mktemp("model") / "artifact"
    save_artifact(model, folder, {"version": "T-1"})
    return folder
