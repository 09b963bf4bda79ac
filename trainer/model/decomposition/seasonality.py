"""The repeating part of demand: Fourier terms and regressors, fitted together by ridge regression."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from trainer.model.arrays import Vector
from trainer.model.covariates.fourier import MAX_ORDER, Orders, fourier, positions
from trainer.model.decomposition.gram import Gram
from trainer.model.decomposition.shaped_columns import Regressors, Rows


@dataclass(frozen=True)
class Seasonality:
    """Coefficients of 1, the Fourier terms of `orders`, and the named regressors, on the model's scale."""

    orders: Orders
    regressors: tuple[str, ...]
    intercept: float
    fourier_coefficients: Vector
    regressor_coefficients: Vector

    @classmethod
    def fit(
        cls,
        local: pd.DatetimeIndex,
        regressors: Regressors,
        target: Vector,
        orders: Orders,
    ) -> Self:
        """Ridge over the hours where `target` (transformed demand less trend) is finite."""
        gram = Gram.of(local, regressors, target, np.arange(len(target)))
        return cls._solved(gram, regressors, orders)

    @classmethod
    def _solved(cls, gram: Gram, regressors: Regressors, orders: Orders) -> Self:
        unknowns = gram.solve(regressors.penalties, positions(orders))
        split = 1 + len(regressors.names)
        return cls(orders, regressors.names, float(unknowns[0]), unknowns[split:], unknowns[1:split])

    def __call__(self, local: pd.DatetimeIndex, regressors: Regressors) -> Vector:
        """(hours,): the seasonality on the model's scale, which is added to the trend."""
        return self.of_rows(local, regressors, np.arange(len(local)))

    def of_rows(self, local: pd.DatetimeIndex, regressors: Regressors, rows: Rows) -> Vector:
        """(rows,): the same as a call, of some rows."""
        return self.from_explained(local[rows], regressors.explained(self.regressor_coefficients, rows))

    def from_explained(self, local: pd.DatetimeIndex, explained: Vector) -> Vector:
        """(hours,): the same as a call, given what the regressors contribute, `explained` (hours,)."""
        waves = fourier(local, self.orders) @ self.fourier_coefficients
        return np.asarray(self.intercept + waves + explained)

    def to_dict(self) -> dict[str, Any]:
        return {
            "orders": [self.orders.daily, self.orders.weekly, self.orders.yearly],
            "intercept": self.intercept,
            "fourier_coefficients": self.fourier_coefficients.tolist(),
            "regressors": dict(zip(self.regressors, self.regressor_coefficients.tolist(), strict=True)),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        regressors = values["regressors"]
        return cls(
            Orders(*values["orders"]),
            tuple(regressors),
            float(values["intercept"]),
            np.asarray(values["fourier_coefficients"], dtype=np.float64),
            np.asarray(list(regressors.values()), dtype=np.float64),
        )


def cross_fitted(
    local: pd.DatetimeIndex,
    regressors: Regressors,
    target: Vector,
    orders: Orders,
    block: int,
    folds: int,
) -> tuple[Seasonality, Vector]:
    """The seasonality of all hours, and the values that each block gets from a fit without it.

    Every `folds`-th block of `block` hours is left out together; the folds' Gram matrices add up to the
    whole's, so leaving one out is a subtraction.
    """
    fold = np.arange(len(target)) // block % folds
    of_folds = [np.flatnonzero(fold == number) for number in range(folds)]
    known = [rows for rows in of_folds if np.isfinite(target[rows]).any()]
    grams = Gram.each(local, regressors, target, known)
    whole = functools.reduce(Gram.plus, grams)
    fitted = Seasonality._solved(whole, regressors, orders)
    if len(grams) < folds:  # too short to leave anything out
        return fitted, fitted(local, regressors)
    values = np.empty_like(target)
    for gram, rows in zip(grams, of_folds, strict=True):
        without = Seasonality._solved(whole.minus(gram), regressors, orders)
        values[rows] = without.of_rows(local, regressors, rows)
    return fitted, values


@dataclass(frozen=True)
class OrderScore:
    orders: Orders
    validation_mse: float


def search_orders(
    local: pd.DatetimeIndex,
    regressors: Regressors,
    target: Vector,
    validation_from: int,
    candidates: Iterable[tuple[int, int, int]] | None = None,
) -> list[OrderScore]:
    """All candidates, best first: fitted on the rows before `validation_from`, scored on those after.

    `candidates` are (daily, weekly, yearly); all of 1..14 each unless given. Ties go to fewer terms.
    """
    parts = np.split(np.arange(len(target)), [validation_from])
    train, validation = Gram.each(local, regressors, target, parts)
    each = range(1, MAX_ORDER + 1)
    reduced = train.eliminate(regressors.penalties, validation)
    scored = []
    for candidate in candidates or itertools.product(each, each, each):
        orders = Orders(*candidate)
        scored.append(OrderScore(orders, reduced.validation_mse(positions(orders))))
    return sorted(scored, key=lambda s: (s.validation_mse, sum(_terms(s.orders))))


def _terms(orders: Orders) -> tuple[int, int, int]:
    return orders.daily, orders.weekly, orders.yearly
