"""Solves the regressions of one origin hour: linear features and kernels in one system for each lead time.

Gaussian process regression (Rasmussen and Williams, 2006, chapter 2), its kernels on inducing points, with
Huber's loss instead of squares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
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
        factor = sun if kernel.sunny else np.ones_like(sun)
        return cls(kernel, inducing_points, (coordinates * scale).astype(np.float32), back * scale, factor)


@dataclass(frozen=True)
class System:
    """The regressions of one origin hour: columns [linear | 1 | each kernel's coordinates]."""

    linear: Array
    """(days, leads, features), standardised."""
    penalties: Doubles
    kernels: list[FittedKernel]
    importance: Doubles
    """(days,)."""

    def solve(self, lead: int, target: Array) -> Doubles:
        """The unknowns of one lead time, in the columns' order; `target` (days,)."""
        # Torch alone: two libraries with threads of their own would wait for each other at every turn.
        columns, wanted = torch.from_numpy(self._columns(lead)), torch.from_numpy(target)
        weighted = columns * torch.from_numpy(self.importance / self.importance.mean()).float()[:, None]
        kernels = np.ones(columns.shape[1] - len(self.penalties) - 1)
        penalty = np.concatenate([self.penalties, [1e-6], kernels])  # the constant is free
        gram = (weighted.T @ columns).double() + torch.diag(torch.from_numpy(penalty))
        factor = torch.linalg.cholesky(gram)
        pulled = wanted
        for _ in range(_ROUNDS):
            fitted = columns @ self._solved(factor, weighted, pulled).float()
            pulled = fitted + (wanted - fitted).clamp(-_OUTLIER, _OUTLIER)
        return np.asarray(self._solved(factor, weighted, pulled).numpy())

    def _columns(self, lead: int) -> Array:
        ones = np.ones((len(self.importance), 1), dtype=np.float32)
        from_kernels = [kernel.coordinates * kernel.sun[:, lead, None] for kernel in self.kernels]
        return np.concatenate([self.linear[:, lead], ones, *from_kernels], axis=1)

    @staticmethod
    def _solved(factor: Tensor, weighted: Tensor, target: Tensor) -> Tensor:
        return torch.cholesky_solve((weighted.T @ target).double()[:, None], factor)[:, 0]
