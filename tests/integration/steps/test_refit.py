"""A published model is brought up to date as a version of its own, or stays as it is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.integration.steps.small_model import DAYS, leave_candidate
from trainer.contract import Region, model_folder
from trainer.model.artifact import load_artifact
from trainer.steps import refit as step
from trainer.steps.evaluate import Champion, evaluate
from trainer.steps.pinned_models import PinnedModel, newest_models
from trainer.steps.refit import refit
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

PARENT = PinnedModel("T-1")


@pytest.fixture
def run(place: Region, artifact: Path, tmp_path: Path) -> Run:
    """Ten days after the end of the published model's training data."""
    as_of = pd.Timestamp("2024-04-10", tz=place.timezone).tz_convert("UTC").to_pydatetime()
    run = Run(region=place, run_id="refit/1", as_of=as_of, store=Store.at(tmp_path / "store"))
    run.store.upload(artifact, model_folder("T", "T-1"))
    snapshot(run, lookback_days=DAYS, source=place.source)
    return run


def test_it_knows_what_was_measured_since_and_keeps_the_networks(run: Run) -> None:
    facts = refit(run, model=PARENT, origin_hours=None).facts
    assert facts["accepted"]
    assert facts["parent"] == "T-1"
    assert facts["artifact"]["path"] == model_folder("T", facts["version"])
    assert facts["train_until"] == run.as_of.isoformat()
    assert facts["check"]["hours"] == 7 * 24
    with run.store.download(facts["artifact"]["path"]) as folder:
        refitted = load_artifact(folder, checksum=facts["artifact"]["checksum"])
    with run.store.download(model_folder("T", "T-1")) as folder:
        parent = load_artifact(folder)
    assert refitted.training.judged_until == parent.training.train_until
    assert refitted.config == parent.config
    assert refitted.decomposition.trend != parent.decomposition.trend


def test_the_newest_model_of_the_store_is_the_refit(run: Run) -> None:
    made = refit(run, model=PARENT, origin_hours=None).facts
    assert newest_models(run) == (PinnedModel(made["version"]), PARENT)


def test_a_try_after_it_was_published_takes_what_is_there(run: Run) -> None:
    first = refit(run, model=PARENT, origin_hours=None)
    (Path(run.store.locate(run.folder)) / "refit.json").unlink(missing_ok=True)
    again = refit(run, model=PARENT, origin_hours=None)
    assert again.facts["artifact"] == first.facts["artifact"]


def test_one_that_errs_more_than_its_parent_is_not_published(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "_WORSE", 0.1)  # no real refit of sound data is worse
    facts = refit(run, model=PARENT, origin_hours=None).facts
    assert not facts["accepted"]
    assert "MW on the last 168 h" in facts["reason"]
    assert run.store.names(model_folder("T", "").rstrip("/")) == ["T-1"]


def test_a_model_that_knows_all_already_stays(run: Run) -> None:
    made = refit(run, model=PARENT, origin_hours=None).facts
    later = Run(region=run.region, run_id="refit/2", as_of=run.as_of, store=run.store)
    snapshot(later, lookback_days=DAYS, source=run.region.source)
    facts = refit(later, model=PinnedModel(made["version"]), origin_hours=None).facts
    assert not facts["accepted"]
    assert "already" in facts["reason"]


def test_a_refitted_champion_is_judged_without_hindsight(run: Run, artifact: Path) -> None:
    made = refit(run, model=PARENT, origin_hours=None).facts
    weekly = Run(region=run.region, run_id="weekly/1", as_of=run.as_of, store=run.store)
    snapshot(weekly, lookback_days=DAYS, source=run.region.source)
    leave_candidate(weekly, artifact)
    champion = Champion(made["version"], made["artifact"]["checksum"])
    scored = evaluate(weekly, holdout_days=7, champion=champion)
    assert scored.facts["hours"] == 7 * 24
    assert scored.facts["champion_version"] == made["version"]
    ours, theirs = (scored.metrics[name]["mape"] for name in ("challenger", "champion"))
    assert theirs == pytest.approx(ours, rel=0.2)  # the same networks, ten days older data at most
