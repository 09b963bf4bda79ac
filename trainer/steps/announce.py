"""announce: MLflow's alias `champion` follows the promotion that the database has recorded."""

from __future__ import annotations

from datetime import UTC, datetime

from trainer.contract import Manifest
from trainer.observers.tracking import crown
from trainer.store import Run


def announce(run: Run, *, version: str) -> Manifest:
    """Never fails for MLflow's sake. Facts: version, announced (whether MLflow took it)."""
    started = datetime.now(UTC)
    announced = crown(run.region.name, version)
    return run.close(
        "announce",
        started=started,
        parameters={"version": version},
        facts={"version": version, "announced": announced},
    )
