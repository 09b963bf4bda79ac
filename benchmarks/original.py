"""The way this forecaster was once trained, re-stated to be measured beside today's.

The Fourier orders: each combination's terms built and refitted by least squares over all hours. The residual:
trials one after another, each a sequence-to-sequence LSTM whose decoder is fed its own last answer hour by
hour, windows of every hour through a DataLoader. It takes an hour and more, so a part of each is run and the
rest extrapolated.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from trainer.model.arrays import Matrix, Vector
from trainer.model.covariates.fourier import MAX_ORDER, Orders, fourier

COMBINATIONS: Final = MAX_ORDER**3
WINDOW, HORIZON = 168, 24
HIDDEN, LAYERS, BATCH = 64, 1, 64
_TEACHER_FORCING: Final = 0.5
_WARM_UP_BATCHES: Final = 3


@dataclass(frozen=True)
class Extrapolated:
    """`seconds` for all `units`, from `measured` of them that were run."""

    seconds: float
    measured: int
    units: int


def refit_score(local: pd.DatetimeIndex, target: Vector, split: int, orders: Orders) -> float:
    """Mean squared error (log MW squared) from row `split` on of one combination, fitted before it."""
    columns = np.hstack([np.ones((len(local), 1)), fourier(local, orders)])
    coefficients = np.linalg.lstsq(columns[:split], target[:split], rcond=None)[0]
    return float(np.mean((target[split:] - columns[split:] @ coefficients) ** 2))


def grid(local: pd.DatetimeIndex, target: Vector, split: int, sample: int) -> Extrapolated:
    """`sample` of the 14 x 14 x 14 combinations, drawn evenly; a combination's cost grows with its terms."""
    each = range(1, MAX_ORDER + 1)
    combinations = list(itertools.product(each, each, each))
    random.Random(0).shuffle(combinations)
    begin = time.perf_counter()
    for combination in combinations[:sample]:
        refit_score(local, target, split, Orders(*combination))
    spent = time.perf_counter() - begin
    return Extrapolated(spent * COMBINATIONS / sample, sample, COMBINATIONS)


class Windows(Dataset[tuple[Tensor, Tensor]]):
    """One item per hour: the last week (168, 1 + features), the day after it (24,)."""

    def __init__(self, residual: Vector, known: Matrix) -> None:
        self._series = np.column_stack([residual, known]).astype(np.float32)

    def __len__(self) -> int:
        return len(self._series) - WINDOW - HORIZON + 1

    def __getitem__(self, item: int) -> tuple[Tensor, Tensor]:
        past = self._series[item : item + WINDOW]
        ahead = self._series[item + WINDOW : item + WINDOW + HORIZON, 0]
        return torch.from_numpy(past), torch.from_numpy(ahead)


class AutoregressiveLSTM(nn.Module):
    """Encoder and decoder; the decoder's input is the hour before: its own answer, or in training sometimes
    the truth."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.encoder = nn.LSTM(features, HIDDEN, LAYERS, batch_first=True)
        self.decoder = nn.LSTM(1, HIDDEN, LAYERS, batch_first=True)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, past: Tensor, truth: Tensor | None = None) -> Tensor:
        """past (batch, 168, features), truth (batch, 24) -> (batch, 24)."""
        _, state = self.encoder(past)
        step = past[:, -1:, :1]
        answers = []
        for hour in range(HORIZON):
            out, state = self.decoder(step, state)
            answer = self.head(out)
            answers.append(answer[:, :, 0])
            forced = truth is not None and random.random() < _TEACHER_FORCING
            step = truth[:, hour, None, None] if forced and truth is not None else answer
        return torch.cat(answers, dim=1)


def trials(
    residual: Vector, known: Matrix, count: int, epochs: int, batches: int, device: str
) -> Extrapolated:
    """`batches` training batches of one trial, extrapolated to `count` trials of `epochs` over all hours."""
    torch.manual_seed(0)
    random.seed(0)
    windows = Windows(residual, known)
    loader = DataLoader(windows, batch_size=BATCH, shuffle=True, drop_last=True)
    network = AutoregressiveLSTM(1 + known.shape[1]).to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    loss_of = nn.MSELoss()
    per_epoch = len(loader)
    batches = min(batches, per_epoch - _WARM_UP_BATCHES)
    spent: list[float] = []
    clock = time.perf_counter()
    for past, ahead in itertools.islice(loader, _WARM_UP_BATCHES + batches):
        inputs, truth = past.to(device), ahead.to(device)
        optimizer.zero_grad()
        loss = loss_of(network(inputs, truth), truth)
        loss.backward()
        optimizer.step()
        loss.item()  # the running mean that was shown after every batch
        now = time.perf_counter()
        spent.append(now - clock)
        clock = now
    total = per_epoch * epochs * count
    return Extrapolated(_mean(spent[_WARM_UP_BATCHES:]) * total, batches, total)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
