"""The smallest real model, and a run that has it as its candidate."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from trainer.model.artifact import MANIFEST
from trainer.model.config import ModelConfig
from trainer.store import Run

DAYS = 100
TINY = ModelConfig(
    kd=2,
    kw=1,
    ky=1,
    hidden=4,
    epochs=1,
    stride=24,
    batch_size=32,
    validation_days=21,
    dropout=0.0,
)


def checksum(artifact: Path) -> str:
    return hashlib.sha256((artifact / MANIFEST).read_bytes()).hexdigest()


def leave_candidate(run: Run, artifact: Path, *, mlflow_run_id: str | None = None) -> None:
    """Closes `train` with the model as the run's candidate."""
    path = f"{run.folder}/candidate"
    files = run.store.upload(artifact, path)
    facts = {
        "version": run.version,
        "artifact": {"path": path, "checksum": checksum(artifact)},
        "train_from": "2023-12-31T15:00:00+00:00",
        "train_until": "2024-03-30T15:00:00+00:00",
        "mlflow_run_id": mlflow_run_id,
    }
    run.close("train", started=datetime.now(UTC), parameters={}, outputs=files, facts=facts)
