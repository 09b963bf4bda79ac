"""MLflow as an observer: it is told what happens, and when it fails the run goes on and says so."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from trainer.contract import Env

if TYPE_CHECKING:
    from mlflow import MlflowClient

log = logging.getLogger(__name__)
P = ParamSpec("P")

EXPERIMENT = "power-demand-hybrid-weekly"
CHAMPION_ALIAS = "champion"
VERSION_TAG = "demand_forecast.version"
TRAINING_TAG = "demand_forecast.training"
_PATIENCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "20", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"}
"""A server that is down costs seconds, not the minutes of MLflow's own defaults."""


def registered_model(region: str) -> str:
    """The name of a region's registered model."""
    return f"power-demand-hybrid-{region}"


def _observer(method: Callable[Concatenate[Tracker, P], None]) -> Callable[Concatenate[Tracker, P], None]:
    """Whatever MLflow does wrong ends the tracker and not the run."""

    @wraps(method)
    def guarded(tracker: Tracker, /, *args: P.args, **kwargs: P.kwargs) -> None:
        if tracker.client is None:
            return
        try:
            method(tracker, *args, **kwargs)
        except Exception as error:
            log.warning("MLflow refused %s (%s); the run goes on without it", method.__name__, brief(error))
            tracker.client = None

    return guarded


class Tracker:
    """One MLflow run, by id; None when there is no server or it refused, and then nothing is sent."""

    def __init__(self, client: MlflowClient | None, run_id: str | None) -> None:
        self.client: Any = client
        self.run_id = run_id

    @_observer
    def parameters(self, values: Mapping[str, Any]) -> None:
        for key, value in values.items():
            self.client.log_param(self.run_id, key, value)

    @_observer
    def metrics(self, values: Mapping[str, Any], *, step: int = 0) -> None:
        """Finite numbers only: MLflow's comparison pages choke on NaN."""
        for key, value in values.items():
            if isinstance(value, int | float) and math.isfinite(value):
                self.client.log_metric(self.run_id, key, float(value), step=step)

    @_observer
    def tags(self, values: Mapping[str, str]) -> None:
        for key, value in values.items():
            self.client.set_tag(self.run_id, key, value)

    @_observer
    def files(self, folder: Path, place: str) -> None:
        """Uploads the files of a local folder under the run's artifact path `place`."""
        self.client.log_artifacts(self.run_id, str(folder), place)

    @_observer
    def register(self, region: str, version: str) -> None:
        """A registered model version for the run's `model` files; the same version is registered once."""
        name = registered_model(region)
        if not self.client.search_registered_models(f"name = '{name}'"):
            self.client.create_registered_model(name)
        if _numbers_of(self.client, name, version):
            return
        run = self.client.get_run(str(self.run_id))
        self.client.create_model_version(
            name, f"{run.info.artifact_uri}/model", self.run_id, tags={VERSION_TAG: version}
        )

    @_observer
    def end(self, *, failed: bool) -> None:
        self.client.set_terminated(self.run_id, "FAILED" if failed else "FINISHED")


def tracker(run_id: str | None) -> Tracker:
    """The MLflow run with `run_id`; a silent tracker where there is none or no server."""
    client = mlflow_client() if run_id else None
    return Tracker(client, run_id if client else None)


def training_tracker(name: str, *, region: str, run_id: str, training: str) -> Tracker:
    """The MLflow run of a training that a kill left running, gone on with; else a new one called `name`.

    `run_id` is the trainer's; `training` tells two trainings of one run apart. What another training of the
    same run left running is ended as KILLED. A silent tracker where there is no server.
    """
    client = mlflow_client()
    if client is None:
        return Tracker(None, None)
    try:
        return Tracker(client, _training_run(client, name, region, run_id, training))
    except Exception as error:
        log.warning("MLflow is not available (%s); the run goes on without it", brief(error))
        return Tracker(None, None)


def move_champion_alias(region: str, version: str) -> bool:
    """Moves the alias `champion` to a registered version; whether MLflow took it."""
    client = mlflow_client()
    if client is None:
        return False
    name = registered_model(region)
    try:
        numbers = _numbers_of(client, name, version)
        if numbers:
            client.set_registered_model_alias(name, CHAMPION_ALIAS, numbers[-1])
        else:
            log.warning("MLflow has no registered version %s of %s: the alias stays", version, name)
    except Exception as error:
        log.warning("MLflow refused the alias (%s); the promotion stands without it", brief(error))
        return False
    return bool(numbers)


def mlflow_client() -> MlflowClient | None:
    """None where no server is configured, or its client cannot be made."""
    uri = os.environ.get(Env.MLFLOW_TRACKING_URI)
    if not uri:
        return None
    for key, value in _PATIENCE.items():
        os.environ.setdefault(key, value)
    try:
        from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds, and only some verbs need it

        return MlflowClient(tracking_uri=uri)
    except Exception as error:
        log.warning("MLflow at %s is not available (%s); the run goes on without it", uri, brief(error))
        return None


def _training_run(client: MlflowClient, name: str, region: str, run_id: str, training: str) -> str:
    experiment = client.get_experiment_by_name(EXPERIMENT)
    identity = experiment.experiment_id if experiment else client.create_experiment(EXPERIMENT)
    tags = {"region": region, "run_id": run_id, TRAINING_TAG: training}
    left = [
        run
        for run in client.search_runs([identity], "attributes.status = 'RUNNING'")
        if (run.data.tags.get("region"), run.data.tags.get("run_id")) == (region, run_id)
    ]
    same = [str(run.info.run_id) for run in left if run.data.tags.get(TRAINING_TAG) == training]
    for run in left:
        if run.info.run_id not in same[:1]:
            client.set_terminated(run.info.run_id, "KILLED")
    return same[0] if same else str(client.create_run(identity, tags=tags, run_name=name).info.run_id)


def _numbers_of(client: MlflowClient, name: str, version: str) -> list[str]:
    found = client.search_model_versions(f"name = '{name}' and tags.`{VERSION_TAG}` = '{version}'")
    return sorted((str(entry.version) for entry in found), key=int)


def brief(error: Exception) -> str:
    """The first line of what an error says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
