"""train: fit the candidate on everything before the held-out days, with the parameters that it is given."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from trainer.contract import ORIGIN_HOURS, Manifest, Region
from trainer.data.reference import REFERENCE
from trainer.model.artifact import save_artifact
from trainer.model.progress import EpochReport, Progress
from trainer.model.training.device import resolve_device
from trainer.model.training.fitting import fit
from trainer.model.training.search.fourier_orders import with_orders_of_longer_history
from trainer.model.training.twin import fit_twin, without_scarce_weather
from trainer.observers.tracking import Tracker, training_tracker
from trainer.observers.usage import Usage
from trainer.steps.checkpoints import RunCheckpoints, discard_checkpoints
from trainer.steps.holdout import holdout_start
from trainer.steps.snapshot import read_snapshot, with_frozen_issues
from trainer.steps.training_parameters import TrainingParameters
from trainer.store import Run, code_versions

log = logging.getLogger(__name__)


def train(
    run: Run,
    *,
    holdout_days: int,
    chosen: TrainingParameters,
    origin_hours: Sequence[int],
    device: str,
    progress: Progress,
) -> Manifest:
    """Fits the run's candidate on all that was measured before the held-out days, and its weatherless twin
    where the region has weather. A training that was killed goes on from its checkpoints.

    origin_hours: local hours (0..23) that forecasts begin at; those of the region's products, and where its
    days begin, are among them in any case.

    Metrics: validation_loss of the search (where the run made one), and the scores of the validation days.
    Facts: version; artifact {path, checksum}; train_from and train_until (UTC, the end exclusive); config;
    weather (what it reads of the region's: nothing where too little of it is known); places (column -> what
    its temperature counts by, their sum 1; empty where each counts as much); members (of an ensemble alone:
    what the model and each member count by, as the validation days taught it); search (trials and epochs of
    the run's own that chose the parameters, else None); kept_from (the version whose parameters they are,
    else None); seconds, device and usage (see Usage; of the last try); mlflow_run_id (None without a server).
    Outputs: the artifact's files, manifest.json among them, and those of the twin.

    Raises DataError when the data cannot be used.
    """
    history, frozen = read_snapshot(run)
    history, _, of_issues = with_frozen_issues(run, history)
    products = run.region.origin_hours(run.as_of.year)
    parameters = {
        "holdout_days": holdout_days,
        "origin_hours": sorted({*origin_hours, *products}),
        "config": chosen.config.to_dict(),
    }
    inputs = {"snapshot.parquet": frozen, **of_issues}
    if done := run.finished("train", parameters, inputs):
        discard_checkpoints(run, "train")
        return done
    started, where, config, search = datetime.now(UTC), resolve_device(device), chosen.config, chosen.search
    training = run.fingerprint(parameters, inputs, device=where.type)
    until = holdout_start(run.as_of, run.region, holdout_days)
    region = without_scarce_weather(history, run.region, until)
    if chosen.kept_from:
        config = with_orders_of_longer_history(config, history, region, train_until=until, progress=progress)
    window = {"holdout_days": holdout_days, "train_until": until.isoformat()}
    mlflow = _tracked(run, training, {**config.to_dict(), **window}, kept_from=chosen.kept_from)
    _tell_of_silent_reference(history, region, until)
    with Usage(where) as usage:
        forecaster = fit(
            history,
            region,
            config,
            train_until=until,
            device=device,
            progress=_Observed(progress, mlflow),
            # Candidates are compared by forecasts from the beginning of days, such as 23:30 in India.
            origin_hours=sorted({*origin_hours, *products, until.tz_convert(run.region.zone).hour}),
            checkpoints=RunCheckpoints(run, "train", training),
        )
        progress.on_stage("twin", "the same without weather, for days of which none is known")
        twin = fit_twin(
            history,
            region,
            config,
            train_until=until,
            device=device,
            origin_hours=sorted({*ORIGIN_HOURS, *products}),
        )
    facts: dict[str, Any] = {
        "version": run.version,
        "train_from": forecaster.training.train_from.isoformat(),
        "train_until": until.isoformat(),
        "config": config.to_dict(),
        "weather": list(region.weather),
        "places": dict(forecaster.places.weights),
        **({"members": members.usual_shares()} if (members := forecaster.members) else {}),
        "search": {"trials": search.trials, "epochs": search.epochs} if search else None,
        "kept_from": chosen.kept_from,
        "seconds": usage.facts["seconds"],
        "device": str(where),
        "usage": usage.facts,
    }
    found = {"validation_loss": search.validation_loss} if search else {}
    metrics = {**found, **forecaster.training.validation}
    with tempfile.TemporaryDirectory(prefix="demand-forecast-") as folder:
        artifact = Path(folder) / "artifact"
        checksum = save_artifact(
            forecaster,
            artifact,
            {"version": run.version, "run_id": run.run_id, "snapshot": frozen.sha256, **code_versions()},
            metrics,
            twin=twin,
        )
        mlflow.files(artifact, "model")
        outputs = run.store.upload(artifact, f"{run.folder}/candidate")
    _tell_tracker(mlflow, metrics, facts)
    facts["artifact"] = {"path": f"{run.folder}/candidate", "checksum": checksum}
    manifest = run.close(
        "train",
        started=started,
        parameters=parameters,
        inputs=inputs,
        outputs=outputs,
        metrics=metrics,
        facts={**facts, "mlflow_run_id": mlflow.run_id if mlflow.client else None},
    )
    discard_checkpoints(run, "train")
    return manifest


def _tracked(run: Run, training: str, parameters: Mapping[str, Any], *, kept_from: str | None) -> Tracker:
    """MLflow's run of a training, told what that is of. training: its fingerprint."""
    mlflow = training_tracker(
        f"weekly_retrain_{run.as_of.astimezone(run.region.zone):%Y%m%d}",
        region=run.region.name,
        run_id=run.run_id,
        training=training,
    )
    mlflow.tags({"version": run.version, **({"parameters_of": kept_from} if kept_from else {})})
    mlflow.parameters(parameters)
    return mlflow


def _tell_of_silent_reference(history: pd.DataFrame, region: Region, until: pd.Timestamp) -> None:
    known = history.loc[history.index < until].reindex(columns=[REFERENCE])[REFERENCE].notna()
    if REFERENCE in region.ensemble and not known.any():
        log.warning(
            "region %s: its ensemble has the grid operator's own forecast, and no hour before %s has one; "
            "the other members have its weight, until the source has the column `%s`",
            region.name,
            until.isoformat(),
            REFERENCE,
        )


def _tell_tracker(mlflow: Tracker, metrics: Mapping[str, float], facts: Mapping[str, Any]) -> None:
    """The scores, each member's weight, and what the training used of its machine."""
    mlflow.metrics(metrics)
    mlflow.metrics({f"weight_{name}": share for name, share in facts.get("members", {}).items()})
    mlflow.metrics({f"usage_{name}": value for name, value in facts["usage"].items()})


class _Observed:
    """Shows progress to the person who waits, and each epoch's losses to MLflow."""

    def __init__(self, shown: Progress, mlflow: Tracker) -> None:
        self._shown = shown
        self._mlflow = mlflow
        self.on_stage = shown.on_stage
        self.on_trial_start = shown.on_trial_start
        self.on_trial_end = shown.on_trial_end
        self.on_message = shown.on_message

    def on_epoch(self, report: EpochReport) -> None:
        self._shown.on_epoch(report)
        losses = {"train_loss": report.train_loss, "validation_loss": report.validation_loss}
        self._mlflow.metrics(losses, step=report.epoch)
