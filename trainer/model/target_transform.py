"""The scale that demand is modelled on: its logarithm, or its own where it is zero or negative at times.

On the logarithm growth, seasons and errors are shares of demand, which is what they are in a country. A
feeder with solar panels, or any net load, has hours of nothing and hours of feeding in: no logarithm, and its
sun is an amount, not a share. Such a series is modelled in MW.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from trainer.errors import DataError
from trainer.model.arrays import Vector

_NOTHING: Final = 0.02
"""Of the usual size of demand: what lies below is next to nothing, and its logarithm runs away."""
_RARE: Final = 0.001
"""Share of the measured hours next to nothing up to which the logarithm stands; those at or below zero are
left out as oddities of the metering."""
_SPREAD: Final = 0.2
"""Standard deviation on the linear scale, that of a country's log demand: penalties, kernels and limits of
the model were chosen on that."""


@dataclass(frozen=True)
class TargetTransform:
    """The scale that a series is modelled on, and the way from MW to it and back."""

    unit: float | None = None
    """MW that make 1 on the linear scale; None: the natural logarithm of MW."""

    @classmethod
    def of(cls, demand: Vector) -> Self:
        """The logarithm, unless more than one in a thousand measured hours are negative or next to zero.

        `demand` (hours,) in MW, NaN where unknown. Raises DataError when such a series never changes.
        """
        known = demand[np.isfinite(demand)]
        if not known.size or np.mean(known <= _NOTHING * np.median(np.abs(known))) <= _RARE:
            return cls()
        spread = float(known.std())
        if spread <= 0:
            raise DataError(f"demand is {known[0]:g} MW at every measured hour; there is nothing to learn")
        return cls(spread / _SPREAD)

    @property
    def logarithmic(self) -> bool:
        return self.unit is None

    def __call__(self, megawatts: Vector) -> Vector:
        """Demand in MW on the model's scale, in the same shape; NaN where it is unknown or has no place
        there."""
        if self.unit is not None:
            return np.asarray(megawatts / self.unit)
        return np.log(np.where(megawatts > 0, megawatts, np.nan))

    def megawatts(self, transformed: Vector) -> Vector:
        """MW from values on the model's scale, of any shape."""
        return np.asarray(np.exp(transformed) if self.unit is None else transformed * self.unit)

    def effect_of_amount(self, seasonality: Vector) -> Vector:
        """(hours,): how much one MW moves the model's scale at each hour of a `seasonality`, up to a
        constant: less where demand is high on the logarithmic scale, always the same on the linear one."""
        return np.exp(-seasonality) if self.unit is None else np.ones_like(seasonality)
