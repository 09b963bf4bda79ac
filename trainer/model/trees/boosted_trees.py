"""Gradient-boosted regression trees (Friedman, 2001) as arrays, which NumPy evaluates and a file of tensors
keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Matrix, Vector

_BATCH: Final = 4096
"""Rows whose way through all trees is in memory at once."""


@dataclass(frozen=True)
class BoostedTrees:
    """The nodes of all trees one after another, arrays (nodes,) but the first three. A leaf is its own child
    on both sides."""

    baseline: Vector
    """(1,): what the trees' values are added to."""
    width: npt.NDArray[np.int32]
    """(1,): the number of features that they were fitted to, read or not."""
    roots: npt.NDArray[np.int32]
    """(trees,): the first node of each."""
    feature: npt.NDArray[np.int16]
    threshold: Vector
    """Values up to it go left."""
    unknown_left: npt.NDArray[np.bool_]
    """Whether an unknown value (NaN) goes left."""
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: Vector
    """Of leaves, shrunk by the learning rate."""

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> Self:
        """What `tensors` gave. Raises KeyError when a tensor is missing, ValueError where they do not fit
        each other or a node's child does not come after it."""
        found = cls(**{field.name: np.asarray(tensors[field.name]) for field in fields(cls)})
        whole = (found.width, found.roots, found.feature, found.left, found.right)
        if any(array.dtype.kind != "i" for array in whole) or found.unknown_left.dtype != np.bool_:
            raise ValueError("trees whose nodes are not numbered by whole numbers")
        if not all(np.isfinite(array).all() for array in (found.baseline, found.value)):
            raise ValueError("trees with a value that is not finite")
        nodes = np.arange(len(found.value))
        if any(array.shape != nodes.shape for array in found._of_nodes()):
            raise ValueError("trees whose arrays have different lengths")
        leaf = (found.left == nodes) & (found.right == nodes)
        for child in (found.left, found.right):
            if ((child <= nodes) & ~leaf).any() or (child >= len(nodes)).any():
                raise ValueError("trees with a node that does not come after its parent")
        if (found.feature < 0).any() or (found.roots < 0).any() or (found.roots >= len(nodes)).any():
            raise ValueError("trees with a feature or a root below 0 or beyond the last")
        if found.baseline.shape != (1,) or found.width.shape != (1,) or found.roots.ndim != 1:
            raise ValueError("trees without one baseline, one width and a list of roots")
        if (found.feature >= found.features).any():
            raise ValueError(f"trees that read a feature beyond the {found.features} of theirs")
        return found

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """As `from_tensors` takes them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def features(self) -> int:
        """How many a row has."""
        return int(self.width[0])

    def predict(self, rows: Matrix) -> Vector:
        """(rows,): the sum over all trees for each of `rows` (rows, features), of which NaN is unknown.
        Raises ValueError for another number of features than they were fitted to."""
        if rows.shape[1] != self.features:
            raise ValueError(f"trees of {self.features} features were given {rows.shape[1]}")
        parts = [self._predicted(rows[at : at + _BATCH]) for at in range(0, max(len(rows), 1), _BATCH)]
        return np.concatenate(parts)

    def _predicted(self, rows: Matrix) -> Vector:
        width = rows.shape[1]
        flat = np.ascontiguousarray(rows).ravel()
        node = np.tile(self.roots, len(rows))
        begin = np.repeat(np.arange(len(rows)) * width, len(self.roots))
        leaf = self.left == np.arange(len(self.left))
        moving = np.flatnonzero(~leaf[node])
        while moving.size:
            at = node[moving]
            value = flat[begin[moving] + self.feature[at]]
            left = (value <= self.threshold[at]) | (np.isnan(value) & self.unknown_left[at])
            node[moving] = np.where(left, self.left[at], self.right[at])
            moving = moving[~leaf[node[moving]]]
        return np.asarray(self.baseline[0] + self.value[node].reshape(len(rows), len(self.roots)).sum(axis=1))

    def _of_nodes(self) -> tuple[npt.NDArray[Any], ...]:
        return self.feature, self.threshold, self.unknown_left, self.left, self.right, self.value
