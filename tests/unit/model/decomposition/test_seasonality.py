"""One Gram matrix stands for as many regressions as there are candidates."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pandas as pd
import pytest

from trainer.errors import DataError
from trainer.model.covariates.fourier import Orders, fourier
from trainer.model.decomposition.gram import FOURIER_PENALTY
from trainer.model.decomposition.seasonality import Seasonality, cross_fitted, search_orders
from trainer.model.decomposition.shaped_columns import Regressors

LOCAL = pd.date_range("2021-01-01", periods=24 * 400, freq="h")
SPLIT = 24 * 300
RANDOM = np.random.default_rng(1)
VALUES = RANDOM.normal(size=(len(LOCAL), 2))
REGRESSORS = Regressors.plain(("a", "b"), VALUES, np.array([1e-3, 1e-2]))
TARGET = (
    0.1 * np.sin(2 * np.pi * np.arange(len(LOCAL)) / 24)
    + 0.05 * np.cos(6 * np.pi * np.arange(len(LOCAL)) / 168)
    + VALUES @ [0.03, -0.02]
    + RANDOM.normal(0, 0.05, len(LOCAL))
)


def refitted_mse(orders: Orders) -> float:
    """The same candidate, fitted and validated the long way: explicit columns, one regression each."""
    columns = np.hstack([np.ones((len(LOCAL), 1)), VALUES, fourier(LOCAL, orders)])
    waves = columns.shape[1] - 3
    penalty = SPLIT * np.diag([0, *REGRESSORS.penalties, *[FOURIER_PENALTY] * waves])
    past = columns[:SPLIT]
    coefficients = np.linalg.solve(past.T @ past + penalty, past.T @ TARGET[:SPLIT])
    return float(np.mean((TARGET[SPLIT:] - columns[SPLIT:] @ coefficients) ** 2))


def test_the_grid_finds_the_winner_and_the_errors_of_the_exhaustive_refit() -> None:
    grid = list(itertools.product((1, 2, 4), (1, 3, 5), (1, 2)))
    scored = search_orders(LOCAL, REGRESSORS, TARGET, SPLIT, grid)
    refitted = {candidate: refitted_mse(Orders(*candidate)) for candidate in grid}
    for score in scored:
        key = (score.orders.daily, score.orders.weekly, score.orders.yearly)
        assert score.validation_mse == pytest.approx(refitted[key], rel=1e-6)
    assert scored[0].orders == Orders(*min(refitted, key=refitted.__getitem__))


def test_the_full_grid_over_five_years_takes_less_than_five_seconds_of_processor_time() -> None:
    local = pd.date_range("2018-01-01", periods=5 * 8766, freq="h")
    rng = np.random.default_rng(0)
    values = rng.normal(size=(len(local), 100))
    regressors = Regressors.plain(tuple(str(n) for n in range(100)), values, np.full(100, 1e-5))
    begin = time.process_time()
    scored = search_orders(local, regressors, rng.normal(size=len(local)), 4 * 8766)
    assert len(scored) == 14**3
    assert time.process_time() - begin < 5


def test_what_comes_after_the_split_does_not_move_the_fit_that_is_validated() -> None:
    later = TARGET.copy()
    later[SPLIT:] += 1.0
    before = search_orders(LOCAL, REGRESSORS, TARGET, SPLIT, [(2, 2, 1)])[0].validation_mse
    after = search_orders(LOCAL, REGRESSORS, later, SPLIT, [(2, 2, 1)])[0].validation_mse
    assert after > before + 0.5  # the same coefficients meet an error larger by one


def test_cross_fitted_values_do_not_depend_on_their_own_block() -> None:
    block, folds = 24 * 20, 4
    _, values = cross_fitted(LOCAL, REGRESSORS, TARGET, Orders(2, 2, 1), block, folds)
    perturbed = TARGET.copy()
    rows = slice(block, 2 * block)
    perturbed[rows] += 5.0
    _, again = cross_fitted(LOCAL, REGRESSORS, perturbed, Orders(2, 2, 1), block, folds)
    np.testing.assert_allclose(again[rows], values[rows], atol=1e-9)
    assert np.abs(again - values).max() > 0.1


def test_unknown_hours_are_left_out_of_the_fit() -> None:
    gappy = TARGET.copy()
    gappy[500:900] = np.nan
    fitted = Seasonality.fit(LOCAL, REGRESSORS, gappy, Orders(1, 3, 1))
    assert fitted.regressor_coefficients == pytest.approx([0.03, -0.02], abs=3e-3)


def test_a_seasonality_survives_json() -> None:
    fitted = Seasonality.fit(LOCAL, REGRESSORS, TARGET, Orders(3, 2, 1))
    again = Seasonality.from_dict(fitted.to_dict())
    np.testing.assert_array_equal(again(LOCAL, REGRESSORS), fitted(LOCAL, REGRESSORS))


def test_orders_outside_the_grid_are_refused() -> None:
    with pytest.raises(DataError, match="weekly=15"):
        Orders(1, 15, 1)
