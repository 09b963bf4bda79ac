"""refit: a published model brought up to date with all measured demand, as a version of its own."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from trainer.contract import FileRef, Manifest, model_folder
from trainer.data.validation import last_actual
from trainer.errors import DataError
from trainer.model.artifact import MANIFEST, artifact_checksum, load_artifact, load_twin, save_artifact
from trainer.model.forecasting.day_ahead import day_ahead
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.fitting import update
from trainer.steps.forecast import PinnedModel
from trainer.steps.holdout import local_days
from trainer.steps.snapshot import read_snapshot
from trainer.store import Run, code_versions

log = logging.getLogger(__name__)

_CHECKED_DAYS: Final = 7
_WORSE: Final = 4 / 3
"""Times the parent's error on the last days, which the refitted model has seen and its parent has not: one
that errs more there is broken, whatever the reason."""


def refit(run: Run, *, model: PinnedModel, origin_hours: Sequence[int] | None) -> Manifest:
    """Keeps the networks of `model`, solves everything else anew up to the last measured hour, and its
    weatherless twin likewise (`training.fitting.update`).

    Publishes the result as the run's version, unless a check on the last days finds it worse than its parent
    by more than a third, or it would be older than that. `origin_hours`: local hours at which it will
    forecast; None for those of the parent.
    Facts: parent, accepted, reason, check {parent_mae, mae, hours} (MW); where accepted also version,
    artifact {path, checksum}, train_from, train_until, networks_until.
    Raises DataError for too little history, ArtifactError for a parent that cannot be read.
    """
    history, frozen = read_snapshot(run)
    parameters = {
        "model_version": model.version,
        "model_checksum": model.checksum,
        "origin_hours": list(origin_hours) if origin_hours else None,
    }
    inputs = {"snapshot.parquet": frozen}
    if done := run.finished("refit", parameters, inputs):
        return done
    started = datetime.now(UTC)
    with run.store.download(model_folder(run.region.name, model.version)) as folder:
        parent = load_artifact(folder, checksum=model.checksum)
        twin = load_twin(folder, checksum=model.checksum)
    until = last_actual(history) + pd.Timedelta(hours=1)
    facts: dict[str, Any] = {"parent": model.version, "accepted": False}
    outputs: dict[str, FileRef] = {}
    if until <= parent.training.train_until:
        reason = (
            f"{model.version} has learned from demand up to {parent.training.train_until.isoformat()} already"
        )
    else:
        refitted = update(parent, history, train_until=until, origin_hours=origin_hours or _own(parent))
        check = _check(run, history, parent, refitted)
        facts["check"] = check
        if check["mae"] is not None and check["mae"] > _WORSE * check["parent_mae"]:
            reason = (
                f"refitted, it errs by {check['mae']:.4g} MW on the last {check['hours']} h, "
                f"{model.version} by {check['parent_mae']:.4g} MW"
            )
        else:
            reason = f"{model.version}, refitted up to {until.isoformat()}"
            twin = twin and update(twin, history, train_until=until, origin_hours=_own(twin))
            folder_of_version, checksum, outputs = _publish(run, model, frozen, refitted, twin)
            facts |= {
                "accepted": True,
                "version": run.version,
                "artifact": {"path": folder_of_version, "checksum": checksum},
                "train_from": refitted.training.train_from.isoformat(),
                "train_until": refitted.training.train_until.isoformat(),
                "networks_until": refitted.training.judged_until.isoformat(),
            }
    log.info("%s: %s", "published" if facts["accepted"] else "not published", reason)
    return run.close(
        "refit",
        started=started,
        parameters=parameters,
        inputs=inputs,
        outputs=outputs,
        facts={**facts, "reason": reason},
    )


def _own(model: Forecaster) -> list[int]:
    """Local hours that have regressions of their own."""
    return [int(hour) for hour in model.residual.regression.own]


def _check(run: Run, history: pd.DataFrame, parent: Forecaster, refitted: Forecaster) -> dict[str, Any]:
    """MAE (MW) of both on the measured hours of the last whole local days; None where nothing tells."""
    last = last_actual(history) + pd.Timedelta(hours=1)
    days = local_days(last - pd.Timedelta(days=_CHECKED_DAYS), last, run.region)
    try:
        made = {
            name: day_ahead(one, history, days)["forecast"]
            for name, one in {"parent_mae": parent, "mae": refitted}.items()
        }
    except DataError as error:  # such as weather that is missing there: no reason to grow old
        log.warning("the last days cannot be forecast again, so the refit is not checked: %s", error)
        return {"parent_mae": None, "mae": None, "hours": 0}
    actual = history["demand"].reindex(made["mae"].index).dropna()
    if actual.empty:
        return {"parent_mae": None, "mae": None, "hours": 0}
    errors = {name: float((one[actual.index] - actual).abs().mean()) for name, one in made.items()}
    return {**errors, "hours": len(actual)}


def _publish(
    run: Run, model: PinnedModel, frozen: FileRef, refitted: Forecaster, twin: Forecaster | None
) -> tuple[str, str, dict[str, FileRef]]:
    """The version's folder, its checksum and files. One that a try of this run has published whole stays as
    it is: solved on another machine its last bits would differ."""
    folder = model_folder(run.region.name, run.version)
    if run.store.exists(f"{folder}/{MANIFEST}"):
        with run.store.download(folder) as published:
            load_artifact(published)
            return folder, artifact_checksum(published), {}
    facts = {
        "version": run.version,
        "run_id": run.run_id,
        "parent": model.version,
        "snapshot": frozen.sha256,
        **code_versions(),
    }
    with tempfile.TemporaryDirectory(prefix="demand-forecast-") as scratch:
        artifact = Path(scratch) / "artifact"
        checksum = save_artifact(refitted, artifact, facts, twin=twin)
        outputs = run.store.upload(artifact, folder, last=MANIFEST)
    return folder, checksum, outputs
