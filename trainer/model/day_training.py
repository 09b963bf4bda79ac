"""Teaches the day networks: many steps of small batches, on one core, where each takes milliseconds."""

from __future__ import annotations

from typing import Final, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from trainer.errors import DataError
from trainer.model.config import ModelConfig
from trainer.model.day_inputs import WEEK
from trainer.model.day_networks import DayNetworks, DayScaling
from trainer.model.device import one_thread
from trainer.model.outlook import DAY, Block, Rows
from trainer.model.stage import Stage
from trainer.model.training import one_cycle

_MEMBERS: Final = 2
_DROPOUT: Final = 0.1
_BATCH: Final = 128
_LEARNING_RATE: Final = 3e-3
_WEIGHT_DECAY: Final = 1e-2
_STEPS_PER_EPOCH: Final = 150
_MOST_EPOCHS: Final = 10
"""More of them taught the training days by heart."""
_MEASURED: Final = 7
"""Every so many origins tell the scales; it has no divisor in common with the hours of a day."""


class DayNetwork(nn.Module):
    """(batch, features) -> (batch, 24), all scaled: two hidden layers, and a straight way beside them."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.first = nn.Linear(features, hidden)
        self.second = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, DAY)
        self.straight = nn.Linear(features, DAY)
        self.dropout = nn.Dropout(_DROPOUT)

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = self.dropout(silu(self.first(inputs)))
        hidden = self.dropout(silu(self.second(hidden)))
        said: Tensor = self.out(hidden) + self.straight(inputs)
        return said


class DayTraining:
    """The networks while they learn. Deterministic for the config's seed."""

    def __init__(self, scaling: DayScaling, members: list[DayNetwork], seed: int) -> None:
        self._scaling, self._members, self._seed = scaling, members, seed

    @classmethod
    def begin(cls, stage: Stage, config: ModelConfig) -> Self:
        """Untrained, scaled by the stage's training days. Raises DataError when it has none."""
        origins = stage.day_origins()
        if len(origins) == 0:
            raise DataError("no training window without unknown demand; fill the gaps or ingest more history")
        features, days = _windows(stage, origins[::_MEASURED])
        members = []
        for number in range(_MEMBERS):
            torch.manual_seed(_seed(config.seed, number))
            members.append(DayNetwork(features.shape[1], config.day_hidden))
        return cls(DayScaling.of(features, days), members, config.seed)

    def run(self, stage: Stage, epochs: int, *, share: float = 1.0) -> None:
        """Goes on learning from the stage's days before its end: `share` of the steps of so many epochs,
        at that share of the learning rate."""
        steps = max(1, round(share * _STEPS_PER_EPOCH * min(epochs, _MOST_EPOCHS)))
        origins = stage.day_origins()
        with one_thread():
            for number, member in enumerate(self._members):
                torch.manual_seed(_seed(self._seed, number))
                self._teach(member, stage, origins, steps, share * _LEARNING_RATE)

    def _teach(self, member: DayNetwork, stage: Stage, origins: Rows, steps: int, peak: float) -> None:
        optimizer = torch.optim.AdamW(member.parameters(), lr=peak, weight_decay=_WEIGHT_DECAY)
        member.train()
        for step in range(steps):
            chosen = origins[torch.randint(len(origins), (_BATCH,)).numpy()]
            features, days = _windows(stage, chosen)
            inputs = torch.from_numpy(self._scaling.inputs(features))
            error = (member(inputs) - torch.from_numpy(self._scaling.targets(days))).abs().mean()
            for group in optimizer.param_groups:
                group["lr"] = peak * one_cycle(step / steps)
            optimizer.zero_grad(set_to_none=True)
            error.backward()
            optimizer.step()

    def trained(self) -> DayNetworks:
        """What has been learnt, for forecasts."""
        states = [member.state_dict() for member in self._members]
        weights = {name: torch.stack([state[name] for state in states]).numpy() for name in states[0]}
        return DayNetworks(self._scaling, weights)


def _windows(stage: Stage, origins: Rows) -> tuple[Block, Block]:
    """Inputs (origins, features) and the days ahead (origins, 24), log demand less the week's mean."""
    weeks = stage.log_demand[origins[:, None] + np.arange(-WEEK, 0)]
    level = weeks.mean(1, keepdims=True)
    days = stage.log_demand[origins[:, None] + np.arange(DAY)] - level
    return stage.days(origins, (weeks - level).astype(np.float32)), days.astype(np.float32)


def _seed(seed: int, number: int) -> int:
    return 1000 * seed + 500 + number
