"""A backtest by the weather as it was issued."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.issues import true_issues
from trainer.contract import Region
from trainer.contract.products import market_product
from trainer.data.weather.issued import IssuedWeather
from trainer.errors import UsageError
from trainer.model.backtest import BacktestResult, backtest
from trainer.model.config import ModelConfig

FIRST, LAST = date(2021, 6, 1), date(2021, 6, 4)
FIRST_ORIGIN = pd.Timestamp("2021-05-31 15:00", tz="UTC")
WEATHER = ["temperature", "humidity"]


@pytest.fixture(scope="module")
def config(tiny: ModelConfig) -> ModelConfig:
    return replace(tiny, epochs=1)


@pytest.fixture(scope="module")
def perfect(history: pd.DataFrame, region: Region, config: ModelConfig) -> BacktestResult:
    return backtest(history, region, config, test_start=FIRST, test_end=LAST, device="cpu")


def by_issues(
    history: pd.DataFrame, region: Region, config: ModelConfig, rows: pd.DataFrame
) -> BacktestResult:
    issued = IssuedWeather.of(rows)
    return backtest(
        *(history, region, config),
        test_start=FIRST,
        test_end=LAST,
        weather="as-issued",
        issued=issued,
        device="cpu",
    )


def test_issues_that_come_true_give_what_perfect_weather_does(
    history: pd.DataFrame, region: Region, config: ModelConfig, perfect: BacktestResult
) -> None:
    made = by_issues(history, region, config, true_issues(history, WEATHER, every=6, hours=96))
    np.testing.assert_allclose(made.hourly["forecast"], perfect.hourly["forecast"], rtol=1e-6)
    assert made.metrics["issued"] == {"hours": 96, "covered_share": 100.0, "weatherless": 0, "age_hours": 0.0}


def test_wrong_issues_cost_what_they_are_wrong_by_and_later_ones_change_nothing(
    history: pd.DataFrame, region: Region, config: ModelConfig, perfect: BacktestResult
) -> None:
    rows = true_issues(history, WEATHER, hours=48)
    in_the_window = rows["issued_at"] >= FIRST_ORIGIN
    wrong = rows.assign(temperature=rows["temperature"] + 10 * in_the_window)
    made = by_issues(history, region, config, wrong)
    assert made.metrics["mape"] > 1.5 * perfect.metrics["mape"]
    late = rows.assign(issued_at=rows["issued_at"] + pd.Timedelta(minutes=1))
    again = by_issues(history, region, config, pd.concat([wrong, late]))
    pd.testing.assert_frame_equal(again.hourly, made.hourly)


def test_a_model_learns_what_its_issues_are_always_wrong_by(
    history: pd.DataFrame, region: Region, config: ModelConfig, perfect: BacktestResult
) -> None:
    rows = true_issues(history, WEATHER, hours=48)
    made = by_issues(history, region, config, rows.assign(temperature=rows["temperature"] + 10))
    assert made.metrics["mape"] < 1.2 * perfect.metrics["mape"]


def test_hours_without_an_issue_are_carried_on_or_forecast_by_the_twin(
    history: pd.DataFrame, region: Region, config: ModelConfig
) -> None:
    rows = true_issues(history, WEATHER, hours=24)
    second, third = FIRST_ORIGIN + pd.Timedelta(days=1), FIRST_ORIGIN + pd.Timedelta(days=2)
    no_second = rows["issued_at"] != second
    half_third = (rows["issued_at"] != third) | (rows["time"] < third + pd.Timedelta(hours=12))
    made = by_issues(history, region, config, rows[no_second & half_third])
    facts = made.metrics["issued"]
    assert facts["weatherless"] == 24
    assert facts["covered_share"] == pytest.approx(100 * 60 / 96)
    assert made.hourly["forecast"].notna().all()
    assert made.metrics["mape"] < 5


def test_the_weather_is_as_of_a_product_s_own_moment(
    history: pd.DataFrame, region: Region, config: ModelConfig
) -> None:
    """At 10:00 of the day before, the issue of 15:00 UTC, midnight in Seoul, is ten hours old."""
    rows = true_issues(history, WEATHER, hours=72)
    made = backtest(
        *(history, region, config),
        test_start=FIRST,
        test_end=FIRST,
        weather="as-issued",
        issued=IssuedWeather.of(rows),
        product=market_product(10),
        device="cpu",
    )
    assert made.metrics["issued"] == {
        "hours": 24,
        "covered_share": 100.0,
        "weatherless": 0,
        "age_hours": 10.0,
    }


def test_as_issued_needs_issues(history: pd.DataFrame, region: Region, config: ModelConfig) -> None:
    with pytest.raises(UsageError, match="as-issued needs the weather as it was issued"):
        backtest(history, region, config, test_start=FIRST, test_end=LAST, weather="as-issued")
