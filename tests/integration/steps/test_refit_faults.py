"""What may be wrong with a model that is to be brought up to date, with its data, or with its refit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.integration.steps.small_model import DAYS, TINY
from trainer.contract import Region, model_folder
from trainer.errors import ArtifactError, DataError
from trainer.model.artifact import load_artifact, load_twin, save_artifact
from trainer.model.forecasting.day_ahead import day_ahead
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.fitting import fit, update
from trainer.model.training.twin import fit_twin
from trainer.steps import refit as step
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.refit import refit
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

PARENT, OTHER = PinnedModel("T-1"), PinnedModel("T-2")
TRAINED = "2024-03-31"
Facts = dict[str, Any]


@pytest.fixture(scope="module")
def rows(hundred_days: Path) -> pd.DataFrame:
    """The place's hundred days and their temperature, by local time."""
    frame = pd.read_csv(hundred_days, index_col="time", parse_dates=True)
    return frame.assign(temperature=20 + np.arange(len(frame)) % 24 / 2)


@pytest.fixture(scope="module")
def published(rows: pd.DataFrame, place: Region, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that reads the temperature, with its twin, trained up to ten days before the end."""
    warm = replace(place, weather=("temperature",))
    history = rows.rename(columns={"demand_mw": "demand"}).tz_localize(place.timezone).tz_convert("UTC")
    until = pd.Timestamp(TRAINED, tz=place.timezone).tz_convert("UTC")
    model = fit(history.asfreq("h"), warm, TINY, train_until=until, device="cpu", origin_hours=(0,))
    twin = fit_twin(history.asfreq("h"), warm, TINY, train_until=until, device="cpu")
    folder = tmp_path_factory.mktemp("model") / "artifact"
    save_artifact(model, folder, {"version": PARENT.version}, twin=twin)
    return folder


@pytest.fixture
def run(place: Region, rows: pd.DataFrame, published: Path, tmp_path: Path) -> Callable[..., Run]:
    """A run at the end of the file, whose weather is known up to `weather_until`."""

    def make(weather_until: str = "2024-04-10", run_id: str = "refit/1") -> Run:
        source = tmp_path / "demand.csv"
        rows.assign(temperature=rows["temperature"].where(rows.index < weather_until)).to_csv(source)
        region = replace(place, source=str(source), weather=("temperature",))
        as_of = pd.Timestamp("2024-04-10", tz=place.timezone).tz_convert("UTC").to_pydatetime()
        made = Run(region=region, run_id=run_id, as_of=as_of, store=Store.at(tmp_path / "store"))
        for model in (PARENT, OTHER):
            made.store.upload(published, model_folder("T", model.version))
        snapshot(made, lookback_days=DAYS, source=region.source)
        return made

    return make


def folder_of(run: Run, version: str) -> Path:
    return Path(run.store.locate(model_folder("T", version)).removeprefix("file://"))


def refitted(run: Run, model: PinnedModel = PARENT) -> Facts:
    return dict(refit(run, model=model, origin_hours=None).facts)


def test_a_model_and_its_twin_are_brought_up_to_date_together(run: Callable[..., Run]) -> None:
    facts = refitted(run())
    assert (facts["accepted"], facts["twin_note"]) == (True, None)
    folder = folder_of(run(), facts["version"])
    twin = load_twin(folder)
    assert twin is not None
    assert twin.training.train_until == load_artifact(folder).training.train_until


def test_a_twin_that_fails_stays_as_it_is_and_the_model_goes_on(
    run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(model: Forecaster, *arguments: Any, **options: Any) -> Forecaster:
        if not model.region.weather:
            raise DataError("no twin today")
        return update(model, *arguments, **options)

    monkeypatch.setattr(step, "update", failing)
    facts = refitted(run())
    assert facts["accepted"]
    assert facts["twin_note"] == "stays as it is: no twin today"
    twin = load_twin(folder_of(run(), facts["version"]))
    assert twin is not None
    assert twin.training.train_until == pd.Timestamp(TRAINED, tz="Asia/Seoul")


def test_a_damaged_twin_is_left_out(run: Callable[..., Run]) -> None:
    made = run()
    (folder_of(made, PARENT.version) / "weatherless_trend.json").write_text("{}")
    facts = refitted(made)
    assert facts["accepted"]
    assert facts["twin_note"].startswith("left out: ")
    assert load_twin(folder_of(made, facts["version"])) is None


def test_weather_that_ended_before_the_parent_was_trained_makes_no_older_model(
    run: Callable[..., Run],
) -> None:
    facts = refitted(run(weather_until="2024-03-28"))
    assert (facts["accepted"], facts["tried"]) == (False, True)
    assert "ingest the weather" in facts["reason"]


def test_days_whose_weather_is_missing_are_left_out_of_the_check(run: Callable[..., Run]) -> None:
    facts = refitted(run(weather_until="2024-04-06"))
    assert facts["accepted"]
    assert facts["check"]["hours"] == 3 * 24
    assert facts["train_until"] == pd.Timestamp("2024-04-06", tz="Asia/Seoul").tz_convert("UTC").isoformat()


@pytest.mark.parametrize("fault", [np.nan, DataError("broken")], ids=["nan", "raises"])
def test_one_that_cannot_forecast_what_its_parent_can_is_not_published(
    run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    def broken(model: Forecaster, history: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
        made = day_ahead(model, history, days)
        if model.training.networks_until is None:
            return made
        if isinstance(fault, DataError):
            raise fault
        return made.assign(forecast=fault)

    monkeypatch.setattr("trainer.model.forecasting.day_ahead.day_ahead", broken)
    facts = refitted(run())
    assert (facts["accepted"], facts["tried"]) == (False, True)
    assert "cannot forecast the last 168 h" in facts["reason"]


def test_a_run_that_is_cleared_after_another_promotion_refits_the_new_champion(
    run: Callable[..., Run],
) -> None:
    first, second = refitted(run()), refitted(run(), OTHER)
    assert first["version"] != second["version"]
    manifest = (folder_of(run(), second["version"]) / "manifest.json").read_text()
    assert '"parent": "T-2"' in manifest


def test_a_parent_that_is_gone_from_the_store_is_named(run: Callable[..., Run]) -> None:
    made = run()
    shutil.rmtree(folder_of(made, PARENT.version))
    with pytest.raises(ArtifactError, match="T-1 is not in the store"):
        refitted(made)
