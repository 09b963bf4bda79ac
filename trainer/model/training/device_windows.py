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
    window: int
    horizon: int

    @classmethod
    def of(cls, known: Matrix, residual: Vector, config: ModelConfig, device: torch.device) -> Self:
        """Unknown residuals (NaN) are filled from the day before, so a window may touch them."""
        return cls(
            torch.as_tensor(known, dtype=torch.float32, device=device),
            torch.as_tensor(filled(residual), dtype=torch.float32, device=device),
            config.window,
            config.horizon,
        )

    def tails(self, origins: Tensor) -> Tensor:
        """(batch, 336): the residual before each origin; `origins` (batch,) are rows."""
        return self.residual[origins[:, None] + torch.arange(-TAIL, 0, device=origins.device)]

    def inputs(self, origins: Tensor, tails: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """past (batch, window, 1 + features), future (batch, horizon, features), lags (batch, horizon, 12).

        `tails` hold all that is seen of the residual, so nothing at or after an origin can enter.
        """
        past = origins[:, None] + torch.arange(-self.window, 0, device=origins.device)
        seen = torch.cat([tails[:, -self.window :, None], self.known[past]], dim=-1)
        return seen, self.known[self._ahead(origins)], self._lags(tails)

    def targets(self, origins: Tensor) -> Tensor:
        """(batch, horizon)."""
        return self.residual[self._ahead(origins)]

    def _ahead(self, origins: Tensor) -> Tensor:
        return origins[:, None] + torch.arange(self.horizon, device=origins.device)

    def _lags(self, tails: Tensor) -> Tensor:
        days = tails.reshape(-1, LAG_DAYS, 24).flip(1).transpose(1, 2)  # (batch, 24, days back)
        recent = days[..., :SEPARATE_LAGS]
        last = tails[:, None, -LAST_HOURS:].expand(-1, 24, -1)
        means = [recent.mean(-1, keepdim=True), days.mean(-1, keepdim=True)]
        lags = torch.cat([recent, *means, last], -1)
        repeats = -(-self.horizon // 24)
        return lags.repeat(1, repeats, 1)[:, : self.horizon]
