"""A named forecast is made from its own moment, for the hours that it covers, by a model that knows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.steps.small_model import DAYS
from trainer.contract import Manifest, Product, Region, model_folder
from trainer.model.artifact import load_artifact
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.refit import refit
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

MODEL = PinnedModel("T-1")
DAY_AHEAD = Product.parse("T", "day_ahead", {"at": "10:00", "covers": "tomorrow"})
WEEK = Product.parse("T", "week", {"at": "00:30", "hours": 168})


@pytest.fixture
def run_at(place: Region, artifact: Path, tmp_path: Path) -> Callable[[str], Run]:
    def make(moment: str) -> Run:
        as_of = pd.Timestamp(moment, tz=place.timezone).tz_convert("UTC").to_pydatetime()
        region = replace(place, forecasts=(DAY_AHEAD, WEEK))
        run = Run(region=region, run_id=f"run {moment}", as_of=as_of, store=Store.at(tmp_path / "store"))
        if not run.store.exists(model_folder("T", "T-1")):
            run.store.upload(artifact, model_folder("T", "T-1"))
        snapshot(run, lookback_days=DAYS, source=place.source)
        return run

    return make


def hours_of(run: Run, made: Manifest) -> pd.DataFrame:
    return pd.read_parquet(run.store.locate(made.outputs["forecast.parquet"].path))


def test_a_day_ahead_is_the_whole_of_tomorrow_from_ten_o_clock(run_at: Callable[[str], Run]) -> None:
    run = run_at("2024-04-05 10:00")
    made = forecast(run, horizon=24, model=MODEL, previous=None, product=DAY_AHEAD)
    hourly = hours_of(run, made)
    local = hourly.index.tz_convert("Asia/Seoul")
    assert [str(local[0]), str(local[-1])] == ["2024-04-06 00:00:00+09:00", "2024-04-06 23:00:00+09:00"]
    assert hourly["lead_time"].tolist() == list(range(15, 39))
    assert set(hourly["origin"]) == {pd.Timestamp("2024-04-05 10:00", tz="Asia/Seoul")}
    facts = made.facts
    assert (facts["product"], facts["first_lead_time"], facts["horizon"]) == ("day_ahead", 15, 38)
    assert facts["fallback"] == "none"
    (day,) = facts["days"]
    assert (day["date"], day["hours"]) == ("2024-04-06", 24)
    assert day["peak_mw"] == pytest.approx(hourly["forecast"].max())
    assert pd.Timestamp(day["peak_time"]) == hourly["forecast"].idxmax()
    assert day["energy_mwh"] == pytest.approx(hourly["forecast"].sum())
    assert day["peak_lower_mw"] < day["peak_mw"] < day["peak_upper_mw"]


def test_a_setting_changes_the_quantiles_of_a_model_that_was_trained_without_it(
    run_at: Callable[[str], Run],
) -> None:
    run = run_at("2024-04-05 10:00")
    asked = replace(run, region=replace(run.region, quantiles=(1, 10, 50, 90, 97.5)))
    hourly = hours_of(asked, forecast(asked, horizon=24, model=MODEL, previous=None))
    assert [name for name in hourly if name.startswith("q")] == ["q1", "q97.5"]
    assert (hourly["q1"] < hourly["lower"]).all()
    assert (hourly["upper"] < hourly["q97.5"]).all()


def test_a_run_that_is_late_forecasts_from_the_product_s_moment_without_what_was_measured_since(
    run_at: Callable[[str], Run],
) -> None:
    in_time, late = run_at("2024-04-05 10:00"), run_at("2024-04-05 15:20")
    made = [
        hours_of(run, forecast(run, horizon=24, model=MODEL, previous=None, product=DAY_AHEAD))
        for run in (in_time, late)
    ]
    pd.testing.assert_frame_equal(*made)


def test_the_baseline_speaks_for_the_same_hours(run_at: Callable[[str], Run]) -> None:
    run = run_at("2024-04-05 10:00")
    made = forecast(run, horizon=24, model=PinnedModel("T-0"), previous=None, product=DAY_AHEAD)
    assert made.facts["fallback"] == "baseline"
    assert hours_of(run, made)["lead_time"].tolist() == list(range(15, 39))


def test_a_model_that_learned_from_demand_after_the_product_s_moment_is_turned_away(
    run_at: Callable[[str], Run],
) -> None:
    run = run_at("2024-03-31 09:00")  # trained up to its midnight, and the last 10:00 was on the day before
    made = forecast(run, horizon=24, model=MODEL, previous=None, product=DAY_AHEAD)
    assert made.facts["fallback"] == "baseline"
    assert "after this run's moment 2024-03-30T01:00:00+00:00" in made.facts["fallback_reasons"][0]


def test_a_product_that_has_changed_is_forecast_anew_and_one_that_has_not_is_found(
    run_at: Callable[[str], Run],
) -> None:
    run = run_at("2024-04-05 10:00")
    first = forecast(run, horizon=24, model=MODEL, previous=None, product=DAY_AHEAD)
    assert forecast(run, horizon=48, model=MODEL, previous=None, product=DAY_AHEAD) == first
    shorter = replace(DAY_AHEAD, covers=None, hours=6)
    again = forecast(run, horizon=24, model=MODEL, previous=None, product=shorter)
    assert again.facts["horizon"] == 6


def test_a_week_is_all_of_its_hours(run_at: Callable[[str], Run]) -> None:
    run = run_at("2024-04-05 00:30")
    made = forecast(run, horizon=24, model=MODEL, previous=None, product=WEEK)
    hourly = hours_of(run, made)
    assert hourly["lead_time"].tolist() == list(range(1, 169))
    assert hourly["origin"].iloc[0] == pd.Timestamp("2024-04-05 00:00", tz="Asia/Seoul")


def test_without_a_product_the_run_s_own_hours_are_forecast(run_at: Callable[[str], Run]) -> None:
    run = run_at("2024-04-05 10:00")
    made = forecast(run, horizon=24, model=MODEL, previous=None)
    assert (made.facts["product"], made.facts["first_lead_time"], made.facts["horizon"]) == ("", 1, 24)


def test_a_refit_learns_the_hours_of_products_that_came_after_the_training(
    run_at: Callable[[str], Run],
) -> None:
    run = run_at("2024-04-10 00:00")
    made = refit(run, model=MODEL, origin_hours=None).facts
    with run.store.download(made["artifact"]["path"]) as folder:
        assert load_artifact(folder).origin_hours == (0, 10)
