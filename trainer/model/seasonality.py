"""The repeating part of demand: Fourier terms and regressors, fitted together by ridge regression.

One Gram matrix serves every choice of orders: the sums of squares and products of all columns are
taken once, and each of the 14 x 14 x 14 candidates is solved and validated on a sub-block of them. The
regressors, which every candidate shares, are eliminated once (Schur complement), which leaves systems
of at most 84 unknowns.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from trainer.errors import DataError
from trainer.model.arrays import Matrix, Regressors, Vector

MAX_ORDER: Final = 14
FOURIER_PENALTY: Final = 1e-3
"""Per hour of training data, as of the regressors: harmonics repeat each other and the daily shapes."""
_ROWS_AT_ONCE: Final = 8192


@dataclass(frozen=True)
class Orders:
    """How many harmonics of the day, the week and the year (of 24, 168 and 8,766 local hours)."""

    daily: int
    weekly: int
    yearly: int

    def __post_init__(self) -> None:
        for name in ("daily", "weekly", "yearly"):
            if not 1 <= getattr(self, name) <= MAX_ORDER:
                raise DataError(f"Fourier order {name}={getattr(self, name)} is not within 1..{MAX_ORDER}")


def fourier(local: pd.DatetimeIndex, orders: Orders) -> Matrix:
    """(hours, 2 x (daily + weekly + yearly)): sine and cosine of each harmonic, by naive local time."""
    hours = (local - pd.Timestamp("2018-01-01")) / pd.Timedelta(hours=1)  # a Monday
    t = np.asarray(hours, dtype=np.float64)
    waves = []
    for period, order in ((24.0, orders.daily), (168.0, orders.weekly), (8766.0, orders.yearly)):
        angle = 2 * np.pi * t / period
        for k in range(1, order + 1):
            waves += [np.sin(k * angle), np.cos(k * angle)]
    return np.column_stack(waves)


def _positions(orders: Orders) -> list[int]:
    """Where the columns of `orders` stand among those of the largest orders."""
    most = 2 * MAX_ORDER
    return [
        block * most + column
        for block, order in enumerate((orders.daily, orders.weekly, orders.yearly))
        for column in range(2 * order)
    ]


@dataclass(frozen=True)
class Seasonality:
    """Coefficients of 1, the Fourier terms of `orders`, and the named regressors; result in log MW."""

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
        """Ridge over the hours where `target` (log demand less trend) is finite."""
        return cls._solved(_Gram.of(local, regressors.values, target), regressors, orders)

    @classmethod
    def _solved(cls, gram: _Gram, regressors: Regressors, orders: Orders) -> Self:
        unknowns = gram.solve(regressors.penalties, _positions(orders))
        split = 1 + len(regressors.names)
        return cls(orders, regressors.names, float(unknowns[0]), unknowns[split:], unknowns[1:split])

    def __call__(self, local: pd.DatetimeIndex, regressors: Regressors) -> Vector:
        """Log MW to add to the trend at each hour."""
        waves = fourier(local, self.orders) @ self.fourier_coefficients
        return np.asarray(self.intercept + waves + regressors.values @ self.regressor_coefficients)

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
    """The seasonality of all hours, and the values (log MW) that each block gets from a fit without it.

    Every `folds`-th block of `block` hours is left out together; the folds' Gram matrices add up to the
    whole's, so leaving one out is a subtraction.
    """
    fold = np.arange(len(target)) // block % folds
    grams = [
        _Gram.of(local[rows], regressors.values[rows], target[rows])
        for rows in (np.flatnonzero(fold == number) for number in range(folds))
        if np.isfinite(target[rows]).any()
    ]
    whole = functools.reduce(_Gram.plus, grams)
    fitted = Seasonality._solved(whole, regressors, orders)
    if len(grams) < folds:  # too short to leave anything out
        return fitted, fitted(local, regressors)
    values = np.empty_like(target)
    for number, gram in enumerate(grams):
        without = Seasonality._solved(whole.minus(gram), regressors, orders)
        rows = fold == number
        values[rows] = without(local, regressors)[rows]
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
    past, later = slice(None, validation_from), slice(validation_from, None)
    train = _Gram.of(local[past], regressors.values[past], target[past])
    validation = _Gram.of(local[later], regressors.values[later], target[later])
    each = range(1, MAX_ORDER + 1)
    reduced = train.eliminate(regressors.penalties, validation)
    scored = []
    for candidate in candidates or itertools.product(each, each, each):
        orders = Orders(*candidate)
        scored.append(OrderScore(orders, reduced.validation_mse(_positions(orders))))
    return sorted(scored, key=lambda s: (s.validation_mse, sum(_terms(s.orders))))


def _terms(orders: Orders) -> tuple[int, int, int]:
    return orders.daily, orders.weekly, orders.yearly


@dataclass(frozen=True)
class _Gram:
    """Sums over the known hours for columns [1 | regressors | all Fourier terms]."""

    fixed: int
    """Columns before the Fourier terms: the constant and the regressors."""
    products: Matrix
    moments: Vector
    square: float
    rows: int

    @classmethod
    def of(cls, local: pd.DatetimeIndex, regressors: Matrix, target: Vector) -> Self:
        known = np.flatnonzero(np.isfinite(target))
        if known.size == 0:
            raise DataError("no known demand to fit the seasonality on; check the training window")
        largest = Orders(MAX_ORDER, MAX_ORDER, MAX_ORDER)
        size = 1 + regressors.shape[1] + 6 * MAX_ORDER
        products, moments = np.zeros((size, size)), np.zeros(size)
        for begin in range(0, known.size, _ROWS_AT_ONCE):
            rows = known[begin : begin + _ROWS_AT_ONCE]
            block = np.hstack([np.ones((rows.size, 1)), regressors[rows], fourier(local[rows], largest)])
            products += block.T @ block
            moments += block.T @ target[rows]
        y = target[known]
        return cls(1 + regressors.shape[1], products, moments, float(y @ y), int(known.size))

    def plus(self, other: _Gram) -> _Gram:
        return _Gram(
            self.fixed,
            self.products + other.products,
            self.moments + other.moments,
            self.square + other.square,
            self.rows + other.rows,
        )

    def minus(self, other: _Gram) -> _Gram:
        return _Gram(
            self.fixed,
            self.products - other.products,
            self.moments - other.moments,
            self.square - other.square,
            self.rows - other.rows,
        )

    def _penalised(self, penalties: Vector) -> Matrix:
        fourier_count = self.products.shape[0] - self.fixed
        weights = np.concatenate([[0.0], penalties, np.full(fourier_count, FOURIER_PENALTY)])
        return self.products + np.diag(self.rows * weights)

    def solve(self, penalties: Vector, positions: Sequence[int]) -> Vector:
        """[constant, regressors, chosen Fourier terms]."""
        chosen = np.concatenate([np.arange(self.fixed), self.fixed + np.asarray(positions)])
        system = self._penalised(penalties)[np.ix_(chosen, chosen)]
        return np.asarray(np.linalg.solve(system, self.moments[chosen]))

    def eliminate(self, penalties: Vector, validation: _Gram) -> _Reduced:
        """With b = c - D f the best constant and regressors given Fourier coefficients f, both the
        normal equations and the validation error become quadratics in f alone."""
        n, system = self.fixed, self._penalised(penalties)
        solved = np.linalg.solve(system[:n, :n], np.column_stack([self.moments[:n], system[:n, n:]]))
        c, d = solved[:, 0], solved[:, 1:]
        v, w = validation.products, validation.moments
        vbb, vbf, vff = v[:n, :n], v[:n, n:], v[n:, n:]
        cross = d.T @ vbf
        return _Reduced(
            system=system[n:, n:] - system[n:, :n] @ d,
            moments=self.moments[n:] - system[n:, :n] @ c,
            quadratic=d.T @ vbb @ d - cross - cross.T + vff,
            linear=w[n:] - d.T @ w[:n] - (vbf - vbb @ d).T @ c,
            constant=validation.square - 2 * float(c @ w[:n]) + float(c @ vbb @ c),
            rows=validation.rows,
        )


@dataclass(frozen=True)
class _Reduced:
    """Validation error = (f'Qf - 2 l'f + constant) / rows, with f from system f = moments."""

    system: Matrix
    moments: Vector
    quadratic: Matrix
    linear: Vector
    constant: float
    rows: int

    def validation_mse(self, positions: Sequence[int]) -> float:
        at = np.asarray(positions)
        block = np.ix_(at, at)
        f = np.linalg.solve(self.system[block], self.moments[at])
        error = f @ self.quadratic[block] @ f - 2 * (self.linear[at] @ f) + self.constant
        return float(error) / self.rows
