"""Sums over columns come from the facts that the columns are made of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trainer.model.covariates.fourier import MAX_ORDER, Orders, fourier
from trainer.model.decomposition.gram import Gram
from trainer.model.decomposition.shaped_columns import Columns, Regressors

LOCAL = pd.date_range("2021-01-01 00:30", periods=24 * 40, freq="h")
RANDOM = np.random.default_rng(3)
EVERY_ROW = np.arange(len(LOCAL))
TARGET = RANDOM.normal(size=len(LOCAL))


@pytest.fixture(scope="module")
def regressors() -> Regressors:
    columns = Columns(np.asarray(LOCAL.hour + LOCAL.minute / 60), 3)
    columns.add("weekend", np.asarray(LOCAL.day_of_week >= 5), 3, 1e-3)
    columns.add("temperature", RANDOM.normal(size=len(LOCAL)), 1, 1e-2)
    return columns.regressors()


def test_a_column_is_its_fact_times_a_harmonic_of_the_local_hour(regressors: Regressors) -> None:
    column = regressors.of_rows(EVERY_ROW)[:, regressors.names.index("weekend*cos2")]
    wave = np.cos(2 * 2 * np.pi * (LOCAL.hour + 0.5) / 24)
    np.testing.assert_allclose(column, (LOCAL.day_of_week >= 5) * wave, atol=1e-12)


def test_a_finer_harmonic_is_penalised_more(regressors: Regressors) -> None:
    penalties = dict(zip(regressors.names, regressors.penalties, strict=True))
    assert (penalties["weekend"], penalties["weekend*sin1"], penalties["weekend*sin3"]) == (1e-3, 1e-3, 3e-3)


@pytest.mark.parametrize("rows", [EVERY_ROW, EVERY_ROW[7:200:3], EVERY_ROW[12::24]])
def test_sums_of_products_are_those_of_the_columns_themselves(
    regressors: Regressors, rows: np.ndarray
) -> None:
    gram = Gram.of(LOCAL, regressors, TARGET, rows)
    waves = fourier(LOCAL[rows], Orders(MAX_ORDER, MAX_ORDER, MAX_ORDER))
    columns = np.hstack([np.ones((len(rows), 1)), regressors.of_rows(rows), waves])
    np.testing.assert_allclose(gram.products, columns.T @ columns, atol=1e-10)
    np.testing.assert_allclose(gram.moments, columns.T @ TARGET[rows], atol=1e-10)
    assert gram.square == pytest.approx(TARGET[rows] @ TARGET[rows])
