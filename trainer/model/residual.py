"""What trend and seasonality leave over: the networks' forecast and the regressions', averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from trainer.model.arrays import Matrix
from trainer.model.networks import Networks
from trainer.model.outlook import DAY, Block, Outlook, Rows
from trainer.model.regression import Regression

_SHARES: Final = np.linspace(0.05, 0.95, 19)
"""The network's shares that are tried. Neither part is ever left out: on few days that would be chance."""
_ALIKE: Final = 0.01
"""Relative difference in error that a few weeks cannot tell apart."""
_BATCH: Final = 512


@dataclass(frozen=True)
class Residual:
    """The networks say how wide the band is; the median is `share` theirs, the rest the regressions'."""

    networks: Networks
    regression: Regression
    share: float

    def quantiles(self, known: Block, residual: Block, outlook: Outlook, origins: Rows, hours: int) -> Matrix:
        """(origins, hours, 3), scaled. Rows up to `reach` hours after each origin must exist.

        `known` (hours, features): what the networks read of each hour; `residual` (hours,): scaled, without
        holes, of which nothing at or after an origin is used for it.
        """
        networks, regressions = self.both(known, residual, outlook, origins, hours)
        return blended(networks, regressions, self.share)

    def both(
        self, known: Block, residual: Block, outlook: Outlook, origins: Rows, hours: int
    ) -> tuple[Matrix, Matrix]:
        """The networks' quantiles (origins, hours, 3), the regressions' medians (origins, hours)."""
        parts = []
        for begin in range(0, len(origins), _BATCH):
            rows = origins[begin : begin + _BATCH]
            networks = self.networks.roll(known, residual, rows, hours)
            parts.append((networks, self.regression.roll(outlook, residual, rows, hours)))
        networks, regressions = (np.concatenate(part) for part in zip(*parts, strict=True))
        return networks.astype(np.float64), regressions.astype(np.float64)


def reach(hours: int, block: int) -> int:
    """Hours after an origin whose facts are needed: networks roll by `block` hours, regressions by a day."""
    return max(-(-hours // block) * block, -(-hours // DAY) * DAY)


def blended(networks: Matrix, regressions: Matrix, share: float) -> Matrix:
    """The networks' quantiles, moved so that their median is the average of both."""
    median = networks[..., networks.shape[-1] // 2]
    shift = (1 - share) * (regressions - median)
    return np.asarray(networks + shift[..., None])


def best_share(networks: Matrix, regressions: Matrix, actual: Matrix) -> float:
    """The network's share with the least mean absolute error; of those as good, the smallest.

    `actual` (origins, hours), NaN where unknown.
    """
    median = networks[..., networks.shape[-1] // 2]
    errors = np.array(
        [np.nanmean(np.abs(share * median + (1 - share) * regressions - actual)) for share in _SHARES]
    )
    return float(_SHARES[int(np.argmax(errors <= (1 + _ALIKE) * errors.min()))])
