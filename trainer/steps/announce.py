"""announce: MLflow's alias `champion` follows the promotion that the database has recorded."""

from __future__ import annotations

from datetime import UTC, datetime

from trainer.contract import Manifest
from trainer.run import Run
from trainer.tracking import tracker


def announce(run: Run, *, version: str) -> Manifest:
    """Never fails for MLflow's sake. Facts: version, announced (whether MLflow took it)."""
    started = datetime.now(UTC)
    training = run.manifest("train")
    mlflow = tracker(run_id=training.facts.get("mlflow_run_id") if training else None)
    mlflow.crown(run.region.name, version)
    return run.close(
        "announce",
        started=started,
        parameters={"version": version},
        facts={"version": version, "announced": mlflow.client is not None},
    )
