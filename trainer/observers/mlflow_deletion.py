"""MLflow's run of a training that is kept nowhere else: its registered versions, its files, it itself."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from trainer.observers.tracking import brief, mlflow_client, registered_model

if TYPE_CHECKING:
    from mlflow import MlflowClient

log = logging.getLogger(__name__)


def forget_run(region: str, run_id: str) -> bool:
    """Whether MLflow has nothing of its run `run_id` any more; True where no server is configured."""
    client = mlflow_client()
    if client is None:
        return True
    try:
        _forget(client, region, run_id)
    except Exception as error:
        log.warning(
            "MLflow refused to delete its run %s (%s); it is asked again next time", run_id, brief(error)
        )
        return False
    return True


def _forget(client: MlflowClient, region: str, run_id: str) -> None:
    """The run itself goes last, since it is what the rest is found by."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  takes seconds
    from mlflow.store.artifact.artifact_repository_registry import (  # noqa: PLC0415
        get_artifact_repository,
    )

    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return
    if run.info.lifecycle_stage == "deleted":
        return
    name = registered_model(region)
    for version in client.search_model_versions(f"name = '{name}' and run_id = '{run_id}'"):
        client.delete_model_version(name, version.version)
    files: Any = get_artifact_repository(run.info.artifact_uri, tracking_uri=client.tracking_uri)
    files.delete_artifacts()
    client.delete_run(run_id)
