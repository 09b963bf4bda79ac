"""Solves the regressions of one origin hour: linear features and kernels together, for every lead time.

Gaussian process regression (Rasmussen and Williams, 2006, chapter 2), its kernels on inducing points, with
Huber's loss instead of squares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer.model.regressions.kernels import Array, Doubles, Groups, InducingPoints, Kernel, kernels_of
from trainer.model.regressions.origin_features import Block

_OUTLIER: Final = 0.25
"""Scaled residual error beyond which an error counts by its size and not by its square."""
_ROUNDS: Final = 8
"""Of pulling outliers in (Huber and Ronchetti, 2009, section 7.8: modified residuals)."""


@dataclass(frozen=True)
class FittedKernel:
    """A kernel on the training days of one origin hour."""

    kernel: Kernel
    inducing_points: InducingPoints
    coordinates: Array
    """(days, inducing points)."""
    back: Doubles
    """(inducing points, inducing points): from weights of the coordinates to duals."""
    sun: Array
    """(days, leads), or (days, 1) where all leads share it: what the coordinates are multiplied with."""

    @property
    def own_columns(self) -> int:
        """How many columns each lead time has of its own: none where all share the same."""
        return self.coordinates.shape[1] if self.sun.shape[1] > 1 else 0

    @classmethod
    def each(
        cls, known: tuple[Kernel, ...], groups: Mapping[str, Groups], sun: Block, typical_sun: float
    ) -> list[Self]:
        """One of each kernel in `known` whose features are in `groups`; the other arguments as in `of`."""
        typical = max(typical_sun, 1e-6)
        return [cls.of(one, groups[one.name], sun, typical) for one in kernels_of(groups, known)]

    @classmethod
    def of(cls, kernel: Kernel, groups: Groups, sun: Block, typical_sun: float) -> Self:
        """A kernel over the training days. `groups`: its features of them; `sun`: their solar proxy, (days,
        leads) or (days, 1); `typical_sun`: the one at which a sunny kernel has its stated variance."""
        inducing_points, coordinates, back = InducingPoints.of(groups, kernel.inducing_points)
        scale = np.sqrt(kernel.variance) / (typical_sun if kernel.sunny else 1.0)
        factor = sun if kernel.sunny else np.ones_like(sun[:, :1])
        return cls(kernel, inducing_points, (coordinates * scale).astype(np.float32), back * scale, factor)


@dataclass(frozen=True)
class System:
    """The regressions of one origin hour at all lead times: columns [linear | 1 | kernels' coordinates].

    Three quarters of the columns are the same at every lead time. Their block of the normal equations is
    factorised once; what a lead time has of its own follows by its Schur complement (Golub and Van Loan,
    2013, section 3.2.11).
    """

    shared: Array
    """(days, shared features), standardised: the linear features that are the same at every lead time."""
    own: Array
    """(leads, days, own columns): the others, standardised, and room for the `own_columns` of `kernels`,
    which `solve` fills: a copy of both would be the largest array of all."""
    is_shared: npt.NDArray[np.bool_]
    """(features,): which of the linear features are shared, in the order of the unknowns."""
    penalties: Doubles
    kernels: list[FittedKernel]
    importance: Doubles
    """(days,)."""

    def solve(self, targets: Array) -> Doubles:
        """The unknowns of each lead time, (leads, unknowns), as the columns; `targets` (days, leads)."""
        is_common = self._is_common()
        penalty = np.concatenate([self.penalties, [1e-6], np.ones(len(is_common) - len(self.penalties) - 1)])
        importance = (self.importance / self.importance.mean()).astype(np.float32)
        equations = _Equations.of(
            self._common(), self._own(), importance, penalty[is_common], penalty[~is_common]
        )
        wanted = np.ascontiguousarray(targets.T)
        pulled = wanted
        for _ in range(_ROUNDS):
            fitted = equations.fitted(*equations.solved(pulled))
            pulled = fitted + np.clip(wanted - fitted, -_OUTLIER, _OUTLIER)
        of_common, of_own = equations.solved(pulled)
        unknowns = np.zeros((len(wanted), len(is_common)))
        unknowns[:, is_common] = equations.unwhitened(of_common)
        own = np.flatnonzero(~is_common)
        for lead, values in enumerate(of_own):
            unknowns[lead, own[: len(values)]] = values
        return unknowns

    def _is_common(self) -> npt.NDArray[np.bool_]:
        """(unknowns,): whether a column is the same at every lead time."""
        of_kernels = [np.full(one.coordinates.shape[1], one.sun.shape[1] == 1) for one in self.kernels]
        return np.concatenate([self.is_shared, [True], *of_kernels])

    def _common(self) -> Array:
        """(days, common columns)."""
        ones = np.ones((len(self.importance), 1), dtype=np.float32)
        of_kernels = [one.coordinates * one.sun for one in self.kernels if one.sun.shape[1] == 1]
        return np.concatenate([self.shared, ones, *of_kernels], axis=1)

    def _own(self) -> list[Array]:
        """Of each lead time (days, its own columns); without those of the last kernels where the sun is up on
        no day, so that all of them are 0."""
        begin = int((~self.is_shared).sum())
        ends = np.full(len(self.own), begin)
        for one in self.kernels:
            end = begin + one.own_columns
            if end > begin:
                np.multiply(one.coordinates, one.sun.T[..., None], out=self.own[..., begin:end])
                ends[one.sun.any(axis=0)] = end
            begin = end
        return [columns[:, :end] for columns, end in zip(self.own, ends, strict=True)]


@dataclass(frozen=True)
class _Equations:
    """Weighted normal equations of all lead times, factorised. Products in single precision, factors in
    double.

    The common columns are whitened once, multiplied by the inverse of their block's factor, so that no lead
    time has to divide by it.
    """

    common: Array
    """(days, common), whitened."""
    factor: Tensor
    """(common, common): lower Cholesky factor of the common block."""
    own: list[Array]
    """Of each lead time (days, own)."""
    importance: Array
    """(days,)."""
    cross: list[Array]
    """Of each lead time (common, own): the cross block, whitened."""
    own_factors: list[Tensor]
    """Of each lead time (own, own): lower Cholesky factor of the Schur complement."""

    @classmethod
    def of(
        cls, common: Array, own: list[Array], importance: Array, common_penalty: Doubles, own_penalty: Doubles
    ) -> Self:
        """`common` (days, common); `own`: of each lead time (days, own); penalties of their columns, of which
        a lead time may lack the last."""
        root = np.sqrt(importance)[:, None]
        factor = _factor(products(root * common) + np.diag(common_penalty))
        whitened = torch.linalg.solve_triangular(
            factor.float().T, torch.from_numpy(common), upper=True, left=False
        ).numpy()
        weighted = (whitened * importance[:, None]).T
        cross, own_factors = [], []
        for here in own:
            square = products(root * here) + np.diag(own_penalty[: here.shape[1]])
            cross.append(weighted @ here)
            own_factors.append(_factor(square - products(cross[-1])))
        return cls(whitened, factor, own, importance, cross, own_factors)

    def solved(self, target: Array) -> tuple[Array, list[Array]]:
        """Unknowns of the whitened common columns (leads, common), and of the own ones of each lead time, for
        `target` (leads, days)."""
        weighted = target * self.importance
        of_common = np.asarray(weighted @ self.common, dtype=np.float32)
        of_own: list[Array] = []
        for lead, (own, cross, factor) in enumerate(zip(self.own, self.cross, self.own_factors, strict=True)):
            right = torch.from_numpy(weighted[lead] @ own - of_common[lead] @ cross).double()[:, None]
            right = torch.linalg.solve_triangular(factor, right, upper=False)
            found = torch.linalg.solve_triangular(factor.T, right, upper=True)[:, 0].float().numpy()
            of_common[lead] -= cross @ found
            of_own.append(found)
        return of_common, of_own

    def fitted(self, of_common: Array, of_own: list[Array]) -> Array:
        """(leads, days): what the unknowns of `solved` make of the columns."""
        values = of_common @ self.common.T
        for lead, (own, found) in enumerate(zip(self.own, of_own, strict=True)):
            values[lead] += own @ found
        return np.asarray(values)

    def unwhitened(self, of_common: Array) -> Doubles:
        """(leads, common): the unknowns of the common columns as they were."""
        right = torch.from_numpy(of_common).double()
        return np.asarray(torch.linalg.solve_triangular(self.factor, right, upper=False, left=False).numpy())


def products(columns: Array) -> Doubles:
    """(columns, columns): those of `columns` (days, columns) with each other. NumPy, unlike PyTorch, computes
    one half of them alone."""
    return np.asarray(columns.T @ columns, dtype=np.float64)


def _factor(matrix: Doubles) -> Tensor:
    """Its lower Cholesky factor."""
    factor: Tensor = torch.linalg.cholesky(torch.from_numpy(matrix))
    return factor
