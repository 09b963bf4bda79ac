"""Trees that are kept as arrays say what scikit-learn's own say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.ensemble import HistGradientBoostingRegressor

from trainer.model.training.tree_fitting import as_arrays
from trainer.model.trees.boosted_trees import BoostedTrees

FEATURES = 3


def fitted() -> tuple[HistGradientBoostingRegressor, BoostedTrees]:
    random = np.random.default_rng(0)
    rows = random.normal(size=(800, FEATURES))
    rows[random.random(rows.shape) < 0.2] = np.nan
    known = np.nan_to_num(rows, nan=2.0)
    target = known[:, 0] + np.sin(3 * known[:, 1]) + (known[:, 2] > 1)
    model = HistGradientBoostingRegressor(max_iter=20, early_stopping=False, random_state=0)
    return model, as_arrays(model.fit(rows, target))


MODEL, TREES = fitted()


@given(arrays(np.float64, (7, FEATURES), elements=st.floats(-4, 4) | st.just(np.nan)))
def test_any_row_has_the_forecast_of_the_library(rows: np.ndarray) -> None:
    np.testing.assert_allclose(TREES.predict(rows), MODEL.predict(rows), rtol=1e-12, atol=1e-12)


def test_more_rows_than_are_in_memory_at_once_are_told_in_their_order() -> None:
    rows = np.random.default_rng(1).normal(size=(9000, FEATURES))
    np.testing.assert_allclose(TREES.predict(rows), MODEL.predict(rows), rtol=1e-12, atol=1e-12)


def test_no_rows_have_no_forecast() -> None:
    assert TREES.predict(np.empty((0, FEATURES))).shape == (0,)


def test_tensors_give_the_same_trees_again() -> None:
    rows = np.random.default_rng(2).normal(size=(50, FEATURES))
    np.testing.assert_array_equal(
        BoostedTrees.from_tensors(TREES.tensors()).predict(rows), TREES.predict(rows)
    )


@pytest.mark.parametrize(
    "damaged",
    [
        replace(TREES, left=np.zeros_like(TREES.left)),
        replace(TREES, right=TREES.right + len(TREES.right)),
        replace(TREES, value=TREES.value[:-1]),
        replace(TREES, roots=TREES.roots - 1),
        replace(TREES, feature=TREES.feature - 1),
        replace(TREES, width=TREES.width - 1),
        replace(TREES, baseline=np.zeros(2)),
        replace(TREES, feature=TREES.feature.astype(np.float64)),
        replace(TREES, value=np.full_like(TREES.value, np.nan)),
    ],
    ids=[
        "a circle",
        "a child beyond the last",
        "a short array",
        "a root below 0",
        "a feature below 0",
        "a feature beyond the last",
        "two baselines",
        "half features",
        "no values",
    ],
)
def test_arrays_that_are_no_trees_are_refused(damaged: BoostedTrees) -> None:
    with pytest.raises(ValueError, match="trees"):
        BoostedTrees.from_tensors(damaged.tensors())


@pytest.mark.parametrize("other", [2, 4])
def test_rows_of_fewer_or_more_features_are_refused(other: int) -> None:
    with pytest.raises(ValueError, match=f"3 features were given {other}"):
        TREES.predict(np.zeros((4, other)))
