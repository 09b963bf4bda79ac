"""How a model is fitted: judged on days it has not seen, then taught those days as well."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import torch

from trainer.contract import Region
from trainer.contract.ensembles import TREES
from trainer.model.config import ModelConfig
from trainer.model.decomposition import Series
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.members import MemberHours
from trainer.model.forecasting.numpy_networks import Networks
from trainer.model.forecasting.residual import Residual
from trainer.model.forecasting.training_record import TrainingRecord
from trainer.model.progress import Progress, Silent
from trainer.model.training.carried_weather import carried_weather_widths
from trainer.model.training.checkpoint import Checkpoints
from trainer.model.training.device import resolve_device, seed_everything
from trainer.model.training.ensemble import Ensemble
from trainer.model.training.ensemble_training import EnsembleTraining
from trainer.model.training.solving import solve
from trainer.model.training.training_series import training_series
from trainer.model.training.training_set import TrainingSet
from trainer.model.training.tree_fitting import too_few_for_trees
from trainer.model.training.validation_days import Judgement, judge, validation_row

_AFTER_SHARE: Final = 0.3
"""Epochs, and learning rate, of the second pass, which adds the validation days."""


def fit(
    history: pd.DataFrame,
    region: Region,
    config: ModelConfig,
    *,
    train_until: pd.Timestamp,
    device: str = "auto",
    progress: Progress | None = None,
    origin_hours: Sequence[int] | None = None,
    checkpoints: Checkpoints | None = None,
) -> Forecaster:
    """A model of the demand before `train_until` (UTC) alone; later rows are not looked at.

    `origin_hours`: local hours at which it will forecast, when those are known; a forecast from another hour
    then begins at the last of them. `checkpoints`: files of an earlier call with the same arguments that was
    cut off; it is gone on with, to the same end. Less than two years are fitted with fewer yearly harmonics
    than `config` may ask for (its `with_resolvable_harmonics`).
    Raises DataError for too little history or holes in the weather, InfrastructureError when the device
    is missing or its memory does not suffice.
    """
    report = progress or Silent()
    where = resolve_device(device)
    seed_everything(config.seed, where)
    series = training_series(history, region, train_until)
    config = config.with_resolvable_harmonics(len(series))
    after_epochs = max(1, round(_AFTER_SHARE * config.epochs))
    passes = EnsembleTraining(report, config, config.epochs + after_epochs, checkpoints)
    members = None
    if region.ensemble:
        hours = history.reindex(series.frame.index)
        members = MemberHours.of(region.ensemble, hours, region, series.transform)
    ensemble, judged = _first_pass(series, region, config, where, passes, report, members)

    report.on_stage("fit", "all days, the latest included")
    final = TrainingSet.of(series, region, config, len(series), where)
    passes.run(ensemble, final, after_epochs, config.learning_rate * _AFTER_SHARE)
    made = _finished(series, region, config, final, ensemble.trained(config), judged, origin_hours)
    return replace(made, carried_weather=carried_weather_widths(made, history))


def update(
    forecaster: Forecaster,
    history: pd.DataFrame,
    *,
    train_until: pd.Timestamp,
    origin_hours: Sequence[int] | None = None,
) -> Forecaster:
    """A model of the days before `train_until` that keeps the networks of `forecaster`, and its quantiles, as
    wide as what they held since training asks for. Raises DataError as `fit` does.

    All that is solved in closed form is made anew, and so are an ensemble's trees. Networks that went on
    learning day after day would trust the days they know too much, and the band, which is theirs, would grow
    too narrow for the next.
    """
    region, config = forecaster.region, forecaster.config
    transform = forecaster.decomposition.transform
    series = training_series(history, region, train_until, transform)
    training_set = TrainingSet.of(series, region, config, len(series), torch.device("cpu"))
    residual = forecaster.residual
    band_scale, errors = forecaster.calibrated_at(history, train_until)
    members = forecaster.members_at(history, train_until)
    kept = Judgement(residual.blend_weights, band_scale, errors, forecaster.training.validation, members)
    refitted = _finished(series, region, config, training_set, residual.networks, kept, origin_hours)
    networks_until = forecaster.training.judged_until
    return replace(
        refitted,
        training=replace(refitted.training, networks_until=networks_until),
        carried_weather=forecaster.carried_weather,
    )


def without_hindsight(
    forecaster: Forecaster, history: pd.DataFrame, midnights: pd.DatetimeIndex
) -> Forecaster:
    """The model as it was for forecasts from `midnights` (UTC): where it has learned from demand after the
    first of them since its networks were trained, brought back to that, an ensemble with the weights that
    training left it. Raises DataError as `fit` does.
    """
    if forecaster.training.train_until <= midnights[0]:
        return forecaster
    hours = local_hours(midnights, forecaster.region)
    return update(forecaster, history, train_until=midnights[0], origin_hours=hours)


def local_hours(origins: pd.DatetimeIndex, region: Region) -> list[int]:
    """Local hours of the day that `origins` (UTC) lie at, ascending; midnights have several where offsets are
    no whole hours or change."""
    return sorted(set(origins.tz_convert(region.zone).hour))


def _finished(
    series: Series,
    region: Region,
    config: ModelConfig,
    training_set: TrainingSet,
    networks: Networks,
    judged: Judgement,
    origin_hours: Sequence[int] | None,
) -> Forecaster:
    frame = series.frame
    until = frame.index[-1] + pd.Timedelta(hours=1)
    training = TrainingRecord(frame.index[0], until, _checksum(frame), judged.validation)
    members = judged.members
    solved = solve(training_set, origin_hours, with_trees=bool(members and members.trees))
    residual = Residual(networks, solved.regression, solved.days, judged.blend_weights)
    if members and solved.trees:
        members = replace(members, trees=solved.trees)
    decomposition = training_set.decomposition
    return Forecaster(
        region,
        config,
        decomposition,
        residual,
        judged.band_scale,
        training,
        series.places,
        judged.errors,
        members,
    )


def _first_pass(
    series: Series,
    region: Region,
    config: ModelConfig,
    device: torch.device,
    passes: EnsembleTraining,
    report: Progress,
    members: MemberHours | None,
) -> tuple[Ensemble, Judgement]:
    """Networks taught on the days before the validation days, and judged on those."""
    split = validation_row(series, config)
    report.on_stage("fit", f"{config.members} networks on {split / 24:.0f} days, judged on the rest")
    training_set = TrainingSet.of(series, region, config, split, device)
    ensemble = Ensemble.untrained(config, training_set.windows.known.shape[1], device)
    passes.run(ensemble, training_set, config.epochs, config.learning_rate)
    report.on_stage("calibrate", "band by lead time on the validation days")
    lacking = too_few_for_trees(training_set) if (asked := TREES in region.ensemble) else None
    if lacking:
        report.on_stage("trees", lacking)
    with_trees = asked and not lacking
    return ensemble, judge(ensemble, training_set, config, series, members, with_trees=with_trees)


def _checksum(frame: pd.DataFrame) -> str:
    digest = hashlib.sha256(",".join(frame.columns).encode())
    digest.update(pd.DatetimeIndex(frame.index).as_unit("s").asi8.tobytes())
    digest.update(np.ascontiguousarray(frame.to_numpy(dtype=np.float64)).tobytes())
    return digest.hexdigest()
