"""Where real DAGs run in these tests: a database, a store, an environment, and champions of earlier runs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from demand_forecast.promotion import deployments
from stack.airflow import connection_uri
from stack.state import REPOSITORY
from trainer.store import Store


@dataclass(frozen=True)
class Site:
    database: str
    """URL of one with the trainer's tables."""
    store: Store
    airflow: dict[str, str]
    """The environment of `airflow` commands."""
    folder: Path
    """Empty, for DAG files."""

    @property
    def environ(self) -> dict[str, str]:
        """Of the project's own regions and DAGs. A failed task is tried once more, and at once."""
        return {
            **self.airflow,
            "DEMAND_FORECAST_STORE_URL": self.store.url,
            "DEMAND_FORECAST_RETRIES": "1",
            "DEMAND_FORECAST_RETRY_DELAY_SECONDS": "0",
            # Refits have tests of their own.
            "DEMAND_FORECAST_REFIT": "never",
            "AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES": connection_uri(self.database),
        }

    def environ_of(self, regions: Iterable[str], *dags: str) -> dict[str, str]:
        """Of made-up regions and these DAG files alone: `dag.test()` parses all of a folder each time."""
        for name in dags:
            (self.folder / name).symlink_to(REPOSITORY / "dags" / name)
        place = {"title": "Test", "timezone": "UTC", "country": "GR", "latitude": 38, "longitude": 24}
        return {
            **self.environ,
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.folder),
            "DEMAND_FORECAST_REGIONS": json.dumps(dict.fromkeys(regions, place)),
        }


def crown(
    connection: psycopg.Connection[Any],
    region: str,
    version: str,
    *,
    trained: tuple[str, str],
    checksum: str = "0" * 64,
) -> None:
    """Makes `version` champion by a run of its own; `trained`: first hour of its data, and the one after;
    `checksum`: of its artifact."""
    before = deployments.active(connection, region)
    values = deployments.parameters(
        region=region,
        version=version,
        run_id=f"earlier/{version}",
        reason="It won.",
        metrics={},
        champion_version=before.version if before else None,
        artifact_path=f"{region}/models/{version}",
        artifact_checksum=checksum,
        trained_from=trained[0],
        trained_to=trained[1],
    )
    deployments.record(connection, values)
