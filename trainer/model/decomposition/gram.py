"""The sums that ridge regressions on Fourier terms are solved from.

One Gram matrix serves every choice of orders: the sums of squares and products of all columns are
taken once, and each candidate is solved and validated on a sub-block of them. The regressors, which
every candidate shares, are eliminated once (Schur complement), which leaves systems of at most 84
unknowns.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from trainer.errors import DataError
from trainer.model.arrays import Matrix, Regressors, Vector
from trainer.model.covariates.fourier import MAX_ORDER, Orders, fourier

FOURIER_PENALTY: Final = 1e-3
"""Per hour of training data, as of the regressors: harmonics repeat each other and the daily shapes."""
_ROWS_AT_ONCE: Final = 8192

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Gram:
    """Sums over the known hours for columns [1 | regressors | all Fourier terms]."""

    fixed: int
    """Columns before the Fourier terms: the constant and the regressors."""
    products: Matrix
    moments: Vector
    square: float
    rows: int

    @classmethod
    def of(cls, local: pd.DatetimeIndex, regressors: Regressors, target: Vector, rows: Rows) -> Self:
        """Of those among `rows` whose `target` is known; `local` and `target` (hours,). Raises DataError for
        none."""
        return cls.each(local, regressors, target, [rows])[0]

    @classmethod
    def each(
        cls,
        local: pd.DatetimeIndex,
        regressors: Regressors,
        target: Vector,
        parts: Sequence[Rows],
        pool: Executor | None = None,
    ) -> list[Self]:
        """The same of each of `parts`, summed on the threads of `pool`; in this one where there is none.

        Sums are of the same rows, in the same order, on any number of threads.
        """
        largest = Orders(MAX_ORDER, MAX_ORDER, MAX_ORDER)
        fixed = 1 + len(regressors.names)
        size = fixed + 6 * MAX_ORDER
        known = [rows[np.isfinite(target[rows])] for rows in parts]
        if not all(rows.size for rows in known):
            raise DataError("no known demand to fit the seasonality on; check the training window")

        def summed(here: Rows) -> tuple[Matrix, Vector]:
            block = np.empty((here.size, size))
            block[:, 0] = 1
            block[:, 1:fixed] = regressors.of_rows(here)
            block[:, fixed:] = fourier(local[here], largest)
            return block.T @ block, block.T @ target[here]

        blocks = [
            (number, rows[begin : begin + _ROWS_AT_ONCE])
            for number, rows in enumerate(known)
            for begin in range(0, rows.size, _ROWS_AT_ONCE)
        ]
        products, moments = np.zeros((len(parts), size, size)), np.zeros((len(parts), size))
        each = (pool.map if pool else map)(summed, [rows for _, rows in blocks])
        for (number, _), (product, moment) in zip(blocks, each, strict=True):
            products[number] += product
            moments[number] += moment
        return [
            cls(fixed, product, moment, float(target[rows] @ target[rows]), int(rows.size))
            for product, moment, rows in zip(products, moments, known, strict=True)
        ]

    def plus(self, other: Gram) -> Gram:
        return Gram(
            self.fixed,
            self.products + other.products,
            self.moments + other.moments,
            self.square + other.square,
            self.rows + other.rows,
        )

    def minus(self, other: Gram) -> Gram:
        return Gram(
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
        """Ridge coefficients of the constant, the regressors and the Fourier terms at `positions`, in this
        order."""
        chosen = np.concatenate([np.arange(self.fixed), self.fixed + np.asarray(positions)])
        system = self._penalised(penalties)[np.ix_(chosen, chosen)]
        return np.asarray(np.linalg.solve(system, self.moments[chosen]))

    def eliminate(self, penalties: Vector, validation: Gram) -> Reduced:
        """Solves constant and regressors out: their best values are c - D f for Fourier coefficients f, which
        makes the normal equations and the validation error quadratics in f alone."""
        n, system = self.fixed, self._penalised(penalties)
        solved = np.linalg.solve(system[:n, :n], np.column_stack([self.moments[:n], system[:n, n:]]))
        c, d = solved[:, 0], solved[:, 1:]
        v, w = validation.products, validation.moments
        vbb, vbf, vff = v[:n, :n], v[:n, n:], v[n:, n:]
        cross = d.T @ vbf
        return Reduced(
            system=system[n:, n:] - system[n:, :n] @ d,
            moments=self.moments[n:] - system[n:, :n] @ c,
            quadratic=d.T @ vbb @ d - cross - cross.T + vff,
            linear=w[n:] - d.T @ w[:n] - (vbf - vbb @ d).T @ c,
            constant=validation.square - 2 * float(c @ w[:n]) + float(c @ vbb @ c),
            rows=validation.rows,
        )


@dataclass(frozen=True)
class Reduced:
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
