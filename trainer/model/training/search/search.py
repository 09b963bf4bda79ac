"""Looks for a good configuration: Fourier orders by a grid, the network's parameters by Optuna."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import torch

from trainer.contract import Region
from trainer.errors import DataError, InfrastructureError, UsageError
from trainer.model.config import ModelConfig
from trainer.model.progress import Progress, Silent
from trainer.model.training.device import resolve_device
from trainer.model.training.search.fourier_orders import fourier_orders
from trainer.model.training.search.search_space import parameters, suggest
from trainer.model.training.search.trial_training import TrialTraining
from trainer.model.training.training_series import training_series
from trainer.model.training.training_set import TrainingSet
from trainer.model.training.validation_days import validation_row

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial
    from optuna.trial import Trial as OptunaTrial

_STARTUP_TRIALS: Final = 4
"""Trials that run to their end before any is pruned."""
_NUMBER: Final = "number"
"""Of a trial within the search, beside Optuna's own, which counts those that were cut off too."""


@dataclass(frozen=True)
class Trial:
    number: int
    """Within the search, over all shards."""
    parameters: dict[str, Any]
    value: float | None
    """Mean absolute log error on the validation days at the last epoch; None when it diverged."""
    state: str
    """`complete` or `pruned`."""
    seconds: float


@dataclass(frozen=True)
class SearchResult:
    best: ModelConfig
    best_value: float
    trials: list[Trial]


def search(
    history: pd.DataFrame,
    region: Region,
    *,
    trials: int,
    epochs: int,
    seed: int,
    train_until: pd.Timestamp,
    device: str = "auto",
    progress: Progress | None = None,
    shard: tuple[int, int] = (0, 1),
    base: ModelConfig | None = None,
    storage: BaseStorage | None = None,
    study_name: str = "search",
) -> SearchResult:
    """The best of `trials` configurations, each trained at most `epochs` epochs before the validation days.

    The first trial is `base` itself, so the winner is never worse than the defaults on the validation days.
    Only demand before `train_until` is used. With `shard` (i, n) this call runs every n-th trial, starting
    with the i-th; the caller compares the shards' `best_value`. Trials that `storage` holds as finished are
    not run again, and shards that share it learn of each other's.
    Deterministic for a seed and a device where there is one shard, cut off and begun again or not.

    Raises UsageError for effort or a shard that makes no sense, DataError for history that cannot be used or
    on which every trial diverges, InfrastructureError when the same search was begun again elsewhere and took
    this one's trial over, or the device does not do.
    """
    number, shards = shard
    if trials < 1 or epochs < 1 or not 0 <= number < shards:
        raise UsageError(
            f"search: trials {trials}, epochs {epochs} and shard {number}/{shards} make no sense"
        )
    report = progress or Silent()
    where = resolve_device(device)
    series = training_series(history, region, train_until)
    orders = fourier_orders(series, report)
    start = replace(
        base or ModelConfig(),
        kd=orders.daily,
        kw=orders.weekly,
        ky=orders.yearly,
        epochs=epochs,
        seed=seed,
    )
    report.on_stage("search", f"{trials} trials of up to {epochs} epochs")
    training_set = TrainingSet.of(series, region, start, validation_row(series, start), where)
    run = _Run(training_set, start, range(number, trials, shards), report, where)
    return run.study(storage, study_name)


class _Run:
    """The trials of one call, and the study that they and those of other calls are kept in."""

    def __init__(
        self,
        training_set: TrainingSet,
        start: ModelConfig,
        own: range,
        report: Progress,
        device: torch.device,
    ) -> None:
        self.training_set, self.start, self.own = training_set, start, own
        self.report, self.device = report, device

    def study(self, storage: BaseStorage | None, name: str) -> SearchResult:
        if not self.own:
            raise UsageError("search: more shards than trials; give fewer shards")
        import optuna  # noqa: PLC0415  a second that forecasting does without

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            storage=storage,
            study_name=name,
            load_if_exists=True,
            direction="minimize",
            pruner=optuna.pruners.MedianPruner(
                n_startup_trials=_STARTUP_TRIALS, n_warmup_steps=max(2, self.start.epochs // 3)
            ),
        )
        self._let_go_of_what_was_cut_off(study)
        finished = self._finished(study)
        if finished:
            self.report.on_message(f"{len(finished)} of {len(self.own)} trials are finished already")
        due = (len(self.own) - len(finished)) * self.start.epochs
        training = TrialTraining(self.training_set, len(self.own), due, self.report, self.device)
        for index, number in enumerate(self.own):
            if number not in finished:
                study.sampler = self._sampler(number)
                trial = study.ask()
                try:
                    trial.set_user_attr(_NUMBER, number)
                    self._try(study, trial, index, training)
                except optuna.exceptions.UpdateFinishedTrialError as error:
                    raise InfrastructureError(
                        f"search: another try of it began while this one ran, and runs trial {number} anew; "
                        "leave it to that one, or stop that one and start the same run again"
                    ) from error
        trials = [_described(number, trial) for number, trial in sorted(self._finished(study).items())]
        if not study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)):
            raise DataError("search: every trial diverged; look for demand that is far out of the ordinary")
        return SearchResult(self._config(study.best_trial.params), float(study.best_value), trials)

    def _let_go_of_what_was_cut_off(self, study: Study) -> None:
        """Fails this call's trials that run by the record. A process that should still run one, though the
        search was begun again, learns of it when it next tells a loss.
        """
        from optuna.trial import TrialState  # noqa: PLC0415

        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if trial.user_attrs.get(_NUMBER) in self.own:
                study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)

    def _finished(self, study: Study) -> dict[int, FrozenTrial]:
        """This call's trials by number."""
        from optuna.trial import TrialState  # noqa: PLC0415

        over = (TrialState.COMPLETE, TrialState.PRUNED)
        trials = study.get_trials(deepcopy=False, states=over)
        return {t.user_attrs[_NUMBER]: t for t in trials if t.user_attrs.get(_NUMBER) in self.own}

    def _sampler(self, number: int) -> BaseSampler:
        """Seeded by the trial's number, so that it draws the same whether or not the search was cut off."""
        from optuna.exceptions import ExperimentalWarning  # noqa: PLC0415
        from optuna.samplers import PartialFixedSampler, TPESampler  # noqa: PLC0415

        seed = int(np.random.SeedSequence([self.start.seed, number]).generate_state(1)[0])
        sampler = TPESampler(seed=seed, multivariate=False)
        if number > 0:
            return sampler
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return PartialFixedSampler(parameters(self.start), sampler)

    def _try(self, study: Study, trial: OptunaTrial, index: int, training: TrialTraining) -> None:
        import optuna  # noqa: PLC0415

        config = self._config(suggest(trial, self.start))
        training.spare(self.start.epochs - config.epochs)
        self.report.on_trial_start(index, len(self.own), dict(trial.params))
        losses: list[float] = []

        def on_epoch(loss: float) -> None:
            losses.append(loss)
            trial.report(loss, len(losses))
            if trial.should_prune():
                raise optuna.TrialPruned

        state = optuna.trial.TrialState.COMPLETE
        try:
            training.run(index, config, on_epoch)
        except optuna.TrialPruned:
            state = optuna.trial.TrialState.PRUNED
        if not math.isfinite(losses[-1]):  # it diverged; Optuna would take it for a failure, to be repeated
            state = optuna.trial.TrialState.PRUNED
        pruned = state is optuna.trial.TrialState.PRUNED
        told = study.tell(trial, None if pruned else losses[-1], state=state, skip_if_finished=True)
        if told.state is not state:  # finished by another, between this trial's last epoch and now
            raise optuna.exceptions.UpdateFinishedTrialError
        training.spare(config.epochs - len(losses))
        self.report.on_trial_end(index, len(self.own), losses[-1], "pruned" if pruned else "complete")

    def _config(self, parameters: dict[str, Any]) -> ModelConfig:
        return replace(self.start, **parameters)


def _described(number: int, trial: FrozenTrial) -> Trial:
    losses = trial.intermediate_values
    value = losses[max(losses)] if losses else trial.value
    finite = value is not None and math.isfinite(value)
    seconds = trial.duration.total_seconds() if trial.duration else 0.0
    return Trial(number, dict(trial.params), value if finite else None, trial.state.name.lower(), seconds)
