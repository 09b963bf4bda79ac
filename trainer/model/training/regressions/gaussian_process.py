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
        """`groups`: the kernel's features of the training days; `sun`: their solar proxy, (days, leads) or
        (days, 1); `typical_sun`: the solar proxy at which a sunny kernel has its stated variance."""
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
        # Torch alone: two libraries with threads of their own would wait for each other at every turn.
        common, own = torch.from_numpy(self._common()), torch.from_numpy(self._own())
        importance = torch.from_numpy(self.importance / self.importance.mean()).float()[:, None]
        is_common = self._is_common()
        penalty = np.concatenate([self.penalties, [1e-6], np.ones(len(is_common) - len(self.penalties) - 1)])
        equations = _Equations.of(common, own, importance, penalty[is_common], penalty[~is_common])
        wanted = torch.from_numpy(targets)
        pulled = wanted
        for _ in range(_ROUNDS):
            of_common, of_own = (part.float() for part in equations.solved(pulled))
            fitted = common @ of_common + torch.bmm(own, of_own[..., None])[..., 0].T
            pulled = fitted + (wanted - fitted).clamp(-_OUTLIER, _OUTLIER)
        of_common, of_own = equations.solved(pulled)
        unknowns = np.empty((targets.shape[1], len(is_common)))
        unknowns[:, is_common], unknowns[:, ~is_common] = of_common.T.numpy(), of_own.numpy()
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

    def _own(self) -> Array:
        """(leads, days, a lead time's own columns)."""
        begin = int((~self.is_shared).sum())
        for one in self.kernels:
            end = begin + one.own_columns
            if end > begin:
                np.multiply(one.coordinates, one.sun.T[..., None], out=self.own[..., begin:end])
            begin = end
        return self.own


@dataclass(frozen=True)
class _Equations:
    """Weighted normal equations of all lead times, factorised. Products in single precision, factors in
    double."""

    common: Tensor
    own: Tensor
    importance: Tensor
    """(days, 1)."""
    factor: Tensor
    """(common, common): lower Cholesky factor of the common block."""
    cross: Tensor
    """(leads, common, own): the cross block, divided by `factor`."""
    own_factor: Tensor
    """(leads, own, own): lower Cholesky factors of the Schur complements."""

    @classmethod
    def of(
        cls, common: Tensor, own: Tensor, importance: Tensor, common_penalty: Doubles, own_penalty: Doubles
    ) -> Self:
        """`common` (days, common), `own` (leads, days, own), penalties of their columns."""
        weighted = (common * importance).T
        factor = torch.linalg.cholesky((weighted @ common).double() + _diagonal(common_penalty))
        leads, _, columns = own.shape
        cross = torch.empty((leads, len(factor), columns), dtype=torch.float64)
        own_factor = torch.empty((leads, columns, columns), dtype=torch.float64).mT  # as LAPACK has them
        for lead in range(leads):  # one after another: all at once they would be copied once more
            here = own[lead]
            cross[lead] = torch.linalg.solve_triangular(factor, (weighted @ here).double(), upper=False)
            square = ((here * importance).T @ here).double() + _diagonal(own_penalty)
            own_factor[lead] = torch.linalg.cholesky(square - cross[lead].T @ cross[lead])
        return cls(common, own, importance, factor, cross, own_factor)

    def solved(self, target: Tensor) -> tuple[Tensor, Tensor]:
        """Unknowns of the common columns (common, leads) and of the own ones (leads, own) for `target`
        (days, leads)."""
        weighted = target * self.importance
        right = torch.linalg.solve_triangular(self.factor, (self.common.T @ weighted).double(), upper=False)
        of_own = _each_transposed(self.own, weighted).double() - _each_transposed(self.cross, right)
        # `torch.cholesky_solve` would copy the factors each time.
        of_own = torch.linalg.solve_triangular(self.own_factor, of_own[..., None], upper=False)
        of_own = torch.linalg.solve_triangular(self.own_factor.mT, of_own, upper=True)
        right = right - torch.bmm(self.cross, of_own)[..., 0].T
        return torch.linalg.solve_triangular(self.factor.mT, right, upper=True), of_own[..., 0]


def _each_transposed(matrices: Tensor, vectors: Tensor) -> Tensor:
    """(leads, columns): each of `matrices` (leads, rows, columns), transposed, times its column of `vectors`
    (rows, leads). `torch.bmm` says the same, in five times the time."""
    each = zip(matrices, vectors.T.contiguous(), strict=True)
    return torch.stack([matrix.T @ vector for matrix, vector in each])


def _diagonal(penalty: Doubles) -> Tensor:
    return torch.diag(torch.from_numpy(penalty))
