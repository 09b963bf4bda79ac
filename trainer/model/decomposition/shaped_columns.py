"""Columns of a regression that are each a fact of the hour times a shape of the day.

A shape has one value at each hour of the day, so the columns' sums of products follow from the facts' own,
taken for each hour of the day by itself: a hundred facts stand for several hundred columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Matrix, Vector
from trainer.model.covariates.calendar import harmonics

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Regressors:
    """Named columns of a ridge regression."""

    names: tuple[str, ...]
    penalties: Vector
    """One per column, per hour of training data."""
    facts: tuple[Vector | Flags, ...]
    """(hours,) each. Flags as such: as numbers they would be eight times as large."""
    fact: Rows
    """(columns,): which of `facts` each column is made of."""
    shape: Rows
    """(columns,): which of the shapes it is multiplied by."""
    shapes: Matrix
    """(hours of the day, shapes)."""
    hour: Rows
    """(hours,): the hour of the day of each, a row of `shapes`."""

    @classmethod
    def plain(cls, names: tuple[str, ...], values: Matrix, penalties: Vector) -> Self:
        """`values` (hours, columns) as they are, of one shape that is 1 throughout."""
        columns = np.arange(len(names))
        hour = np.zeros(len(values), dtype=np.int64)
        return cls(names, penalties, tuple(values.T), columns, np.zeros_like(columns), np.ones((1, 1)), hour)

    def facts_of(self, rows: Rows) -> Matrix:
        """(rows, facts)."""
        values = np.empty((len(rows), len(self.facts)))
        for number, fact in enumerate(self.facts):
            values[:, number] = fact[rows]
        return values

    def of_rows(self, rows: Rows) -> Matrix:
        """(rows, columns); of all rows at once, five years of hours are 230 MB."""
        return np.asarray(self.facts_of(rows)[:, self.fact] * self.shapes[self.hour[rows]][:, self.shape])

    def explained(self, coefficients: Vector, rows: Rows | slice = slice(None)) -> Vector:
        """(rows,): `of_rows` `@ coefficients`, shape by shape, so that the matrix need not be."""
        of_shapes = np.zeros((self.shapes.shape[1], len(self.facts)))
        of_shapes[self.shape, self.fact] = coefficients
        by_shape = of_shapes @ np.array([fact[rows] for fact in self.facts])  # (shapes, rows)
        return np.asarray(np.einsum("kh,hk->h", by_shape, self.shapes[self.hour[rows]]))

    def products(self, of_facts: npt.NDArray[np.float64]) -> Matrix:
        """(columns, columns): sums of products of columns, from the facts' at each hour of the day, (hours of
        the day, facts, facts)."""
        count = self.shapes.shape[1]
        one, other = np.triu_indices(count)
        pair = np.empty((count, count), dtype=np.int64)
        pair[one, other] = pair[other, one] = np.arange(len(one))
        of_pairs = np.tensordot(self.shapes[:, one] * self.shapes[:, other], of_facts, axes=(0, 0))
        return np.asarray(of_pairs[pair[self.shape[:, None], self.shape], self.fact[:, None], self.fact])

    def products_with(self, of_facts: npt.NDArray[np.float64]) -> Matrix:
        """(columns, others): sums of products of columns and of something else, from the facts' with it at
        each hour of the day, (hours of the day, facts, others)."""
        of_shapes = np.tensordot(self.shapes, of_facts, axes=(0, 0))
        return np.asarray(of_shapes[self.shape, self.fact])


@dataclass
class Columns:
    """Notes the columns that are wanted, one fact after another."""

    hours: Vector
    """(hours,): local hour of the day."""
    finest: int
    """Harmonics of the finest daily shape."""
    _names: list[str] = field(default_factory=list)
    _penalties: list[float] = field(default_factory=list)
    _facts: list[Vector | Flags] = field(default_factory=list)
    _fact: list[int] = field(default_factory=list)
    _shape: list[int] = field(default_factory=list)

    def add(self, name: str, fact: Vector | Flags, order: int, penalty: float) -> None:
        """`fact` at every hour, and times the daily shape up to `order`."""
        self._names.append(name)
        self._names += [f"{name}*sin{k}" for k in range(1, order + 1)]
        self._names += [f"{name}*cos{k}" for k in range(1, order + 1)]
        self._penalties += [penalty, *[penalty * k for k in range(1, order + 1)] * 2]
        self._fact += [len(self._facts)] * (1 + 2 * order)
        self._shape += [0, *range(1, 1 + order), *range(1 + self.finest, 1 + self.finest + order)]
        self._facts.append(fact)

    def regressors(self) -> Regressors:
        hours, hour = np.unique(self.hours, return_inverse=True)
        return Regressors(
            tuple(self._names),
            np.asarray(self._penalties),
            tuple(self._facts),
            np.asarray(self._fact),
            np.asarray(self._shape),
            np.hstack([np.ones((len(hours), 1)), harmonics(hours, self.finest)]),
            hour,
        )
