"""How a model is fitted: judged on days it has not seen, then taught those days as well."""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from trainer.contract import MAX_HORIZON, Region
from trainer.errors import DataError
from trainer.model.arrays import Matrix, Vector
from trainer.model.band import calibrate
from trainer.model.checkpoint import Checkpoint, Checkpoints
from trainer.model.config import ModelConfig
from trainer.model.decomposition import Decomposition, Series
from trainer.model.device import resolve_device, seed_everything
from trainer.model.ensemble import Ensemble
from trainer.model.forecaster import Forecaster, Training
from trainer.model.metrics import scores
from trainer.model.network import ResidualNetwork
from trainer.model.outlook import DAY, Outlook, Rows
from trainer.model.progress import EpochReport, Progress, Silent
from trainer.model.regression import Regression, fit_regression
from trainer.model.residual import Residual, best_share, blended, reach
from trainer.model.training import Trainer
from trainer.model.weather_error import with_errors
from trainer.model.windows import TAIL, Windows

SHORTEST_DAYS: Final = 70
"""Of known demand: two weeks to look back on, some to learn from, some to be judged on."""
_AFTER_SHARE: Final = 0.3
"""Epochs, and learning rate, of the second pass, which adds the validation days."""
_JUDGED_HOURS: Final = (0, 6, 12, 18)
"""Local hours from which the validation days are forecast."""


def training_series(history: pd.DataFrame, region: Region, train_until: pd.Timestamp) -> Series:
    """The hours of known demand before `train_until`, their weather as uncertain as the region says.

    Raises DataError when they are too few or lack weather.
    """
    frame = history.loc[history.index < train_until, ["demand", *region.weather]]
    known = np.flatnonzero(frame["demand"].notna().to_numpy())
    days = (known[-1] + 1 - known[0]) / 24 if known.size else 0
    if days < SHORTEST_DAYS:
        raise DataError(
            f"region {region.name}: {days:.0f} days of demand before {train_until.isoformat()}, "
            f"a model needs {SHORTEST_DAYS}; ingest an earlier start or train later"
        )
    frame = frame.iloc[known[0] : known[-1] + 1]
    for name in region.weather:
        if missing := int(frame[name].isna().sum()):
            first = frame.index[frame[name].isna()][0]
            raise DataError(
                f"region {region.name}: {name} is missing in {missing} training hours, the first is "
                f"{first.isoformat()}; fill it in or take it out of the region's `weather`"
            )
    if region.weather_error:
        # A model that only ever saw true weather leans on it too much, and its band is too narrow.
        frame = with_errors(frame, region, frame.index[0], np.random.default_rng(0), region.weather_error)
    return Series.of(frame, region)


def validation_row(series: Series, config: ModelConfig) -> int:
    """The first validation hour: the last `validation_days`, at most a fifth of the series."""
    return len(series) - min(24 * config.validation_days, len(series) // 5)


@dataclass(frozen=True)
class Stage:
    """A decomposition fitted on the hours before `until`, and windows over all hours."""

    decomposition: Decomposition
    windows: Windows
    outlook: Outlook
    known_target: np.ndarray
    """Hours whose demand is known."""
    until: int

    @classmethod
    def of(
        cls, series: Series, region: Region, config: ModelConfig, until: int, device: torch.device
    ) -> Stage:
        """Windows before `until` hold cross-fitted residuals, those after it plain ones."""
        past = series if until == len(series) else series.before(until, region)
        decomposition, training_residual = Decomposition.fit(past, config.orders)
        trend, seasonality, known = decomposition.apply(series.surroundings)
        scaled = (series.log_demand - trend - seasonality) / decomposition.deviation
        scaled[:until] = training_residual
        return cls(
            decomposition,
            Windows.of(known, scaled, config, device),
            Outlook.of(series.surroundings, seasonality, region.weather, decomposition.plan.epoch),
            np.isfinite(series.log_demand),
            until,
        )

    def training_origins(self, config: ModelConfig) -> Tensor:
        """Rows whose window and target lie before `until` and whose target is known."""
        return torch.as_tensor(self._origins(max(TAIL, config.window), config.horizon))

    def _origins(self, first: int, hours: int) -> Rows:
        unknown = np.concatenate([[0], np.cumsum(~self.known_target)])
        rows = np.arange(first, self.until - hours + 1)
        return np.asarray(rows[unknown[rows + hours] == unknown[rows]])

    def regression(self, only: Sequence[int] | None) -> Regression:
        """Fitted on the days before `until`; `only`: local hours with a regression of their own."""
        residual = self.windows.residual.cpu().numpy()
        return fit_regression(self.outlook, residual, self._origins(TAIL + DAY, DAY), only)

    def validation_origins(self, hours: int, step: int) -> Tensor:
        """Rows from `until` on, `step` hours apart, that have at least `hours` hours after them."""
        last = len(self.known_target) - hours
        return torch.arange(self.until, max(last + 1, self.until), step)


def fit(
    history: pd.DataFrame,
    region: Region,
    config: ModelConfig,
    *,
    train_until: pd.Timestamp,
    device: str = "auto",
    progress: Progress | None = None,
    start: Forecaster | None = None,
    origin_hours: Sequence[int] | None = None,
    checkpoints: Checkpoints | None = None,
) -> Forecaster:
    """See `Forecaster.fit`. With `start`, a model of the same region and config that was fitted earlier,
    its networks learn on and its band is kept; all else is made anew. `origin_hours`: local hours at which
    it will forecast, when those are known; other hours then lean on the nearest. `checkpoints`: files of
    an earlier call with the same arguments that was cut off; it is gone on with, to the same end.
    """
    report = progress or Silent()
    where = resolve_device(device)
    seed_everything(config.seed, where)
    series = training_series(history, region, train_until)
    after_epochs = max(1, round(_AFTER_SHARE * config.epochs))
    if start is None:
        clock = _Clock(report, config, config.epochs + after_epochs, checkpoints)
        ensemble, judged = _first_pass(series, region, config, where, clock, report)
    else:
        clock = _Clock(report, config, after_epochs, checkpoints)
        ensemble = copy.deepcopy(start.residual.ensemble).to(where)
        judged = _Judged(start.residual.share, start.stretch, start.training.validation)

    report.on_stage("fit", "all days, the latest included")
    final = Stage.of(series, region, config, len(series), where)
    clock.run(ensemble, final, after_epochs, config.learning_rate * _AFTER_SHARE)
    frame = series.frame
    until = frame.index[-1] + pd.Timedelta(hours=1)
    training = Training(frame.index[0], until, _checksum(frame), judged.validation)
    ensemble.eval()
    residual = Residual(ensemble, final.regression(origin_hours), judged.share)
    return Forecaster(region, config, final.decomposition, residual, judged.stretch, training, where)


def _first_pass(
    series: Series,
    region: Region,
    config: ModelConfig,
    device: torch.device,
    clock: _Clock,
    report: Progress,
) -> tuple[Ensemble, _Judged]:
    """Networks taught on the days before the validation days, and judged on those."""
    split = validation_row(series, config)
    report.on_stage("fit", f"{config.members} networks on {split / 24:.0f} days, judged on the rest")
    stage = Stage.of(series, region, config, split, device)
    ensemble = Ensemble.untrained(config, stage.windows.known.shape[1], device)
    clock.run(ensemble, stage, config.epochs, config.learning_rate)
    report.on_stage("calibrate", "band by lead time on the validation days")
    return ensemble, _judge(ensemble, stage, config, series)


@dataclass(frozen=True)
class _Judged:
    """What the validation days told."""

    share: float
    stretch: Vector
    validation: dict[str, float]


class _Clock:
    """Runs members through their epochs and tells how long is left."""

    def __init__(
        self, report: Progress, config: ModelConfig, epochs: int, checkpoints: Checkpoints | None
    ) -> None:
        self._report, self._config, self._checkpoints = report, config, checkpoints
        self._total = epochs * config.members
        self._per_member = epochs
        self._done = 0
        self._epochs_before = 0
        self._best: float | None = None
        self._begin = time.monotonic()

    def run(self, ensemble: Ensemble, stage: Stage, epochs: int, learning_rate: float) -> None:
        config = self._config
        origins = stage.training_origins(config)
        if len(origins) == 0:
            raise DataError("no training window without unknown demand; fill the gaps or ingest more history")
        for number, member in enumerate(ensemble.networks()):
            seed = 1000 * config.seed + number
            torch.manual_seed(seed)
            validate = self._validation(stage, member)
            trainer = Trainer(member, stage.windows, config, seed=seed, say=self._report.on_message)
            name = f"after-{self._epochs_before}-epochs-network-{number}"
            checkpoint = Checkpoint(self._checkpoints, name) if self._checkpoints else None
            before = self._epochs_before * config.members + number * epochs
            tell = self._on_epoch(number, before, stage, validate)
            trainer.run(origins, epochs, learning_rate, tell, checkpoint)
        self._epochs_before += epochs

    def _validation(self, stage: Stage, member: ResidualNetwork) -> Callable[[], float] | None:
        origins = stage.validation_origins(self._config.horizon, 24)
        if len(origins) == 0:
            return None
        alone = Ensemble([member])
        at = origins.to(stage.windows.known.device)
        return lambda: median_error(alone, stage, at, self._config.horizon)

    def _on_epoch(
        self, number: int, before: int, stage: Stage, validate: Callable[[], float] | None
    ) -> Callable[[int, float], None]:
        """`before`: epochs of all networks before this run's first."""
        deviation = stage.decomposition.deviation

        def tell(epoch: int, error: float) -> None:
            self._done += 1
            loss = validate() if validate else None
            if loss is not None:
                self._best = loss if self._best is None else min(self._best, loss)
            spent = time.monotonic() - self._begin
            self._report.on_epoch(
                EpochReport(
                    trial=-1,
                    trials=0,
                    epoch=number * self._per_member + self._epochs_before + epoch,
                    epochs=self._total,
                    train_loss=error * deviation,
                    validation_loss=loss,
                    best=self._best,
                    seconds_left=spent / self._done * (self._total - before - epoch),
                )
            )

        return tell


def median_error(ensemble: Ensemble, stage: Stage, origins: Tensor, hours: int) -> float:
    """Mean absolute error of the median over known hours, log scale."""
    quantiles = ensemble.roll(stage.windows, origins, hours)
    error = (quantiles[..., 1] - stage.windows.targets(origins)).abs().cpu().numpy()
    rows = origins.cpu().numpy()[:, None] + np.arange(hours)
    return float(error[stage.known_target[rows]].mean()) * stage.decomposition.deviation


def _judge(ensemble: Ensemble, stage: Stage, config: ModelConfig, series: Series) -> _Judged:
    """The networks' share, the band's stretch and scores of the day ahead, on days not trained on."""
    days = max((len(series) - stage.until) // 2 // DAY, 1)
    hours = min(MAX_HORIZON, days * DAY)
    origins = stage.validation_origins(reach(hours, config.horizon), 1).numpy()
    origins = origins[np.isin(stage.outlook.local_hour[origins], _JUDGED_HOURS)]
    residual = Residual(ensemble, stage.regression(_JUDGED_HOURS), 0.5)
    networks, regressions = residual.both(stage.windows, stage.outlook, origins, hours)
    trend, seasonality, _ = stage.decomposition.apply(series.surroundings)
    rows = origins[:, None] + np.arange(hours)
    base = (trend + seasonality)[rows]
    actual = (series.log_demand[rows] - base) / stage.decomposition.deviation
    day = slice(0, DAY)
    share = best_share(networks[:, day], regressions[:, day], actual[:, day])
    quantiles = blended(networks, regressions, share)
    stretch = calibrate(actual, quantiles, config.coverage)
    known = np.isfinite(actual[:, day])

    def demand(scaled: Matrix) -> Vector:
        return np.asarray(np.exp(base[:, day] + scaled[:, day] * stage.decomposition.deviation)[known])

    return _Judged(share, stretch, scores(demand(actual), demand(quantiles[..., 1])))


def _checksum(frame: pd.DataFrame) -> str:
    digest = hashlib.sha256(",".join(frame.columns).encode())
    digest.update(pd.DatetimeIndex(frame.index).as_unit("s").asi8.tobytes())
    digest.update(np.ascontiguousarray(frame.to_numpy(dtype=np.float64)).tobytes())
    return digest.hexdigest()
