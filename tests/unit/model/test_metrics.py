"""Scores mean what their names say, and refuse what cannot be scored."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as reference

from trainer.errors import DataError
from trainer.model.metrics import coverage, crps, finite_or_none, mape, pinball, scores, share_below

demand = arrays(np.float64, st.integers(2, 30), elements=st.floats(1, 1e5))


def test_scores_by_hand() -> None:
    found = scores([100, 200], [110, 180])
    assert found["mae"] == 15
    assert found["mse"] == 250
    assert found["rmse"] == pytest.approx(math.sqrt(250))
    assert found["r2"] == pytest.approx(1 - 250 / 2500)
    assert found["mape"] == pytest.approx(10)
    assert found["smape"] == pytest.approx(100 * (20 / 210 + 40 / 380) / 2 * 1)


@given(demand, st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.5, 0.9]))
def test_scores_are_those_of_scikit_learn(actual: np.ndarray, seed: int, quantile: float) -> None:
    # One hour that differs: scikit-learn calls the r2 of flat demand 1 or 0, we call it unknown.
    actual = np.append(actual, actual[0] + 1)
    forecast = actual * np.random.default_rng(seed).uniform(0.8, 1.2, actual.size)
    found = scores(actual, forecast)
    assert found["mae"] == pytest.approx(reference.mean_absolute_error(actual, forecast))
    assert found["mse"] == pytest.approx(reference.mean_squared_error(actual, forecast))
    assert found["rmse"] == pytest.approx(reference.root_mean_squared_error(actual, forecast))
    assert found["r2"] == pytest.approx(reference.r2_score(actual, forecast), rel=1e-6)
    assert found["mape"] == pytest.approx(100 * reference.mean_absolute_percentage_error(actual, forecast))
    loss = reference.mean_pinball_loss(actual, forecast, alpha=quantile)
    assert pinball(actual, forecast, quantile) == pytest.approx(loss)


@given(demand)
def test_a_perfect_forecast_has_no_error(actual: np.ndarray) -> None:
    found = scores(actual, actual)
    assert found["mae"] == found["mse"] == found["mape"] == found["smape"] == 0


@given(demand, st.floats(0.5, 2))
def test_percentages_do_not_depend_on_the_unit(actual: np.ndarray, factor: float) -> None:
    forecast = actual * factor
    one, two = scores(actual, forecast), scores(actual * 1000, forecast * 1000)
    assert one["mape"] == pytest.approx(two["mape"])
    assert one["smape"] == pytest.approx(two["smape"])


@pytest.mark.parametrize(
    ("actual", "forecast", "message"),
    [
        ([], [], "cannot score 0"),
        ([1, 2], [1], "cannot score 1 forecasts against 2"),
        ([1, math.nan], [1, 2], "1 of 2 actual values are not finite"),
        ([1, 2], [1, math.inf], "1 of 2 forecast values are not finite"),
    ],
)
def test_what_cannot_be_scored_is_refused(actual: list, forecast: list, message: str) -> None:
    with pytest.raises(DataError, match=message):
        scores(actual, forecast)


def test_flat_demand_has_no_r2_and_json_has_no_nan() -> None:
    found = scores([5, 5], [5, 6])
    assert math.isnan(found["r2"])
    assert finite_or_none(found)["r2"] is None


def test_the_edges_of_the_band_belong_to_it() -> None:
    assert coverage([1, 2, 3, 4], [1, 1, 1, 1], [3, 3, 3, 3]) == 75


def test_pinball_punishes_the_side_that_the_quantile_forbids() -> None:
    assert pinball([10], [8], 0.9) == pytest.approx(1.8)
    assert pinball([10], [12], 0.9) == pytest.approx(0.2)


def test_no_hours_have_no_mape() -> None:
    assert math.isnan(mape([], []))


@pytest.mark.parametrize("actual", [[1.0, 0.0], [1.0, -2.0]])
def test_a_percentage_of_nothing_is_none_and_mw_stay(actual: list[float]) -> None:
    found = scores(actual, [2.0, 1.0])
    assert math.isnan(found["mape"])
    assert math.isnan(found["smape"])
    assert found["mae"] == pytest.approx(np.abs(np.array(actual) - [2.0, 1.0]).mean())
    assert math.isnan(mape(actual, [2.0, 1.0]))


def test_rmae_compares_on_the_hours_that_have_a_naive_forecast() -> None:
    found = scores([10, 10, 10], [11, 12, 90], [14, 8, math.nan])
    assert found["rmae"] == pytest.approx((1 + 2) / (4 + 2))


@pytest.mark.parametrize("naive", [[math.nan, math.nan], [5.0, 6.0]])
def test_rmae_is_not_known_where_no_naive_forecast_errs(naive: list[float]) -> None:
    assert math.isnan(scores([5, 6], [5, 7], naive)["rmae"])


@given(demand, st.integers(0, 2**32 - 1))
def test_the_crps_is_the_mean_pinball_loss_doubled_and_of_the_median_the_mae(
    actual: np.ndarray, seed: int
) -> None:
    median = actual * np.random.default_rng(seed).uniform(0.8, 1.2, actual.size)
    assert crps(actual, {50: median}) == pytest.approx(np.abs(actual - median).mean())
    losses = [pinball(actual, median - 1, 0.05), pinball(actual, median, 0.5), pinball(actual, median, 0.9)]
    assert crps(actual, {5: median - 1, 50: median, 90: median}) == pytest.approx(2 * np.mean(losses))


def test_the_crps_of_many_quantiles_is_that_of_the_distribution() -> None:
    """Of a standard normal one at its mean: 2 phi(0) - 1 / sqrt(pi) (Gneiting et al., 2005)."""
    levels = np.arange(0.05, 100, 0.1)
    quantiles = {float(level): [NormalDist().inv_cdf(level / 100)] for level in levels}
    expected = 2 / math.sqrt(2 * math.pi) - 1 / math.sqrt(math.pi)
    assert crps([0.0], quantiles) == pytest.approx(expected, rel=1e-3)


def test_without_quantiles_there_is_no_crps() -> None:
    assert math.isnan(crps([1.0], {}))


def test_a_quantile_that_is_met_exactly_counts_as_held() -> None:
    assert share_below([1, 2, 3, 4], {25: [1, 1, 1, 1], 75: [3, 3, 3, 3]}) == {25: 25, 75: 75}
