"""Boosted trees, fitted by scikit-learn and taken out of its object as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from threadpoolctl import threadpool_limits

from trainer.model.regressions.origin_features import DAY, Rows
from trainer.model.training.training_set import TrainingSet
from trainer.model.trees.boosted_trees import BoostedTrees
from trainer.model.trees.tree_features import FARTHEST, TreeFeatures

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

LEAST_HOURS: Final = 365 * DAY
"""Before the validation days. With less than a year, of which each season is new to them, trees add to the
error."""
_SETTINGS: Final[dict[str, Any]] = {
    "max_iter": 100,
    "learning_rate": 0.1,
    "max_leaf_nodes": 31,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
    "max_features": 0.5,
    "early_stopping": False,
    "random_state": 0,
}
_WARM_UP: Final = 7 * DAY
"""Hours before the first origin, without which an hour has no level."""
_MOST_ORIGINS: Final = 2000
"""Of all hours of the day together: five years of one hour's; more are thinned at random."""
_SHARE: Final = 0.25
"""Of an origin's hours ahead, drawn at random: neighbours tell much the same, at four times the cost."""


def too_few_for_trees(training_set: TrainingSet) -> str | None:
    """Why trees are better left out of an average whose weights the days after `until` of the set teach; None
    where there are enough before it."""
    if training_set.until >= LEAST_HOURS:
        return None
    least, there = LEAST_HOURS // DAY, training_set.until // DAY
    return f"left out: they ask for {least} days before the validation days, and there are {there}"


def fit_trees(training_set: TrainingSet, only: Sequence[int] | None) -> BoostedTrees | None:
    """Trees fitted to the hours before `until` of the set, each as its demand was known at origins up to
    FARTHEST before it; trend and seasonality are those of the whole set. `only`: the local hours to forecast
    from, all 24 for None. In this thread alone. None where no hour has demand in the week before."""
    # Not all models have trees, and importing this takes a second.
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415

    here = training_set.context()
    demand = np.where(here.known_demand, here.transformed, np.nan)
    features = TreeFeatures.of(demand, here.base, here.origin_features)
    origins = _origins(here.origin_features.local_hour[: training_set.until], only)
    begun = np.repeat(origins, FARTHEST)
    ahead = begun + np.tile(np.arange(FARTHEST), len(origins))
    kept = (ahead < training_set.until) & (np.random.default_rng(0).random(len(ahead)) < _SHARE)
    begun, ahead = begun[kept], ahead[kept]
    rows, level = features.at(begun, ahead)
    target = demand[ahead] - level
    known = np.isfinite(target)
    if not known.any():
        return None
    rows, target = rows[known], target[known]
    rows[:, np.isnan(rows).all(axis=0)] = 0.0  # the library refuses a feature that is nowhere known
    with threadpool_limits(1, user_api="openmp"):
        model = HistGradientBoostingRegressor(**_SETTINGS).fit(rows, target)
    return as_arrays(model)


def as_arrays(model: HistGradientBoostingRegressor) -> BoostedTrees:
    """The trees of a fitted `model` without categories."""
    # Its public interface gives no nodes; a test holds what is read here to its `predict`.
    trees = [of_iteration[0].nodes for of_iteration in model._predictors]
    sizes = np.array([len(nodes) for nodes in trees])
    roots = np.concatenate([[0], sizes.cumsum()[:-1]])
    nodes = np.concatenate(trees)
    first, own = np.repeat(roots, sizes), np.arange(len(nodes))
    leaf = nodes["is_leaf"].astype(bool)
    return BoostedTrees(
        baseline=np.asarray(model._baseline_prediction, dtype=np.float64).reshape(1),
        width=np.array([model.n_features_in_], dtype=np.int32),
        roots=roots.astype(np.int32),
        feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int16),
        threshold=np.where(leaf, 0.0, nodes["num_threshold"]),
        unknown_left=nodes["missing_go_to_left"].astype(bool),
        left=np.where(leaf, own, first + nodes["left"]).astype(np.int32),
        right=np.where(leaf, own, first + nodes["right"]).astype(np.int32),
        value=np.where(leaf, nodes["value"], 0.0),
    )


def _origins(local_hour: Rows, only: Sequence[int] | None) -> Rows:
    rows = np.arange(_WARM_UP, len(local_hour))
    if only is not None:
        rows = rows[np.isin(local_hour[rows], list(only))]
    if len(rows) > _MOST_ORIGINS:
        rows = np.sort(np.random.default_rng(0).choice(rows, _MOST_ORIGINS, replace=False))
    return rows
