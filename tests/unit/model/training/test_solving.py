"""Regressions and trees come out the same, however many threads share the work."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from trainer.contract import Region
from trainer.model.config import ModelConfig
from trainer.model.training.regressions import threads
from trainer.model.training.solving import Solved, solve
from trainer.model.training.training_series import training_series
from trainer.model.training.training_set import TrainingSet

HOURS = (0, 12)


@pytest.fixture(scope="module")
def training_set(
    history: pd.DataFrame, region: Region, tiny: ModelConfig, train_until: pd.Timestamp
) -> TrainingSet:
    series = training_series(history, region, train_until)
    return TrainingSet.of(series, region, tiny, len(series), torch.device("cpu"))


def solved_by(count: int, training_set: TrainingSet, patch: pytest.MonkeyPatch) -> Solved:
    patch.setattr(threads, "allowed_threads", lambda: count)
    return solve(training_set, HOURS, with_trees=True)


def test_several_threads_solve_the_same_as_one(
    training_set: TrainingSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, shared = (solved_by(count, training_set, monkeypatch) for count in (1, 3))
    assert alone.trees is not None
    assert shared.trees is not None
    for one, other in (
        (alone.regression.tensors(), shared.regression.tensors()),
        (alone.days.tensors(), shared.days.tensors()),
        (alone.trees.tensors(), shared.trees.tensors()),
    ):
        for name, values in one.items():
            np.testing.assert_array_equal(values, other[name], name)


def test_trees_are_left_out_where_nobody_asks_for_them(training_set: TrainingSet) -> None:
    assert solve(training_set, HOURS, with_trees=False).trees is None
