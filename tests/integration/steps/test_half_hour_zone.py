"""A region whose local midnight lies within an hour of UTC goes the whole way from its file to its score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.steps.small_model import DAYS, TINY, leave_candidate
from trainer.contract import Region, model_folder
from trainer.model.artifact import save_artifact
from trainer.model.training.fitting import fit, update, without_hindsight
from trainer.steps.evaluate import evaluate
from trainer.steps.forecast import forecast
from trainer.steps.holdout import holdout_start, local_days
from trainer.steps.ingest import ingest
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.publish import publish
from trainer.steps.score import score
from trainer.steps.snapshot import read_snapshot, snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration


@pytest.fixture
def kolkata(place: Region) -> Region:
    """The hundred days, their stamps read by India's clock."""
    return replace(place, timezone="Asia/Kolkata", country="IN")


@pytest.fixture
def run_of(kolkata: Region, tmp_path: Path) -> Callable[[str], Run]:
    """A run that speaks for a local midnight, its data ingested and frozen."""

    def make(day: str) -> Run:
        as_of = pd.Timestamp(day, tz=kolkata.timezone).tz_convert("UTC").to_pydatetime()
        run = Run(region=kolkata, run_id=f"daily/{day}", as_of=as_of, store=Store.at(tmp_path / "store"))
        ingest(run, source=None)
        snapshot(run, lookback_days=DAYS, source=None)
        return run

    return make


def test_it_is_fitted_evaluated_and_scored(
    run_of: Callable[[str], Run], database: str, buckets: object, tmp_path: Path
) -> None:
    run = run_of("2024-04-08")
    history, _ = read_snapshot(run)
    until = holdout_start(run.as_of, run.region, 7)
    model = fit(history, run.region, TINY, train_until=until, device="cpu", origin_hours=(23,))
    save_artifact(model, tmp_path / "artifact", {"version": "T-1"})

    leave_candidate(run, tmp_path / "artifact")
    evaluated = evaluate(run, holdout_days=7, champion=None)
    assert evaluated.facts["hours"] == 7 * 24
    assert evaluated.facts["window_start"] == "2024-03-31T18:00:00+00:00"  # 23:30 in Kolkata
    assert evaluated.metrics["challenger"]["mape"] < 10

    run.store.upload(tmp_path / "artifact", model_folder("T", "T-1"))
    assert forecast(run, horizon=24, model=PinnedModel("T-1"), previous=None).facts["fallback"] == "none"
    publish(run)
    scored = score(run_of("2024-04-09"), days=7)
    assert scored.facts["hours"] == 24
    assert list(scored.metrics) == ["2024-04-08"]


def test_a_refitted_champion_is_judged_by_the_hour_that_its_days_begin_at(
    run_of: Callable[[str], Run], database: str, buckets: object
) -> None:
    run = run_of("2024-04-08")
    history, _ = read_snapshot(run)
    begins = holdout_start(run.as_of, run.region, 7)
    model = fit(history, run.region, TINY, train_until=begins, device="cpu", origin_hours=(23,))
    known_until = pd.Timestamp(run.as_of).floor("h")
    refitted = update(model, history, train_until=known_until, origin_hours=(23,))
    days = local_days(begins, known_until, run.region)
    judged = without_hindsight(refitted, history, days)
    assert judged.origin_hours == (23,)
    assert judged.training.train_until == begins
