"""Parameters of runs that are recorded, and what the table then holds."""

from __future__ import annotations

from typing import Any

import psycopg

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Status


def values(number: int, *, over: str | None = None, **changes: Any) -> dict[str, str | None]:
    """The parameters for run `number`, whose model was measured against the champion `over`."""
    given: dict[str, Any] = {
        "region": "GR",
        "version": f"GR-{number}",
        "run_id": f"run-{number}",
        "reason": "MAPE 1.5 % against 2.0 %: it's {{ better }}.",
        "metrics": {"challenger": {"mape": 1.5}, "champion": None},
        "champion_version": over,
        "artifact_path": f"GR/models/GR-{number}",
        "artifact_checksum": f"{number:064x}",
        "trained_from": "2017-01-01T00:00:00+00:00",
        "trained_to": "2020-10-01T02:00:00+02:00",
    }
    return deployments.parameters(**{**given, **changes})


def statuses(connection: Any) -> dict[str, Status]:
    return {row.run_id: row.status for row in deployments.history(connection, "GR")}


def committed(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as other:
        return other.execute("SELECT version, status FROM model_deployments ORDER BY id").fetchall()
