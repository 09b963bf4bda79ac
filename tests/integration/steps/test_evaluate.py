"""A candidate is scored against measurements alone."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.integration.steps.small_model import DAYS, checksum, leave_candidate
from trainer.contract import Product, Region, model_folder
from trainer.model.artifact import artifact_checksum, load_artifact, save_artifact
from trainer.model.forecasting.day_ahead import made_as_known
from trainer.model.metrics import crps, scores
from trainer.steps.evaluate import Champion, evaluate
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration


@pytest.fixture
def run(place: Region, artifact: Path, tmp_path: Path) -> Run:
    """With a candidate, and a file that lacks two of the held-out hours, the first one among them."""
    rows = pd.read_csv(place.source, index_col="time")
    source = tmp_path / "demand.csv"
    rows.drop(["2024-04-03 00:00:00", "2024-04-05 17:00:00"]).to_csv(source)
    as_of = pd.Timestamp("2024-04-10", tz=place.timezone).tz_convert("UTC").to_pydatetime()
    region = replace(place, source=str(source))
    run = Run(region=region, run_id="weekly/1", as_of=as_of, store=Store.at(tmp_path / "store"))
    snapshot(run, lookback_days=DAYS, source=region.source)
    leave_candidate(run, artifact)
    return run


def test_hours_whose_demand_was_interpolated_are_not_scored(run: Run) -> None:
    manifest = evaluate(run, holdout_days=7, champion=None)
    hours = pd.read_csv(run.store.locate(manifest.outputs["evaluation.csv"].path))
    assert manifest.facts["hours"] == len(hours) == 7 * 24 - 2


def test_the_window_is_of_whole_days_all_the_same(run: Run) -> None:
    facts = evaluate(run, holdout_days=7, champion=None).facts
    window = pd.Timestamp(facts["window_end"]) - pd.Timestamp(facts["window_start"])
    assert window == pd.Timedelta(days=7)


def test_the_operator_s_own_forecast_is_scored_on_the_same_hours(run: Run, artifact: Path) -> None:
    rows = pd.read_csv(run.region.source)
    night = pd.to_datetime(rows["time"]).dt.hour < 6
    rows.assign(reference=(rows["demand_mw"] * 1.05).where(night)).to_csv(run.region.source, index=False)
    another = replace(run, run_id="weekly/2")
    snapshot(another, lookback_days=DAYS, source=run.region.source)
    leave_candidate(another, artifact)
    manifest = evaluate(another, holdout_days=7, champion=None)
    beside = manifest.facts["beside_reference"]
    hours = pd.read_csv(run.store.locate(manifest.outputs["evaluation.csv"].path)).dropna()
    assert beside["hours"] == len(hours) == 7 * 6 - 1
    assert manifest.metrics["reference"]["mape"] == pytest.approx(5)
    assert beside["challenger"] == pytest.approx(scores(hours["actual"], hours["challenger"]), rel=1e-3)


def test_without_one_there_is_no_such_figure(run: Run) -> None:
    manifest = evaluate(run, holdout_days=7, champion=None)
    assert manifest.facts["beside_reference"] is None
    assert "reference" not in manifest.metrics


def test_the_same_model_as_champion_is_improved_on_by_nothing(run: Run, artifact: Path) -> None:
    run.store.upload(artifact, model_folder(run.region.name, "T-1"))
    manifest = evaluate(run, holdout_days=7, champion=Champion("T-1", checksum(artifact)))
    tested = manifest.facts["improvement"]
    assert (tested["days"], tested["mean"], tested["p_value"]) == (7, 0, 1)


def test_a_champion_whose_forecast_is_no_number_is_told_and_costs_no_comparison(
    run: Run, artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.store.upload(artifact, model_folder(run.region.name, "T-1"))
    of_challenger = iter([True, False])

    def broken(*args: object) -> pd.DataFrame:
        made = made_as_known(*args)  # type: ignore[arg-type]
        return made if next(of_challenger) else made.assign(forecast=np.inf)

    monkeypatch.setattr("trainer.steps.evaluate.made_as_known", broken)
    manifest = evaluate(run, holdout_days=7, champion=Champion("T-1", checksum(artifact)))
    assert manifest.metrics["champion"] is None
    assert "are no numbers" in manifest.facts["champion_note"]
    assert manifest.metrics["challenger"]["mape"] < 10


def as_product(run: Run, **values: object) -> Run:
    """The same run of a region whose main product is this one."""
    region = replace(run.region, forecasts=(Product.parse("T", "main", values),))
    return replace(run, region=region)


def test_models_are_compared_as_the_main_product_is_made(run: Run, artifact: Path) -> None:
    run.store.upload(artifact, model_folder(run.region.name, "T-1"))
    at_ten = as_product(run, at="10:00", covers="tomorrow")
    manifest = evaluate(at_ten, holdout_days=7, champion=Champion("T-1", checksum(artifact)))
    facts = manifest.facts
    assert facts["product"] == "main"
    assert list(facts["mape_by_lead_time"]) == [str(lead) for lead in range(15, 39)]
    # Of the first held-out day the forecast would have been made while the model still learned.
    assert facts["window_start"] == "2024-04-03T15:00:00+00:00"
    assert facts["hours"] == 6 * 24 - 1
    assert facts["improvement"]["days"] == 6
    assert manifest.metrics["champion"] == manifest.metrics["challenger"]


def test_a_product_of_many_hours_is_compared_on_all_that_it_says_of_measured_ones(run: Run) -> None:
    week = evaluate(as_product(run, at="00:30", hours=48), holdout_days=7, champion=None)
    hours = pd.read_csv(run.store.locate(week.outputs["evaluation.csv"].path))
    # Two days of each of seven origins, but for the one that the last day's begins; of two hours nothing is
    # known, and of the second of these two forecasts spoke.
    assert len(hours) == 6 * 48 + 24 - 1 - 2
    assert list(week.facts["mape_by_lead_time"]) == [str(lead) for lead in range(1, 49)]
    assert week.facts["window_end"] == "2024-04-09T15:00:00+00:00"
    assert week.metrics["challenger"]["mape"] < 10


def test_an_hour_that_a_product_speaks_for_many_times_is_one_hour_to_the_gate(run: Run) -> None:
    hourly = evaluate(as_product(run, every="1h", hours=12), holdout_days=7, champion=None)
    assert hourly.facts["hours"] == 7 * 24 - 2


def test_a_main_product_that_has_changed_is_compared_anew(run: Run) -> None:
    midnight = evaluate(run, holdout_days=7, champion=None)
    assert midnight.facts["product"] == ""
    at_ten = evaluate(as_product(run, at="10:00", covers="tomorrow"), holdout_days=7, champion=None)
    assert at_ten.facts["hours"] < midnight.facts["hours"]


def test_without_a_champion_there_is_nothing_to_improve_on(run: Run) -> None:
    assert evaluate(run, holdout_days=7, champion=None).facts["improvement"] is None


def test_the_crps_compares_the_quantiles_that_both_models_state(run: Run, artifact: Path) -> None:
    """The champion is of an earlier release, with its band alone; so both are the same model there."""
    old = load_artifact(artifact)
    with tempfile.TemporaryDirectory() as folder:
        save_artifact(replace(old, errors=None), Path(folder) / "model", {"version": "T-1"})
        run.store.upload(Path(folder) / "model", model_folder("T", "T-1"))
        champion = Champion("T-1", artifact_checksum(Path(folder) / "model"))
    manifest = evaluate(run, holdout_days=7, champion=champion)
    ours, before = manifest.metrics["challenger"], manifest.metrics["champion"]
    assert ours["crps"] == pytest.approx(before["crps"])
    assert 0 < ours["crps"] < ours["mae"]
    alone = evaluate(replace(run, run_id="weekly/1"), holdout_days=6, champion=None)
    assert list(alone.facts["coverage_by_quantile"]) == ["5", "10", "25", "50", "75", "90", "95"]
    hours = pd.read_csv(run.store.locate(alone.outputs["evaluation.csv"].path))
    levels = {"q5": 5, "lower": 10, "q25": 25, "challenger": 50, "q75": 75, "upper": 90, "q95": 95}
    expected = crps(hours["actual"], {level: hours[name] for name, level in levels.items()})
    assert alone.metrics["challenger"]["crps"] == pytest.approx(expected, rel=1e-3)
