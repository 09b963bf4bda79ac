"""Which places demand follows is learnt, and where too little tells, each counts as much."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.model.places import COUNTRY, TOWNS, made_up
from trainer.model.covariates.places import PlaceWeights
from trainer.model.training.place_weights import learnt_weights
from trainer.model.training.training_series import training_series

FEW = settings(max_examples=10, deadline=None)
SHARES = st.lists(st.integers(0, 9), min_size=len(TOWNS), max_size=len(TOWNS)).filter(any)


def shares_of(parts: list[int]) -> list[float]:
    return [part / sum(parts) for part in parts]


@FEW
@given(parts=SHARES, seed=st.integers(0, 99))
def test_weights_are_shares_none_negative(parts: list[int], seed: int) -> None:
    found = learnt_weights(made_up(shares_of(parts), seed=seed), COUNTRY).weights
    assert tuple(found) == TOWNS
    assert min(found.values()) >= 0
    assert sum(found.values()) == pytest.approx(1)


@FEW
@given(order=st.permutations(TOWNS), parts=SHARES)
def test_the_order_of_places_changes_no_weight(order: list[str], parts: list[int]) -> None:
    history = made_up(shares_of(parts))
    found = learnt_weights(history[["demand", "temperature", *order]], COUNTRY).weights
    assert found == pytest.approx(learnt_weights(history, COUNTRY).weights, abs=1e-6)


@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize("climate", [5.0, 28.0], ids=["heated", "cooled"])
def test_a_place_that_demand_follows_alone_is_found(town: str, climate: float) -> None:
    shares = [float(name == town) for name in TOWNS]
    found = learnt_weights(made_up(shares, climate=climate), COUNTRY).weights
    assert found[town] > 0.7


def test_places_that_demand_follows_alike_count_alike() -> None:
    found = learnt_weights(made_up([0.25] * 4), COUNTRY).weights
    assert list(found.values()) == pytest.approx([0.25] * 4, abs=0.05)


def test_a_place_whose_sensor_tells_nothing_of_the_weather_counts_little() -> None:
    history = made_up([0.25] * 4)
    noise = np.random.default_rng(1).normal(10, 8, len(history) // 24).repeat(24)
    history["temperature_jeju"] = noise
    history["temperature"] = history[[*TOWNS]].mean(axis=1)
    assert learnt_weights(history, COUNTRY).weights["temperature_jeju"] < 0.1


def test_days_of_a_strike_decide_nothing() -> None:
    history = made_up([0.7, 0.1, 0.1, 0.1])
    calm = learnt_weights(history, COUNTRY).weights
    history.loc["2021-03-02":"2021-03-06", "demand"] *= 0.6  # type: ignore[misc]
    assert learnt_weights(history, COUNTRY).weights == pytest.approx(calm, abs=0.05)


def silent(history: pd.DataFrame) -> pd.DataFrame:
    return history.assign(temperature_jeju=np.nan)


def constant(history: pd.DataFrame) -> pd.DataFrame:
    return history.assign(temperature_jeju=12.0)


def mostly_silent(history: pd.DataFrame) -> pd.DataFrame:
    known = np.arange(len(history)) < 24 * 100
    return history.assign(temperature_jeju=history["temperature_jeju"].where(known))


@pytest.mark.parametrize("fault", [silent, constant, mostly_silent])
def test_a_place_that_does_not_tell_counts_nothing_and_the_others_by_what_they_tell(
    fault,  # type: ignore[no-untyped-def]
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = learnt_weights(fault(made_up([0.8, 0.1, 0.1, 0.0])), COUNTRY).weights
    assert found["temperature_jeju"] == 0
    assert sum(found.values()) == pytest.approx(1)
    assert found[TOWNS[0]] == max(found.values()) > 0.5
    assert "temperature_jeju" in caplog.text


def short(history: pd.DataFrame) -> pd.DataFrame:
    return history.iloc[: 24 * 300]


def of_one_place(history: pd.DataFrame) -> pd.DataFrame:
    return history[["demand", "temperature", TOWNS[0]]]


def without_places(history: pd.DataFrame) -> pd.DataFrame:
    return history[["demand", "temperature"]]


def hardly_measured(history: pd.DataFrame) -> pd.DataFrame:
    return history.assign(demand=history["demand"].where(np.arange(len(history)) < 24 * 90))


def against_the_weather(history: pd.DataFrame) -> pd.DataFrame:
    return history.assign(demand=50_000**2 / history["demand"])


@pytest.mark.parametrize(
    "fault",
    [short, of_one_place, without_places, hardly_measured, against_the_weather],
)
def test_where_too_little_tells_each_place_counts_as_much(fault) -> None:  # type: ignore[no-untyped-def]
    assert learnt_weights(fault(made_up([0.7, 0.1, 0.1, 0.1])), COUNTRY) == PlaceWeights()


def test_a_model_is_taught_the_weighted_temperature() -> None:
    history = made_up([0.7, 0.1, 0.1, 0.1])
    until = history.index[-1]
    series = training_series(history, COUNTRY, until)
    assert series.places == learnt_weights(history[:until].iloc[:-1], COUNTRY)
    expected = series.places.applied(history[:until].iloc[:-1])["temperature"]
    pd.testing.assert_series_equal(series.frame["temperature"], expected)
    assert list(series.frame) == ["demand", "temperature"]


def test_what_comes_after_the_training_is_not_looked_at() -> None:
    history = made_up([0.7, 0.1, 0.1, 0.1])
    until = history.index[24 * 380]
    before = training_series(history, COUNTRY, until)
    history.loc[until:, ["demand", *TOWNS]] *= 3
    assert training_series(history, COUNTRY, until).places == before.places
