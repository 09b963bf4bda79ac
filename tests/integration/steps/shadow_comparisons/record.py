"""Champions of region T as its record has them, and the days on which they and a shadow spoke."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pandas as pd
import psycopg

from demand_forecast.promotion import deployments
from trainer.contract import Region

DAYS = [f"2024-03-{day:02d}" for day in range(9, 15)]


def midnight(day: str, region: Region) -> datetime:
    return pd.Timestamp(day, tz=region.timezone).tz_convert("UTC").to_pydatetime()


def crown(database: str, version: str, *, over: str | None = None) -> None:
    known = {
        "region": "T",
        "version": version,
        "run_id": f"weekly/{version}",
        "artifact_path": f"T/models/{version}",
        "artifact_checksum": "0" * 64,
        "trained_from": "2024-01-01T00:00:00+09:00",
        "trained_to": "2024-03-01T00:00:00+09:00",
        "reason": "Better.",
    }
    with psycopg.connect(database) as connection:
        values = deployments.parameters(**known, metrics={}, champion_version=over)  # type: ignore[arg-type]
        deployments.record(connection, values)


def refit(database: str, version: str, *, parent: str) -> None:
    with psycopg.connect(database) as connection:
        made = deployments.record_refit(
            connection,
            {
                "region": "T",
                "version": version,
                "run_id": f"refit/{version}",
                "parent": parent,
                "reason": "Brought up to date.",
                "artifact_path": f"T/models/{version}",
                "artifact_checksum": "0" * 64,
                "trained_from": "2024-01-01T00:00:00+09:00",
                "trained_to": "2024-03-02T00:00:00+09:00",
            },
        )
    assert made is not None


Speak = Callable[..., None]
