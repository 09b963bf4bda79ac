"""Several networks of one shape as one forecast of the scaled residual."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from trainer.model.config import ModelConfig
from trainer.model.covariates.windows import LAG_COLUMNS
from trainer.model.forecasting.numpy_networks import Networks
from trainer.model.training.device_windows import DeviceWindows
from trainer.model.training.residual_network import NetworkShape, ResidualNetwork


def network_shape(config: ModelConfig, known: int) -> NetworkShape:
    """The shape of the networks of `config`. `known`: features per hour."""
    return NetworkShape(
        known=known,
        lags=LAG_COLUMNS,
        window=config.window,
        horizon=config.horizon,
        segment=config.segment,
        hidden=config.hidden,
        wide=config.wide,
        quantiles=len(config.quantiles),
        dropout=config.dropout,
    )


class Ensemble(nn.Module):
    """Members differ by seed alone; their quantiles are averaged."""

    def __init__(self, members: list[ResidualNetwork]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    @classmethod
    def untrained(cls, config: ModelConfig, known: int, device: torch.device) -> Ensemble:
        """Initial weights depend on `config.seed` and the member's number alone."""
        members = []
        for number in range(config.members):
            torch.manual_seed(1000 * config.seed + number)
            members.append(ResidualNetwork(network_shape(config, known)))
        return cls(members).to(device)

    def trained(self, config: ModelConfig) -> Networks:
        """The trained weights as `Networks`, which forecast without PyTorch."""
        tensors = {name: tensor.detach().cpu().numpy() for name, tensor in self.state_dict().items()}
        return Networks.of(tensors, config, self.networks()[0].shape.known)

    def networks(self) -> list[ResidualNetwork]:
        return [member for member in self.members if isinstance(member, ResidualNetwork)]

    def forward(self, past: Tensor, future: Tensor, lags: Tensor) -> Tensor:
        """(batch, horizon, quantiles)."""
        return torch.stack([member(past, future, lags) for member in self.members]).mean(0)

    @torch.inference_mode()
    def forecast_recursively(self, windows: DeviceWindows, origins: Tensor, hours: int) -> Tensor:
        """(batch, hours, quantiles) of the scaled residual from each row of `origins` on. One pass forecasts
        `windows.horizon` hours; a later pass reads the medians of the passes before it as if they had come.
        """
        self.eval()
        tails = windows.tails(origins)
        blocks = []
        for begin in range(0, hours, windows.horizon):
            quantiles = self(*windows.inputs(origins + begin, tails))
            blocks.append(quantiles)
            median = quantiles[..., quantiles.shape[-1] // 2]
            tails = torch.cat([tails, median], dim=1)[:, windows.horizon :]
        return torch.cat(blocks, dim=1)[:, :hours]
