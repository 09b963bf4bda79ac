"""A day ahead that is asked for before the market closes: made the day before, scored on the day itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.series import make_history
from trainer.contract import Region
from trainer.contract.local_days import day_ahead_origin
from trainer.errors import UsageError
from trainer.model.backtest import BacktestResult, backtest
from trainer.model.config import ModelConfig
from trainer.model.production_replay import Schedule

FIRST, LAST = date(2021, 6, 1), date(2021, 6, 7)
TEN = 10


@pytest.fixture(scope="module")
def config(tiny: ModelConfig) -> ModelConfig:
    return replace(tiny, epochs=1)


@pytest.fixture(scope="module")
def result(history: pd.DataFrame, region: Region, config: ModelConfig) -> BacktestResult:
    return backtest(history, region, config, test_start=FIRST, test_end=LAST, origin_hour=TEN, device="cpu")


def test_each_day_is_forecast_whole_from_ten_on_the_day_before(result: BacktestResult) -> None:
    local = result.hourly.index.tz_convert("Asia/Seoul")
    assert local[0] == pd.Timestamp("2021-06-01", tz="Asia/Seoul")
    assert len(result.hourly) == 7 * 24
    assert (result.hourly["lead_time"].to_numpy() == local.hour + 15).all()


def test_its_error_is_told_by_the_lead_times_it_has(result: BacktestResult) -> None:
    assert list(result.metrics["mape_by_horizon"]) == [str(lead) for lead in range(15, 39)]
    assert all(value is not None for value in result.metrics["mape_by_horizon"].values())


def test_demand_from_the_origin_on_is_not_seen(
    history: pd.DataFrame, region: Region, config: ModelConfig, result: BacktestResult
) -> None:
    changed = history.copy()
    changed.loc[changed.index >= pd.Timestamp(day_ahead_origin(FIRST, TEN, region)), "demand"] *= 2
    again = backtest(changed, region, config, test_start=FIRST, test_end=FIRST, origin_hour=TEN, device="cpu")
    np.testing.assert_allclose(again.hourly["forecast"], result.hourly["forecast"].iloc[:24], rtol=1e-6)


def test_days_on_which_clocks_change_are_whole(bare_region: Region, config: ModelConfig) -> None:
    berlin = replace(bare_region, timezone="Europe/Berlin", country="DE")
    history = make_history(days=200, start="2020-05-01 00:00")
    for day, hours in ((date(2020, 10, 25), 25), (date(2020, 10, 26), 24)):
        made = backtest(
            history, berlin, config, test_start=day, test_end=day, origin_hour=TEN, device="cpu"
        ).hourly
        assert len(made) == hours
        assert made["lead_time"].tolist() == list(range(15, 15 + hours))


def test_an_hour_that_no_day_has_is_refused(
    history: pd.DataFrame, region: Region, config: ModelConfig
) -> None:
    with pytest.raises(UsageError, match="24 is not within 0"):
        backtest(history, region, config, test_start=FIRST, test_end=LAST, origin_hour=24)


def test_production_s_replay_is_of_midnights(
    history: pd.DataFrame, region: Region, config: ModelConfig
) -> None:
    with pytest.raises(UsageError, match="leave the origin out"):
        backtest(
            history, region, config, test_start=FIRST, test_end=LAST, origin_hour=TEN, as_produced=Schedule()
        )
