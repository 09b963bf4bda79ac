"""A model that is averaged with the operator's own forecast is published, used and refitted as any other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.steps.small_model import DAYS, TINY, checksum
from trainer.contract import Manifest, Region, model_folder
from trainer.model.artifact import load_artifact, load_twin, save_artifact
from trainer.model.progress import Silent
from trainer.model.training import tree_fitting
from trainer.model.training.fitting import fit
from trainer.steps.evaluate import evaluate
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.refit import refit
from trainer.steps.snapshot import snapshot
from trainer.steps.train import train
from trainer.steps.training_parameters import TrainingParameters
from trainer.store import Run, Store

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def averaged(hundred_days: Path, place: Region, tmp_path_factory: pytest.TempPathFactory) -> Region:
    """The place, whose operator is always 4 % above demand."""
    rows = pd.read_csv(hundred_days)
    source = tmp_path_factory.mktemp("averaged") / "demand.csv"
    rows.assign(reference=rows["demand_mw"] * 1.04).to_csv(source, index=False)
    return replace(place, source=str(source), ensemble=("seasonal", "reference"))


@pytest.fixture(scope="module")
def saved(averaged: Region, tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = pd.read_csv(averaged.source, index_col="time", parse_dates=True)
    history = rows.rename(columns={"demand_mw": "demand"}).tz_localize(averaged.timezone)
    until = pd.Timestamp("2024-03-31", tz=averaged.timezone).tz_convert("UTC")
    model = fit(
        history.tz_convert("UTC").asfreq("h"),
        averaged,
        TINY,
        train_until=until,
        device="cpu",
        origin_hours=(0,),
    )
    folder = tmp_path_factory.mktemp("model") / "artifact"
    save_artifact(model, folder, {"version": "T-1"})
    return folder


@pytest.fixture
def run(averaged: Region, saved: Path, tmp_path: Path) -> Run:
    """With its snapshot, nine days after the model's training, and the model published."""
    as_of = pd.Timestamp("2024-04-09", tz=averaged.timezone).tz_convert("UTC").to_pydatetime()
    run = Run(region=averaged, run_id="daily/1", as_of=as_of, store=Store.at(tmp_path / "store"))
    snapshot(run, lookback_days=DAYS, source=averaged.source)
    run.store.upload(saved, model_folder("T", "T-1"))
    return run


def forecast_by(run: Run, pinned: PinnedModel) -> Manifest:
    return forecast(run, horizon=24, model=pinned, previous=None)


def silenced(run: Run, averaged: Region, folder: Path) -> Run:
    """With a snapshot without the operator's forecast."""
    rows = pd.read_csv(averaged.source).drop(columns="reference")
    rows.to_csv(folder / "silent.csv", index=False)
    silent = Run(
        region=replace(averaged, source=str(folder / "silent.csv")),
        run_id="daily/2",
        as_of=run.as_of,
        store=run.store,
    )
    snapshot(silent, lookback_days=DAYS, source=silent.region.source)
    return silent


def trained(run: Run) -> Manifest:
    return train(
        run,
        holdout_days=8,
        chosen=TrainingParameters(TINY),
        origin_hours=[0],
        device="cpu",
        progress=Silent(),
    )


def test_a_forecast_tells_what_each_member_counted_by(run: Run, saved: Path) -> None:
    made = forecast_by(run, PinnedModel("T-1", checksum(saved)))
    shares = made.facts["members"]
    assert made.facts["fallback"] == "none"
    assert list(shares) == ["model", "seasonal", "reference"]
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
    assert shares["reference"] > 0.5  # it is exact, once its 4 % are taken off
    hours = pd.read_parquet(run.store.locate(made.outputs["forecast.parquet"].path))
    total = hours["trend"] + hours["seasonality"] + hours["residual"]
    pd.testing.assert_series_equal(total, hours["forecast"], check_names=False)


def test_without_the_operator_s_forecast_the_others_speak(
    run: Run, saved: Path, averaged: Region, tmp_path: Path
) -> None:
    silent = silenced(run, averaged, tmp_path)
    made = forecast_by(silent, PinnedModel("T-1", checksum(saved)))
    assert made.facts["fallback"] == "none"
    assert made.facts["members"]["reference"] == 0


def test_training_says_once_that_the_operator_s_forecast_is_nowhere(
    run: Run, averaged: Region, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert trained(run).facts["members"]["reference"] > 0
    assert "grid operator's own forecast" not in caplog.text
    made = trained(silenced(run, averaged, tmp_path))
    assert made.facts["members"]["reference"] == 0
    assert caplog.text.count("grid operator's own forecast") == 1


def test_a_refit_is_an_ensemble_too_and_tells_what_was_reached(run: Run, saved: Path) -> None:
    made = refit(run, model=PinnedModel("T-1", checksum(saved)), origin_hours=None)
    assert made.facts["accepted"], made.facts["reason"]
    assert made.facts["members"]["reference"] > 0.5
    with run.store.download(made.facts["artifact"]["path"]) as folder:
        again = load_artifact(folder, checksum=made.facts["artifact"]["checksum"])
        assert load_twin(folder) is None
    assert again.members is not None
    assert again.members.usual_shares() == made.facts["members"]
    assert again.region.ensemble == ("seasonal", "reference")


def test_trees_are_trained_published_refitted_and_forecast_with_as_any_member(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_fitting, "LEAST_HOURS", 30 * 24)
    run = replace(run, region=replace(run.region, ensemble=("trees",)))
    made = trained(run).facts
    assert list(made["members"]) == ["model", "trees"]
    judged = evaluate(run, champion=None, holdout_days=8)
    assert judged.facts["members"] == made["members"]
    with run.store.download(made["artifact"]["path"]) as folder:
        run.store.upload(folder, model_folder("T", "T-2"))
    model = PinnedModel("T-2", made["artifact"]["checksum"])
    assert forecast_by(run, model).facts["members"]["trees"] > 0
    refitted = refit(run, model=model, origin_hours=None)
    assert refitted.facts["accepted"], refitted.facts["reason"]
    assert list(refitted.facts["members"]) == ["model", "trees"]
