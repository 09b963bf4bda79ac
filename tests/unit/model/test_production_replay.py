"""A backtest as produced: trainings judged on held-out days, the gate, refits, and no look ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from trainer.contract import Region
from trainer.model.backtest import BacktestResult, backtest
from trainer.model.config import ModelConfig
from trainer.model.production_replay import Schedule

FIRST, LAST = date(2021, 6, 1), date(2021, 6, 14)
Produce = Callable[..., BacktestResult]


@pytest.fixture(scope="module")
def produce(region: Region, tiny: ModelConfig) -> Produce:
    def make(history: pd.DataFrame, *, last: date = LAST, **changed: object) -> BacktestResult:
        schedule = Schedule(holdout_days=14, **changed)  # type: ignore[arg-type]
        return backtest(
            history, region, tiny, test_start=FIRST, test_end=last, as_produced=schedule, device="cpu"
        )

    return make


@pytest.fixture(scope="module")
def weekly(produce: Produce, history: pd.DataFrame) -> BacktestResult:
    return produce(history)


def test_every_week_trains_and_refits_whatever_the_gate_says(weekly: BacktestResult) -> None:
    produced = weekly.metrics["produced"]
    assert (produced["trainings"], produced["refits"]) == (2, 2)
    assert 1 <= produced["promotions"] <= 2
    assert weekly.metrics["hours"] == 14 * 24


def test_a_margin_that_nobody_beats_keeps_the_first_champion(produce: Produce, history: pd.DataFrame) -> None:
    assert produce(history, margin=0.99).metrics["produced"]["promotions"] == 1


def test_what_chance_explains_keeps_the_first_champion(produce: Produce, history: pd.DataFrame) -> None:
    found = produce(history, margin=0.0, significance=1e-9)
    assert found.metrics["produced"]["promotions"] == 1


def test_without_refits_the_model_has_not_seen_the_held_out_days(
    produce: Produce, history: pd.DataFrame, weekly: BacktestResult
) -> None:
    never = produce(history, refit="never", last=date(2021, 6, 3))
    assert never.metrics["produced"]["refits"] == 0
    both = never.hourly.index
    assert not np.allclose(never.hourly["forecast"], weekly.hourly.loc[both, "forecast"])


def test_daily_refits_follow_each_day(produce: Produce, history: pd.DataFrame) -> None:
    found = produce(history, refit="daily", last=date(2021, 6, 4))
    assert found.metrics["produced"]["refits"] == 4


def test_nothing_of_a_day_is_known_before_it(
    produce: Produce, history: pd.DataFrame, weekly: BacktestResult
) -> None:
    """Demand from the second week's first midnight on tells nothing of the hours before it."""
    turn = pd.Timestamp("2021-06-08", tz="Asia/Seoul")
    other = history.copy()
    other.loc[other.index >= turn, "demand"] *= 1.3
    found = produce(other, last=date(2021, 6, 7)).hourly
    pd.testing.assert_series_equal(found["forecast"], weekly.hourly.loc[found.index, "forecast"])
