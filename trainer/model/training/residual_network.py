"""The residual network: a week of hours in, a day of quantiles out, in one pass.

An LSTM reads the week before the origin in segments of a few hours (segment-wise as in SegRNN, Lin et al.
2023: as much history in a sixth of the steps). The decoder, a second and bidirectional LSTM, walks over the
hours ahead, started from where the first ended, and sees for each of them the known future and what the
residual was at the same hour of the days before. It is not fed its own forecasts hour by hour: all hours come
from one pass. Beside it stands a multilayer perceptron that sees the whole day at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from trainer.model.training.dropout import Dropout


@dataclass(frozen=True)
class NetworkShape:
    """Sizes of one network, all in units of hours or features."""

    known: int
    """Known features per hour."""
    lags: int
    """Lagged residual features per hour ahead."""
    window: int
    horizon: int
    segment: int
    hidden: int
    wide: int
    """Width of the perceptron over the day; 0 leaves it out."""
    quantiles: int
    dropout: float


class ResidualNetwork(nn.Module):
    """(past, future, lags) -> quantiles of the scaled residual, (batch, horizon, quantiles), ascending."""

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        self.shape = shape
        hidden = shape.hidden
        self.segment_in = nn.Linear(shape.segment * (1 + shape.known), hidden)
        self.encoder = nn.LSTM(hidden, hidden, batch_first=True)
        self.hour_in = nn.Linear(shape.known + shape.lags, hidden)
        self.decoder = nn.LSTM(hidden, hidden, batch_first=True, bidirectional=True)
        self.start = nn.Linear(hidden, 2 * hidden)
        per_hour = shape.known + shape.lags
        self.head = nn.Sequential(
            nn.Linear(2 * hidden + hidden, hidden), nn.SiLU(), nn.Linear(hidden, shape.quantiles)
        )
        if shape.wide:
            self.day = nn.Sequential(
                Dropout(shape.dropout),
                nn.Linear(shape.horizon * per_hour, shape.wide),
                nn.SiLU(),
                Dropout(shape.dropout),
                nn.Linear(shape.wide, shape.wide),
                nn.SiLU(),
                Dropout(shape.dropout),
                nn.Linear(shape.wide, shape.horizon * shape.quantiles),
            )
        self.drop = Dropout(shape.dropout)

    def forward(self, past: Tensor, future: Tensor, lags: Tensor) -> Tensor:
        """past (batch, window, 1 + known), future (batch, horizon, known), lags (batch, horizon, lags)."""
        batch = past.shape[0]
        shape = self.shape
        segments = past.reshape(batch, shape.window // shape.segment, -1)
        _, (state, _) = self.encoder(self.drop(torch.nn.functional.silu(self.segment_in(segments))))
        context = state[-1]  # (batch, hidden)
        begin = self.start(context).reshape(batch, 2, shape.hidden).transpose(0, 1).contiguous()
        ahead = torch.cat([future, lags], dim=-1)
        hours = torch.nn.functional.silu(self.hour_in(ahead))
        walked, _ = self.decoder(self.drop(hours), (torch.tanh(begin), begin))
        out: Tensor = self.head(self.drop(torch.cat([walked, hours], dim=-1)))
        if shape.wide:
            day = self.day(ahead.reshape(batch, -1))
            out = out + day.reshape(batch, shape.horizon, shape.quantiles)
        return ascending(out)


def ascending(out: Tensor) -> Tensor:
    """Middle quantile as it is, the others as positive distances from it, so that none cross."""
    middle = out.shape[-1] // 2
    centre = out[..., middle : middle + 1]
    below = -torch.cumsum(torch.nn.functional.softplus(out[..., :middle].flip(-1)), -1).flip(-1)
    above = torch.cumsum(torch.nn.functional.softplus(out[..., middle + 1 :]), -1)
    return torch.cat([centre + below, centre, centre + above], dim=-1)
