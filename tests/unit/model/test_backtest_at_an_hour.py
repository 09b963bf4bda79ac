"""Forecasts as products ask for them: a day ahead before the market closes, a week, the next hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.series import make_history
from trainer.contract import Region
from trainer.contract.products import Product, market_product, origin_of
from trainer.errors import UsageError
from trainer.model.backtest import BacktestResult, backtest
from trainer.model.config import ModelConfig
from trainer.model.production_replay import Schedule

FIRST, LAST = date(2021, 6, 1), date(2021, 6, 7)
TEN = market_product(10)


@pytest.fixture(scope="module")
def config(tiny: ModelConfig) -> ModelConfig:
    return replace(tiny, epochs=1)


@pytest.fixture(scope="module")
def result(history: pd.DataFrame, region: Region, config: ModelConfig) -> BacktestResult:
    return backtest(history, region, config, test_start=FIRST, test_end=LAST, product=TEN, device="cpu")


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
    changed.loc[changed.index >= pd.Timestamp(origin_of(TEN.speaking_for(FIRST, region)[0])), "demand"] *= 2
    again = backtest(changed, region, config, test_start=FIRST, test_end=FIRST, product=TEN, device="cpu")
    np.testing.assert_allclose(again.hourly["forecast"], result.hourly["forecast"].iloc[:24], rtol=1e-6)


def test_days_on_which_clocks_change_are_whole(bare_region: Region, config: ModelConfig) -> None:
    berlin = replace(bare_region, timezone="Europe/Berlin", country="DE")
    history = make_history(days=200, start="2020-05-01 00:00")
    for day, hours in ((date(2020, 10, 25), 25), (date(2020, 10, 26), 24)):
        made = backtest(
            history, berlin, config, test_start=day, test_end=day, product=TEN, device="cpu"
        ).hourly
        assert len(made) == hours
        assert made["lead_time"].tolist() == list(range(15, 15 + hours))


def test_a_product_of_many_hours_is_made_on_each_day_and_scored_within_the_window(
    history: pd.DataFrame, region: Region, config: ModelConfig
) -> None:
    week = Product.parse("KR", "week", {"at": "00:30", "hours": 72})
    made = backtest(history, region, config, test_start=FIRST, test_end=LAST, product=week, device="cpu")
    of_origin = made.hourly.groupby("origin")["lead_time"].agg(["min", "max"])
    assert of_origin["min"].tolist() == [1] * 7
    assert of_origin["max"].tolist() == [72] * 5 + [48, 24]
    assert made.metrics["hours"] == 5 * 72 + 48 + 24
    assert list(made.metrics["mape_by_horizon"]) == [str(lead) for lead in range(1, 73)]


def test_a_product_of_every_few_hours_is_made_as_often(
    history: pd.DataFrame, region: Region, config: ModelConfig
) -> None:
    intraday = Product.parse("KR", "intraday", {"every": "6h", "hours": 3})
    hourly = backtest(
        history, region, config, test_start=FIRST, test_end=FIRST, product=intraday, device="cpu"
    ).hourly
    local = hourly.index.tz_convert("Asia/Seoul").hour
    assert local.tolist() == [0, 1, 2, 6, 7, 8, 12, 13, 14, 18, 19, 20]
    assert hourly["lead_time"].tolist() == [1, 2, 3] * 4


def test_weather_in_error_is_that_of_one_day(
    history: pd.DataFrame, region: Region, config: ModelConfig
) -> None:
    week = Product.parse("KR", "week", {"at": "00:30", "hours": 72})
    with pytest.raises(UsageError, match="week covers no single day"):
        backtest(
            *(history, region, config),
            test_start=FIRST,
            test_end=LAST,
            product=week,
            weather="forecast-like",
        )


def test_production_s_replay_is_of_midnights(
    history: pd.DataFrame, region: Region, config: ModelConfig
) -> None:
    with pytest.raises(UsageError, match="leave the product out"):
        backtest(
            history, region, config, test_start=FIRST, test_end=LAST, product=TEN, as_produced=Schedule()
        )
