"""Without weather ahead: the champion's twin, the previous model's twin, the baseline."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.steps.small_model import DAYS, TINY
from trainer.contract import Region, model_folder
from trainer.model.artifact import save_artifact
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.fitting import fit
from trainer.model.training.twin import fit_twin
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

CHAMPION, PREVIOUS = PinnedModel("T-2"), PinnedModel("T-1")


@pytest.fixture(scope="module")
def warm(hundred_days: Path, place: Region, tmp_path_factory: pytest.TempPathFactory) -> Region:
    """The place with its temperature, up to the day to forecast."""
    rows = pd.read_csv(hundred_days)
    rows["temperature"] = 20 + np.arange(len(rows)) % 24 / 2
    rows.loc[pd.to_datetime(rows["time"]) >= "2024-04-10", "temperature"] = np.nan
    source = tmp_path_factory.mktemp("warm") / "demand.csv"
    rows.to_csv(source, index=False)
    return replace(place, source=str(source), weather=("temperature",))


@pytest.fixture(scope="module")
def models(warm: Region) -> tuple[Forecaster, Forecaster]:
    """A model that reads the temperature, and its twin."""
    rows = pd.read_csv(warm.source, index_col="time", parse_dates=True).rename(
        columns={"demand_mw": "demand"}
    )
    history = rows.tz_localize(warm.timezone).tz_convert("UTC").asfreq("h")
    until = pd.Timestamp("2024-03-31", tz=warm.timezone).tz_convert("UTC")
    model = fit(history, warm, TINY, train_until=until, device="cpu", origin_hours=(0,))
    twin = fit_twin(history, warm, TINY, train_until=until, device="cpu")
    assert twin is not None
    return model, twin


@pytest.fixture
def run(warm: Region, tmp_path: Path) -> Run:
    """With its snapshot taken at the end of the known weather."""
    as_of = pd.Timestamp("2024-04-10", tz=warm.timezone).tz_convert("UTC").to_pydatetime()
    run = Run(region=warm, run_id="daily/1", as_of=as_of, store=Store.at(tmp_path / "store"))
    snapshot(run, lookback_days=DAYS, source=warm.source)
    return run


def before(run: Run, *, hours: int) -> Run:
    """A run of so many hours earlier, with its snapshot: that much of the weather ahead is known."""
    earlier = replace(run, as_of=run.as_of - pd.Timedelta(hours=hours), run_id="daily/2")
    snapshot(earlier, lookback_days=DAYS, source=run.region.source)
    return earlier


def publish(run: Run, version: str, model: Forecaster, twin: Forecaster | None, folder: Path) -> None:
    save_artifact(model, folder / version, {"version": version}, twin=twin)
    run.store.upload(folder / version, model_folder("T", version))


def test_the_champion_s_twin_comes_before_any_older_model(
    run: Run, models: tuple[Forecaster, Forecaster], tmp_path: Path
) -> None:
    publish(run, "T-1", *models, tmp_path)
    publish(run, "T-2", *models, tmp_path)
    manifest = forecast(run, horizon=24, model=CHAMPION, previous=PREVIOUS)
    assert (manifest.facts["version"], manifest.facts["fallback"]) == ("T-2-weatherless", "weatherless")
    assert manifest.facts["fallback_from"] == 1
    assert "temperature, which is missing for 24 of the 24 hours" in manifest.facts["fallback_reasons"][0]
    hours = pd.read_parquet(run.store.locate(manifest.outputs["forecast.parquet"].path))
    assert set(hours["fallback"]) == {"weatherless"}
    assert set(hours["model_version"]) == {"T-2-weatherless"}
    assert hours["forecast"].between(4000, 8000).all()


def test_a_champion_forecasts_the_days_with_weather_and_its_twin_the_rest_of_the_week(
    run: Run, models: tuple[Forecaster, Forecaster], tmp_path: Path
) -> None:
    publish(run, "T-2", *models, tmp_path)
    earlier = before(run, hours=48)
    manifest = forecast(earlier, horizon=168, model=CHAMPION, previous=None)
    facts = manifest.facts
    assert (facts["version"], facts["fallback"], facts["fallback_from"]) == ("T-2", "weatherless", 73)
    assert facts["weather_carried_on"] == {"temperature": 24}
    assert len(facts["days"]) == 7
    (reason,) = facts["fallback_reasons"]
    assert reason.startswith("T-2 cannot forecast all hours: ")
    hours = pd.read_parquet(earlier.store.locate(manifest.outputs["forecast.parquet"].path))
    assert hours["fallback"].tolist() == ["none"] * 72 + ["weatherless"] * 96
    assert hours["model_version"].tolist() == ["T-2"] * 72 + ["T-2-weatherless"] * 96
    assert hours["lead_time"].tolist() == list(range(1, 169))


def test_a_champion_of_an_earlier_release_has_none_and_the_previous_model_s_serves(
    run: Run, models: tuple[Forecaster, Forecaster], tmp_path: Path
) -> None:
    model, twin = models
    publish(run, "T-1", model, twin, tmp_path)
    publish(run, "T-2", model, None, tmp_path)
    facts = forecast(run, horizon=24, model=CHAMPION, previous=PREVIOUS).facts
    assert (facts["version"], facts["fallback"]) == ("T-1-weatherless", "weatherless")
    assert [reason.split()[0] for reason in facts["fallback_reasons"]] == ["T-2", "T-1"]


def test_without_any_twin_the_baseline_forecasts(
    run: Run, models: tuple[Forecaster, Forecaster], tmp_path: Path
) -> None:
    publish(run, "T-2", models[0], None, tmp_path)
    facts = forecast(run, horizon=24, model=CHAMPION, previous=None).facts
    assert facts["fallback"] == "baseline"


def test_weather_that_ends_within_the_day_needs_no_fallback_and_is_told_of(
    run: Run, models: tuple[Forecaster, Forecaster], tmp_path: Path
) -> None:
    publish(run, "T-2", *models, tmp_path)
    earlier = before(run, hours=6)
    facts = forecast(earlier, horizon=24, model=CHAMPION, previous=None).facts
    assert facts["fallback"] == "none"
    assert facts["weather_carried_on"] == {"temperature": 18}


def test_a_model_of_the_logarithm_gives_way_once_demand_lies_below_zero_for_most_of_a_week(
    run: Run, place: Region, artifact: Path, tmp_path: Path
) -> None:
    """Panels have grown: for two weeks the feeder of the region feeds in for more than half of the day."""
    rows = pd.read_csv(place.source)
    hours = pd.to_datetime(rows["time"])
    changed = hours >= "2024-03-28"
    of_day = 2 * np.pi * (hours[changed].dt.hour - 7) / 24
    rows.loc[changed, "demand_mw"] = -300 + 700 * np.sin(of_day) + hours[changed].dt.day / 10
    rows.to_csv(tmp_path / "net_load.csv", index=False)
    feeder = replace(run, region=replace(place, source=str(tmp_path / "net_load.csv")))
    snapshot(feeder, lookback_days=DAYS, source=feeder.region.source)
    feeder.store.upload(artifact, model_folder("T", "T-2"))
    manifest = forecast(feeder, horizon=24, model=CHAMPION, previous=None)
    assert manifest.facts["fallback"] == "baseline"
    (reason,) = manifest.facts["fallback_reasons"]
    assert "of the 168 hours measured in the last 7 days are at or below zero" in reason
    assert "retrain the region" in reason
    hourly = pd.read_parquet(feeder.store.locate(manifest.outputs["forecast.parquet"].path))
    assert (hourly["forecast"] < 0).sum() > 12


class Bucket(Store):
    """Objects in memory, and the names of those that were fetched."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.fetched: list[str] = []

    def read(self, path: str) -> bytes:
        self.fetched.append(path.rpartition("/")[2])
        return super().read(path)


@pytest.fixture
def in_bucket(run: Run) -> Run:
    """`run`, its store of objects."""
    away = replace(run, store=Bucket(f"memory://ladder-{uuid.uuid4().hex}"))
    snapshot(away, lookback_days=DAYS, source=run.region.source)
    return away


def of_twin(run: Run) -> list[str]:
    assert isinstance(run.store, Bucket)
    return [name for name in run.store.fetched if name.startswith("weatherless_")]


def test_a_twin_is_fetched_when_it_is_asked_for_and_not_before(
    in_bucket: Run, models: tuple[Forecaster, Forecaster], tmp_path: Path
) -> None:
    publish(in_bucket, "T-2", *models, tmp_path)
    earlier = before(in_bucket, hours=6)
    assert forecast(earlier, horizon=24, model=CHAMPION, previous=None).facts["fallback"] == "none"
    assert of_twin(in_bucket) == []
    facts = forecast(in_bucket, horizon=24, model=CHAMPION, previous=None).facts
    assert (facts["version"], facts["fallback"]) == ("T-2-weatherless", "weatherless")
    assert "weatherless_manifest.json" in of_twin(in_bucket)


def test_a_twin_whose_files_are_not_those_on_record_is_not_used(
    in_bucket: Run, models: tuple[Forecaster, Forecaster], tmp_path: Path
) -> None:
    publish(in_bucket, "T-2", *models, tmp_path)
    in_bucket.store.write(f"{model_folder('T', 'T-2')}/weatherless_trend.json", b"{}")
    facts = forecast(in_bucket, horizon=24, model=CHAMPION, previous=None).facts
    assert facts["fallback"] == "baseline"
    assert "weatherless_trend.json does not fit its checksum" in facts["fallback_reasons"][1]
