"""The smallest real model, region and demand that it is of, and runs that have searched for it or have it as
their candidate."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trainer.model.artifact import MANIFEST
from trainer.model.config import ModelConfig
from trainer.store import Run

ZONE = "Asia/Seoul"
PLACE: dict[str, Any] = {
    "title": "Test",
    "timezone": ZONE,
    "country": "KR",
    "latitude": 36.5,
    "longitude": 127.5,
}
"""A region's settings, but for its source."""
DAYS = 100
TRAINED_UNTIL = pd.Timestamp("2024-03-31", tz=ZONE)
"""Ten days before the end of the demand."""
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


def hundred_days() -> pd.Series[float]:
    """MW by hour of the region's clocks: a day and a week that repeat, and a little noise."""
    hours = pd.date_range("2024-01-01", periods=24 * DAYS, freq="h", name="time")
    noise = np.random.default_rng(5).normal(0, 30, len(hours))
    shape = 6000 + 900 * np.sin(2 * np.pi * (hours.hour - 7) / 24) - 400 * (hours.day_of_week >= 5)
    return pd.Series(np.round(shape + noise, 1), index=hours, name="demand_mw")


def history_of(demand: pd.Series[float]) -> pd.DataFrame:
    """As models learn from it: the column demand by hour of UTC."""
    return demand.tz_localize(ZONE).tz_convert("UTC").rename("demand").to_frame().asfreq("h")


def checksum(artifact: Path) -> str:
    return hashlib.sha256((artifact / MANIFEST).read_bytes()).hexdigest()


def leave_search(run: Run, config: ModelConfig = TINY) -> None:
    """Closes `search` with this configuration as its best."""
    run.close(
        "search",
        started=datetime.now(UTC),
        parameters={"trials": 1, "epochs": config.epochs},
        metrics={"validation_loss": 0.1},
        facts={"best": config.to_dict()},
    )


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
