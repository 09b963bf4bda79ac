"""A model that cannot be used costs neither the day's forecast nor the champion's place."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from demand_forecast.promotion.gate import PromotionPolicy, decide_from
from tests.integration.steps.small_model import DAYS, TINY, checksum, leave_candidate
from trainer.contract import Region, manifest_path, model_folder
from trainer.errors import NoModelError
from trainer.model.artifact import MANIFEST, save_artifact
from trainer.model.training.fitting import fit
from trainer.steps.evaluate import Champion, evaluate
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel, newest_models
from trainer.steps.snapshot import read_snapshot, snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

Damage = Callable[[Path], None]


@pytest.fixture
def run(place: Region, artifact: Path, tmp_path: Path) -> Run:
    """With its snapshot taken and two versions in the store."""
    as_of = pd.Timestamp("2024-04-10", tz=place.timezone).tz_convert("UTC").to_pydatetime()
    run = Run(region=place, run_id="daily/1", as_of=as_of, store=Store.at(tmp_path))
    snapshot(run, lookback_days=DAYS, source=place.source)
    for version in ("T-1", "T-2"):
        run.store.upload(artifact, model_folder("T", version))
    return run


def published(run: Run, version: str) -> Path:
    return Path(run.store.locate(model_folder("T", version)))


def flip_a_byte(folder: Path) -> None:
    weights = folder / "lstm_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)


def lose_a_file(folder: Path) -> None:
    (folder / "trend.json").unlink()


def lose_the_folder(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def rewrite_the_manifest(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "facts": {"version": "T-3"}}))


def make_with_other_feature_code(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    seasonality = json.loads((folder / "seasonality.json").read_text())
    del seasonality["fit"]["regressors"]["bridge"]
    content = json.dumps(seasonality).encode()
    (folder / "seasonality.json").write_bytes(content)
    manifest["files"]["seasonality.json"] = hashlib.sha256(content).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (flip_a_byte, "lstm_model.safetensors does not fit its checksum"),
        (lose_a_file, "trend.json cannot be read"),
        (lose_the_folder, "T-2 is not in the store"),
        (rewrite_the_manifest, "manifest.json has checksum"),
    ],
)
def test_a_damaged_champion_gives_way_to_the_version_before_it(
    run: Run, artifact: Path, damage: Damage, reason: str
) -> None:
    damage(published(run, "T-2"))
    pinned = [PinnedModel(version, checksum(artifact)) for version in ("T-2", "T-1")]
    facts = forecast(run, horizon=24, model=pinned[0], previous=pinned[1]).facts
    assert (facts["version"], facts["fallback"]) == ("T-1", "previous")
    assert reason in facts["fallback_reasons"][0]
    marks = pd.read_parquet(run.store.locate(f"{run.folder}/forecast.parquet"))
    assert set(marks["fallback"]) == {"previous"}
    assert set(marks["model_version"]) == {"T-1"}


def test_a_champion_of_other_feature_code_gives_way_to_the_version_before_it(run: Run) -> None:
    make_with_other_feature_code(published(run, "T-2"))
    facts = forecast(run, horizon=24, model=PinnedModel("T-2"), previous=PinnedModel("T-1")).facts
    assert (facts["version"], facts["fallback"]) == ("T-1", "previous")
    assert "made by other feature code" in facts["fallback_reasons"][0]
    assert "train anew" in facts["fallback_reasons"][0]


def set_back(run: Run, day: str) -> Run:
    """The same run, speaking for the beginning of an earlier local day than its snapshot."""
    as_of = pd.Timestamp(day, tz=run.region.timezone).tz_convert("UTC").to_pydatetime()
    return replace(run, as_of=as_of)


def test_a_model_that_learned_from_later_data_forecasts_nothing(run: Run) -> None:
    earlier = set_back(run, "2024-03-30")  # the model was trained up to the 31st
    facts = forecast(earlier, horizon=24, model=PinnedModel("T-2"), previous=PinnedModel("T-1")).facts
    assert (facts["version"], facts["fallback"]) == ("seasonal-naive-168h", "baseline")
    for version, reason in zip(("T-2", "T-1"), facts["fallback_reasons"], strict=True):
        assert f"{version} cannot forecast: it learned from data up to 2024-03-30T15:00:00+00:00" in reason
        assert "after this run's moment 2024-03-29T15:00:00+00:00" in reason


def test_the_moment_that_its_training_data_end_at_is_a_model_s_first(run: Run) -> None:
    first = set_back(run, "2024-03-31")
    facts = forecast(first, horizon=24, model=PinnedModel("T-2"), previous=None).facts
    assert (facts["fallback"], facts["model_age_days"]) == ("none", 0)


def test_a_run_of_the_past_takes_the_newest_version_of_its_time(run: Run) -> None:
    manifest = json.loads((published(run, "T-2") / MANIFEST).read_text())
    manifest["data"]["train_until"] = "2024-04-20T00:00:00+00:00"
    (published(run, "T-2") / MANIFEST).write_text(json.dumps(manifest))
    assert newest_models(run) == (PinnedModel("T-1"), None)


def test_a_run_before_every_training_is_told_so_by_the_newest_version(run: Run) -> None:
    assert newest_models(set_back(run, "2024-03-30")) == (PinnedModel("T-2"), None)


def test_with_both_versions_damaged_the_seasonal_baseline_forecasts(run: Run) -> None:
    flip_a_byte(published(run, "T-2"))
    lose_a_file(published(run, "T-1"))
    manifest = forecast(run, horizon=24, model=PinnedModel("T-2"), previous=PinnedModel("T-1"))
    facts = manifest.facts
    assert (facts["version"], facts["fallback"]) == ("seasonal-naive-168h", "baseline")
    assert [reason.split()[0] for reason in facts["fallback_reasons"]] == ["T-2", "T-1"]
    hours = pd.read_parquet(run.store.locate(manifest.outputs["forecast.parquet"].path))
    assert hours["forecast"].between(4000, 8000).all()


def test_a_version_whose_publication_was_cut_off_is_not_the_newest(run: Run) -> None:
    run.store.write(f"{model_folder('T', 'T-3')}/config.json", b"{}")
    assert newest_models(run) == (PinnedModel("T-2"), PinnedModel("T-1"))


@pytest.mark.parametrize("in_order", ["ab", "ba"])
def test_of_two_versions_of_one_moment_the_one_published_later_is_the_newest(
    run: Run, artifact: Path, in_order: str
) -> None:
    for second, name in enumerate(in_order):
        folder = model_folder("T", f"T-20240410T0000-{name}")
        run.store.upload(artifact, folder)
        manifest = json.loads((artifact / MANIFEST).read_text()) | {"facts": {"run_id": name}}
        run.store.write(f"{folder}/{MANIFEST}", json.dumps(manifest).encode())
        promotion = replace(run, run_id=name).close("promote", started=datetime.now(UTC), parameters={})
        promotion = replace(promotion, finished_at=f"2024-04-11T00:00:0{second}+00:00")
        run.store.write(manifest_path("T", name, "promote"), promotion.to_json().encode())
    newest, before = newest_models(run)
    assert before
    assert before.version[-1] + newest.version[-1] == in_order


def test_a_store_that_holds_no_whole_version_holds_no_model(run: Run) -> None:
    for version in ("T-1", "T-2"):
        (published(run, version) / MANIFEST).unlink()
    with pytest.raises(NoModelError, match="train one first"):
        newest_models(run)


def test_champion_and_challenger_are_scored_on_the_same_hours(run: Run, artifact: Path) -> None:
    leave_candidate(run, artifact)
    scored = evaluate(run, holdout_days=7, champion=Champion("T-2", checksum(artifact)))
    assert scored.metrics["champion"] == scored.metrics["challenger"]
    assert scored.facts["champion_note"] == "scored on the same hours"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (flip_a_byte, "does not fit its checksum"),
        (lose_the_folder, "is not in the store"),
        (make_with_other_feature_code, "made by other feature code"),
    ],
)
def test_a_champion_that_cannot_be_scored_keeps_its_place_and_the_reason_is_told(
    run: Run, artifact: Path, damage: Damage, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    leave_candidate(run, artifact)
    folder = published(run, "T-2")
    damage(folder)
    on_record = checksum(folder if folder.exists() else artifact)
    with caplog.at_level(logging.WARNING):
        scored = evaluate(run, holdout_days=7, champion=Champion("T-2", on_record))
    assert scored.metrics["champion"] is None
    assert scored.metrics["challenger"]["mape"] > 0
    assert reason in scored.facts["champion_note"]
    assert scored.facts["champion_note"] in caplog.text
    decision = decide_from(scored, "T-2", PromotionPolicy())
    assert not decision.promote


def test_a_champion_that_needs_weather_the_region_gave_up_does_not_stop_the_evaluation(
    run: Run, artifact: Path, tmp_path: Path
) -> None:
    leave_candidate(run, artifact)
    history, _ = read_snapshot(run)
    until = pd.Timestamp("2024-03-31", tz=run.region.timezone).tz_convert("UTC")
    earlier = replace(run.region, weather=("temperature",))
    model = fit(
        history.assign(temperature=20 + pd.DatetimeIndex(history.index).hour / 2),
        earlier,
        TINY,
        train_until=until,
        device="cpu",
        origin_hours=(0,),
    )
    save_artifact(model, tmp_path / "earlier", {"version": "T-3"})
    run.store.upload(tmp_path / "earlier", model_folder("T", "T-3"))
    scored = evaluate(run, holdout_days=7, champion=Champion("T-3", checksum(tmp_path / "earlier")))
    assert scored.metrics["champion"] is None
    assert scored.metrics["challenger"]["mape"] > 0
    assert "T-3 cannot forecast: region T: the model was trained with temp" in scored.facts["champion_note"]
    decision = decide_from(scored, "T-3", PromotionPolicy())
    assert (decision.promote, "force the promotion" in decision.reason) == (False, True)
