"""All hours of a series resident on the device; windows are gathered from them by index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from trainer.model.arrays import Matrix, Vector
from trainer.model.config import ModelConfig
from trainer.model.covariates.windows import LAG_DAYS, LAST_HOURS, SEPARATE_LAGS, TAIL, filled


@dataclass(frozen=True)
class DeviceWindows:
    """`known` (hours, features) and `residual` (hours,), both scaled, float32, on one device."""

    known: Tensor
    residual: Tensor
    seen: Tensor
    """(hours, 1 + features): the two side by side, as a network reads the past."""
    window: int
    horizon: int

    @classmethod
    def of(cls, known: Matrix, residual: Vector, config: ModelConfig, device: torch.device) -> Self:
        """Unknown residuals (NaN) are filled from the day before, so a window may touch them."""
        features = torch.as_tensor(known, dtype=torch.float32, device=device)
        residuals = torch.as_tensor(filled(residual), dtype=torch.float32, device=device)
        seen = torch.cat([residuals[:, None], features], dim=1)
        return cls(features, residuals, seen, config.window, config.horizon)

    def tails(self, origins: Tensor) -> Tensor:
        """(batch, 336): the residual before each origin; `origins` (batch,) are rows."""
        return _stretches(self.residual[:, None], origins - TAIL, TAIL)[..., 0]

    def inputs(self, origins: Tensor, tails: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """past (batch, window, 1 + features), future (batch, horizon, features), lags (batch, horizon, 12).

        `tails` hold all that is seen of the residual, so nothing at or after an origin can enter.
        """
        past = _stretches(self.seen, origins - self.window, self.window)
        past[..., 0] = tails[:, -self.window :]
        return past, _stretches(self.known, origins, self.horizon), self._lags(tails)

    def targets(self, origins: Tensor) -> Tensor:
        """(batch, horizon)."""
        return _stretches(self.residual[:, None], origins, self.horizon)[..., 0]

    def _lags(self, tails: Tensor) -> Tensor:
        days = tails.reshape(-1, LAG_DAYS, 24).flip(1).transpose(1, 2)  # (batch, 24, days back)
        recent = days[..., :SEPARATE_LAGS]
        last = tails[:, None, -LAST_HOURS:].expand(-1, 24, -1)
        means = [recent.mean(-1, keepdim=True), days.mean(-1, keepdim=True)]
        lags = torch.cat([recent, *means, last], -1)
        repeats = -(-self.horizon // 24)
        return lags.repeat(1, repeats, 1)[:, : self.horizon]


def _stretches(values: Tensor, begins: Tensor, hours: int) -> Tensor:
    """(batch, hours, columns): a copy of the `hours` rows of `values` (rows, columns) from each of `begins`.

    Each is one piece of memory: a quarter of the time of gathering it row by row.
    """
    rows, columns = values.shape
    each = values.as_strided((rows - hours + 1, hours * columns), (columns, 1))
    return each.index_select(0, begins).view(-1, hours, columns)
