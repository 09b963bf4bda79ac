"""refit: a published model brought up to date with all measured demand, as a version of its own."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from trainer.contract import FileRef, Manifest, model_folder, model_version
from trainer.data.validation import last_actual
from trainer.errors import ArtifactError, DataError
from trainer.model.artifact import MANIFEST, artifact_checksum, load_artifact, load_twin, save_artifact
from trainer.model.forecasting.day_ahead import day_ahead_errors
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.metrics import finite_or_none
from trainer.model.training.fitting import update
from trainer.steps.holdout import local_days
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.snapshot import read_snapshot, with_frozen_issues
from trainer.store import Run, code_versions

log = logging.getLogger(__name__)

_HOUR: Final = pd.Timedelta(hours=1)
_CHECKED_DAYS: Final = 7
_WORSE: Final = 4 / 3
"""Times the parent's error on the last days, which the refitted model has seen and its parent has not: one
that errs more there is broken, whatever the reason."""


def refit(run: Run, *, model: PinnedModel, origin_hours: Sequence[int] | None) -> Manifest:
    """Keeps the networks of `model`, solves everything else anew up to the last measured hour, and its
    weatherless twin likewise (`training.fitting.update`). A twin that cannot be brought up to date stays as
    it is, and one that cannot be read is left out.

    Publishes the result under a version of its own, unless a check on the last days finds it worse than its
    parent by more than a third, or it would know no more than that. `origin_hours`: local hours at which it
    will forecast; None for those of the parent and of the region's products.
    Facts: parent, accepted, reason, tried (False where nothing was measured since the parent's training),
    check {parent_mae, mae, hours} (MW), twin_note (of a twin that was not brought up to date, else None);
    where accepted also version, artifact {path, checksum}, train_from, train_until, networks_until,
    places and members (as of `train`).
    Raises DataError for too little history, ArtifactError for a parent that is gone or cannot be read.
    """
    history, frozen = read_snapshot(run)
    history, _, of_issues = with_frozen_issues(run, history)
    products = run.region.origin_hours(run.as_of.year)
    parameters = {
        "model_version": model.version,
        "model_checksum": model.checksum,
        "origin_hours": list(origin_hours) if origin_hours else sorted(products) or None,
    }
    inputs = {"snapshot.parquet": frozen, **of_issues}
    if done := run.finished("refit", parameters, inputs):
        return done
    started = datetime.now(UTC)
    parent, twin, twin_note = _load(run, model)
    known_until = parent.training.train_until
    facts: dict[str, Any] = {"parent": model.version, "accepted": False, "tried": False}
    outputs: dict[str, FileRef] = {}
    if last_actual(history) < known_until:
        reason = f"{model.version} has learned from demand up to {known_until.isoformat()} already"
    else:
        until = last_actual(history) + _HOUR
        hours = origin_hours or sorted({*parent.origin_hours, *products})
        refitted = update(parent, history, train_until=until, origin_hours=hours)
        facts |= {"tried": True, "check": _check(run, history, parent, refitted)}
        if fault := _fault(model.version, parent, refitted, facts["check"]):
            reason = fault
        else:
            training = refitted.training
            reason = f"{model.version}, refitted up to {training.train_until.isoformat()}"
            if twin:
                twin, twin_note = _twin_up_to_date(twin, history, until, products)
            version = _version(run, model, frozen)
            artifact, outputs = _publish(run, version, model, frozen, refitted, twin)
            facts |= {
                "accepted": True,
                "version": version,
                "artifact": artifact,
                "train_from": training.train_from.isoformat(),
                "train_until": training.train_until.isoformat(),
                "networks_until": training.judged_until.isoformat(),
                "places": dict(refitted.places.weights),
                **({"members": members.usual_shares()} if (members := refitted.members) else {}),
                "twin_note": twin_note,
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


def _load(run: Run, model: PinnedModel) -> tuple[Forecaster, Forecaster | None, str | None]:
    """The parent, its twin, and why it has none that can be read."""
    try:
        with run.store.download(model_folder(run.region.name, model.version)) as folder:
            parent = load_artifact(folder, checksum=model.checksum).as_configured(run.region)
            try:
                twin = load_twin(folder, checksum=model.checksum)
                return parent, twin and twin.as_configured(run.region), None
            except ArtifactError as error:
                log.warning("the weatherless twin of %s is left out: %s", model.version, error)
                return parent, None, f"left out: {error}"
    except FileNotFoundError as error:
        raise ArtifactError(f"{model.version} is not in the store: {error}") from error


def _twin_up_to_date(
    twin: Forecaster, history: pd.DataFrame, until: pd.Timestamp, products: frozenset[int]
) -> tuple[Forecaster, str | None]:
    try:
        hours = sorted({*twin.origin_hours, *products})
        return update(twin, history, train_until=until, origin_hours=hours), None
    except DataError as error:
        log.warning("the weatherless twin stays as it is: %s", error)
        return twin, f"stays as it is: {error}"


def _fault(version: str, parent: Forecaster, refitted: Forecaster, check: dict[str, Any]) -> str | None:
    """Why the refitted model does not take its parent's place."""
    knows, knew = refitted.training.train_until, parent.training.train_until
    if knows <= knew:  # demand went on, the weather beside it did not
        return (
            f"demand and weather are known together up to {knows.isoformat()} only, and {version} has "
            f"learned from them up to {knew.isoformat()}; ingest the weather of the hours since"
        )
    mae, before = check["mae"], check["parent_mae"]
    if before is None:
        return None
    if mae is None:
        return f"refitted, it cannot forecast the last {check['hours']} h, which {version} can"
    if mae > _WORSE * before:
        return (
            f"refitted, it errs by {mae:.4g} MW on the last {check['hours']} h, {version} by {before:.4g} MW"
        )
    return None


def _check(run: Run, history: pd.DataFrame, parent: Forecaster, refitted: Forecaster) -> dict[str, Any]:
    """MAE (MW) of both on the measured hours of those of the last whole local days that the parent can
    forecast again. parent_mae is None where nothing tells, mae where the refitted model fails at one."""
    end = last_actual(history) + _HOUR
    errors: dict[str, list[pd.Series[float]]] = {"parent_mae": [], "mae": []}
    for day in local_days(end - pd.Timedelta(days=_CHECKED_DAYS), end, run.region):
        before = _errors(parent, history, day)
        if before is None or before.empty:  # such as weather that is missing there: no reason to grow old
            continue
        errors["parent_mae"].append(before)
        after = _errors(refitted, history, day)
        errors["mae"].append(before * np.nan if after is None else after)
    hours = sum(map(len, errors["mae"]))
    maes = {
        name: float(pd.concat(days).mean(skipna=False)) if hours else np.nan for name, days in errors.items()
    }
    return {**finite_or_none(maes), "hours": hours}


def _errors(model: Forecaster, history: pd.DataFrame, day: pd.Timestamp) -> pd.Series[float] | None:
    """Absolute, MW, on the measured hours of a local day; None where it cannot be forecast."""
    try:
        return day_ahead_errors(model, history, pd.DatetimeIndex([day]))
    except DataError as error:
        log.warning("the day of %s cannot be forecast again: %s", day.isoformat(), error)
        return None


def _version(run: Run, model: PinnedModel, frozen: FileRef) -> str:
    """One per parent and data: a run that is cleared after another model was promoted refits that one."""
    return model_version(run.region.name, f"{run.run_id} {model.version} {frozen.sha256}", run.as_of)


def _publish(
    run: Run,
    version: str,
    model: PinnedModel,
    frozen: FileRef,
    refitted: Forecaster,
    twin: Forecaster | None,
) -> tuple[dict[str, str], dict[str, FileRef]]:
    """The version's {path, checksum}, and its files. One that a try of this run has published whole stays as
    it is: solved on another machine its last bits would differ."""
    path = model_folder(run.region.name, version)
    if run.store.exists(f"{path}/{MANIFEST}"):
        with run.store.download(path) as published:
            load_artifact(published)
            return {"path": path, "checksum": artifact_checksum(published)}, {}
    facts = {
        "version": version,
        "run_id": run.run_id,
        "parent": model.version,
        "snapshot": frozen.sha256,
        **code_versions(),
    }
    with tempfile.TemporaryDirectory(prefix="demand-forecast-") as scratch:
        artifact = Path(scratch) / "artifact"
        checksum = save_artifact(refitted, artifact, facts, twin=twin)
        outputs = run.store.upload(artifact, path, last=MANIFEST)
    return {"path": path, "checksum": checksum}, outputs
