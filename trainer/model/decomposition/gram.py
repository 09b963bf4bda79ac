"""The sums that ridge regressions on Fourier terms are solved from.

One Gram matrix serves every choice of orders: the sums of squares and products of all columns are
taken once, and each candidate is solved and validated on a sub-block of them. The regressors, which
every candidate shares, are eliminated once (Schur complement), which leaves systems of at most 84
unknowns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd

from trainer.errors import DataError
from trainer.model.arrays import Matrix, Vector
from trainer.model.covariates.fourier import MAX_ORDER, Orders, fourier
from trainer.model.decomposition.shaped_columns import Regressors, Rows

FOURIER_PENALTY: Final = 1e-3
"""Per hour of training data, as of the regressors: harmonics repeat each other and the daily shapes."""
_LARGEST: Final = Orders(MAX_ORDER, MAX_ORDER, MAX_ORDER)


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
    ) -> list[Self]:
        """The same of each of `parts`."""
        known = [rows[np.isfinite(target[rows])] for rows in parts]
        if not all(rows.size for rows in known):
            raise DataError("no known demand to fit the seasonality on; check the training window")
        return [cls._summed(local, regressors, target, rows) for rows in known]

    @classmethod
    def _summed(cls, local: pd.DatetimeIndex, regressors: Regressors, target: Vector, rows: Rows) -> Self:
        """First the sums over each hour of the day, for columns [facts | 1 | Fourier terms | target]."""
        of_day = regressors.hour[rows]
        rows = rows[np.argsort(of_day, kind="stable")]
        ends = np.bincount(of_day, minlength=len(regressors.shapes)).cumsum()
        facts, ones = regressors.facts_of(rows), np.ones((len(rows), 1))
        block = np.hstack([facts, ones, fourier(local[rows], _LARGEST), target[rows, None]])
        by_hour = np.stack([here.T @ here for here in np.split(block, ends[:-1])])
        count = facts.shape[1]
        regressed = regressors.products(by_hour[:, :count, :count])
        crossed = regressors.products_with(by_hour[:, :count, count:])
        others = by_hour[:, count:, count:].sum(axis=0)
        one, waves = slice(0, 1), slice(1, -1)
        products = np.block(
            [
                [others[one, one], crossed[:, one].T, others[one, waves]],
                [crossed[:, one], regressed, crossed[:, waves]],
                [others[waves, one], crossed[:, waves].T, others[waves, waves]],
            ]
        )
        moments = np.concatenate([others[one, -1], crossed[:, -1], others[waves, -1]])
        return cls(1 + len(regressors.names), products, moments, float(others[-1, -1]), int(rows.size))

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
