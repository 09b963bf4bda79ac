"""All of a model that is fitted without a network, side by side on the threads that the process may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trainer.model.regressions.day_regression import DayRegression
from trainer.model.regressions.regression import Regression
from trainer.model.training.regressions.threads import one_thread_pool
from trainer.model.training.training_set import TrainingSet
from trainer.model.training.tree_fitting import fit_trees
from trainer.model.trees.boosted_trees import BoostedTrees


@dataclass(frozen=True)
class Solved:
    """What the days before `until` of a training set teach."""

    regression: Regression
    days: DayRegression
    trees: BoostedTrees | None
    """None where they are not asked for, or no hour has demand in the week before."""


def solve(training_set: TrainingSet, only: Sequence[int] | None, *, with_trees: bool) -> Solved:
    """Solves the regressions by hour and of whole days and, `with_trees`, grows trees, on the hours before
    `until` of the set. `only`: the local hours to forecast from, all 24 for None.

    Raises DataError where no hour of the day has days enough for a regression.

    Trees grow on one of the threads while the others solve regressions: two would grow them hardly faster.
    """
    with one_thread_pool() as pool:
        trees = pool.submit(fit_trees, training_set, only) if with_trees else None
        regression = training_set.regression(only, pool)
        days = training_set.day_regression(only, pool)
        return Solved(regression, days, trees.result() if trees else None)
