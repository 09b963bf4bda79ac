"""A region's weeks in a store and a database, as the DAGs leave them, with files as old as one likes."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg

from demand_forecast.promotion import deployments
from demand_forecast.promotion.deployment_rows import Deployment, read_rows
from demand_forecast.tasks.manifests import ManifestError, verify_artifact
from tests.artifacts import leave_artifact
from trainer.contract import Manifest, Region, model_folder
from trainer.database.snapshots import SnapshotRow, record_snapshot
from trainer.steps.housekeeping import housekeeping
from trainer.store import Run, Store, folder_url

NOW = datetime.now(UTC)
TRAINED = {"trained_from": "2017-01-01T00:00:00+00:00", "trained_to": "2020-10-01T00:00:00+00:00"}


class Killed(BaseException):
    """As a SIGKILL: nothing that catches exceptions catches it."""


def region() -> Region:
    return Region(
        name=f"T{uuid.uuid4().hex[:12]}",
        title="Test",
        timezone="Asia/Seoul",
        country="KR",
        latitude=36.5,
        longitude=127.5,
    )


@dataclass
class Upkeep:
    """What happened in the region, and what housekeeping makes of it."""

    folder: Path
    database: str
    region: Region = field(default_factory=region)

    @property
    def store(self) -> Store:
        return Store.at(self.folder)

    def run(self, run_id: str) -> Run:
        return Run(region=self.region, run_id=run_id, as_of=NOW, store=self.store)

    def daily(self, run_id: str, *, days_old: float, ended: bool = True) -> Run:
        run = self._frozen(run_id)
        run.close("forecast", started=NOW, parameters={})
        if ended:
            run.close("publish", started=NOW, parameters={})
        return self.aged(run, days_old)

    def training(self, run_id: str, *, days_old: float, mlflow_run_id: str | None = None) -> Run:
        """Trained and scored, and not decided on."""
        run = self._frozen(run_id)
        leave_artifact(self.store, f"{run.folder}/candidate")
        ref = self.store.write(f"{run.folder}/candidate/config.json", run_id.encode())
        run.close(
            "train",
            started=NOW,
            parameters={},
            outputs={"config.json": ref},
            facts={"mlflow_run_id": mlflow_run_id},
        )
        run.close("evaluate", started=NOW, parameters={}, inputs={"config.json": ref})
        return self.aged(run, days_old)

    def published(self, version: str, *, days_old: float = 100) -> str:
        path = model_folder(self.region.name, version)
        checksum = leave_artifact(self.store, path, version.encode())
        self.age(path, days_old)
        return checksum

    def promoted(self, version: str, *, over: str | None, days_old: float = 100) -> None:
        self.training(version, days_old=days_old)
        values = {**self._values(version), "champion_version": over, "metrics": {}}
        with psycopg.connect(self.database) as connection:
            deployments.record(connection, deployments.parameters(**values))  # type: ignore[arg-type]

    def refitted(self, version: str, *, parent: str, days_old: float = 100) -> None:
        run = self._frozen(version)
        run.close("refit", started=NOW, parameters={})
        self.aged(run, days_old)
        with psycopg.connect(self.database) as connection:
            connection.execute(  # each refit knows more than the one before
                "UPDATE model_deployments SET trained_to = '2020-09-01' WHERE region = %s",
                [self.region.name],
            )
            connection.commit()
            deployments.record_refit(connection, {**self._values(version), "parent": parent})

    def turned_away(self, run_id: str, *, over: str, days_old: float = 100) -> None:
        self.training(run_id, days_old=days_old)
        values = {**self._values(run_id, published=False), "champion_version": over, "metrics": {}}
        values |= {"artifact_path": None, "artifact_checksum": None}
        with psycopg.connect(self.database) as connection:
            deployments.record_rejection(connection, deployments.parameters(**values))  # type: ignore[arg-type]

    def rolled_back(self, version: str, run_id: str) -> Deployment:
        with psycopg.connect(self.database) as connection:
            return deployments.rollback(
                connection, region=self.region.name, version=version, run_id=run_id, reason="Back."
            )

    def long_ago(self, days: float = 100) -> None:
        """All decisions so far were made `days` earlier."""
        with psycopg.connect(self.database) as connection:
            connection.execute(
                "UPDATE model_deployments SET decided_at = decided_at - %(by)s, "
                "archived_at = archived_at - %(by)s WHERE region = %(region)s",
                {"by": timedelta(days=days), "region": self.region.name},
            )

    def keep_house(self, *, keep: int = 3, dry_run: bool = False) -> Manifest:
        run = self.run("housekeeping")
        return housekeeping(run, keep_champions=keep, training_days=28, run_days=28, dry_run=dry_run)

    def rows(self) -> list[Deployment]:
        with psycopg.connect(self.database) as connection:
            return read_rows(  # all of them, refits too
                connection, "region = %(region)s", {"region": self.region.name}, limit=1000
            )

    def retired(self) -> set[str]:
        return {row[0] for row in self._asked("version", "model_deployments", "files_removed_at IS NOT NULL")}

    def snapshot_paths(self) -> set[str]:
        return {row[0] for row in self._asked("path", "snapshots", "true")}

    def folders(self, kind: str) -> set[str]:
        return set(self.store.names(f"{self.region.name}/{kind}"))

    def is_whole(self, version: str) -> bool:
        for row in self.rows():
            if row.version == version and row.artifact_path:
                try:
                    verify_artifact(folder_url(self.folder), row.artifact_path, str(row.artifact_checksum))
                except ManifestError:
                    return False
        return True

    def manifests(self) -> Iterator[Manifest]:
        for file in self.store.files(f"{self.region.name}/runs"):
            if file.path.count("/") == 3 and file.path.endswith(".json"):
                yield Manifest.from_json(self.store.read(file.path).decode(), place=file.path)

    def aged(self, run: Run, days: float) -> Run:
        self.age(run.folder, days)
        return run

    def age(self, path: str, days: float) -> None:
        moment = (NOW - timedelta(days=days)).timestamp()
        for file in self.store.files(path):
            os.utime(self.folder / file.path, (moment, moment))

    def _frozen(self, run_id: str) -> Run:
        run = self.run(run_id)
        ref = self.store.write(f"{run.folder}/snapshot.parquet", run_id.encode() * 100)
        row = SnapshotRow(
            region=self.region.name,
            run_id=run_id,
            as_of=NOW,
            path=ref.path,
            sha256=ref.sha256,
            rows=1,
            first_hour=NOW,
            last_hour=NOW,
        )
        with psycopg.connect(self.database) as connection:
            record_snapshot(connection, row)
        run.close("snapshot", started=NOW, parameters={}, outputs={"snapshot.parquet": ref})
        return run

    def _values(self, version: str, *, published: bool = True) -> dict[str, Any]:
        return {
            "region": self.region.name,
            "version": version,
            "run_id": version,
            "reason": "Better.",
            "artifact_path": model_folder(self.region.name, version),
            "artifact_checksum": self.published(version) if published else None,
            **TRAINED,
        }

    def _asked(self, column: str, table: str, where: str) -> list[tuple[Any, ...]]:
        query = f"SELECT {column} FROM {table} WHERE region = %s AND {where}"
        with psycopg.connect(self.database) as connection:
            return connection.execute(query.encode(), [self.region.name]).fetchall()


@contextmanager
def killed_after(removals: int) -> Iterator[None]:
    """Any file or folder that is removed after so many kills the process that removes it."""
    left = removals

    def dying(real: Any) -> Any:
        def remove(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return real(*arguments, **options)

        return remove

    with (
        mock.patch("os.unlink", dying(os.unlink)),
        mock.patch("os.remove", dying(os.remove)),
        mock.patch("os.rmdir", dying(os.rmdir)),
    ):
        yield
