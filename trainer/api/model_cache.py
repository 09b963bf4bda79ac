"""The champions in memory: followed through the deployments, loaded beside the old ones, then swapped."""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import pandas as pd
from psycopg.rows import dict_row

from trainer.api.forecasting import Artifact
from trainer.api.problems import Problem
from trainer.api.read.database import Connection
from trainer.contract import TURNED_AWAY, Region
from trainer.errors import ArtifactError, DemandForecastError, InfrastructureError
from trainer.model.artifact import load_artifact
from trainer.store import Store

log = logging.getLogger(__name__)

TRY_AGAIN_SECONDS: Final = 60.0
"""Before a version that could not be loaded is tried again."""
RETIRED_SECONDS: Final = 600.0
"""Before the files of a version that no longer serves are removed: forecasts under way may need them."""

# As the DAGs have it: what a forecast falls back to is the last champion of another version that no rollback
# turned away.
_CHAMPIONS: Final = f"""
    SELECT champion.region, champion.version, champion.artifact_path, champion.artifact_checksum,
           previous.version AS previous_version, previous.artifact_path AS previous_path,
           previous.artifact_checksum AS previous_checksum
    FROM model_deployments AS champion
    LEFT JOIN LATERAL (
        SELECT version, artifact_path, artifact_checksum FROM model_deployments AS earlier
        WHERE earlier.region = champion.region AND earlier.status = 'archived'
          AND earlier.version <> champion.version AND earlier.files_removed_at IS NULL
          AND (earlier.region, earlier.version) NOT IN ({TURNED_AWAY})
        ORDER BY id DESC LIMIT 1
    ) AS previous ON true
    WHERE champion.status = 'active'
"""


@dataclass(frozen=True)
class Deployed:
    """A published version as the deployments table names it."""

    version: str
    path: str
    """Relative to the store."""
    checksum: str


@dataclass(frozen=True)
class Loaded:
    """A version whose files are here and were found whole: what happens to the store does not touch it."""

    deployed: Deployed
    artifact: Artifact
    region: Region
    """As the model was trained for it."""
    train_until: pd.Timestamp


@dataclass(frozen=True)
class ServedModel:
    """What stands ready for one region. Never changed, only replaced, so that a forecast under way keeps
    the model that it began with."""

    champion: Deployed
    loaded: Loaded | None
    """The champion; when it cannot be loaded the version before it, None when that cannot be either."""
    reasons: tuple[str, ...] = ()
    """Why it is not the champion that serves."""
    tried_at: float = 0.0
    """time.monotonic of the last attempt to load the champion."""

    @property
    def fallback(self) -> Literal["none", "previous", "baseline"]:
        if self.loaded is None:
            return "baseline"
        return "none" if self.loaded.deployed == self.champion else "previous"


class ModelCache:
    """Loads the champions and follows promotions, in a thread of its own."""

    def __init__(
        self,
        *,
        connect: Callable[[], AbstractContextManager[Connection]],
        store: Store,
        every_seconds: float = 5.0,
    ) -> None:
        self._connect = connect
        self._store = store
        self._every = every_seconds
        self._served: Mapping[str, ServedModel] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="model-cache", daemon=True)
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._retired: list[tuple[float, Path]] = []
        self._passed_at: float | None = None
        self.database_fault: str | None = "not asked yet"
        self.store_fault: str | None = "not asked yet"

    def start(self) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="demand-forecast-models-")
        self._thread.start()

    def stop(self) -> None:
        """Waits for the pass under way and removes the copies of the models."""
        self._ended.set()
        self._thread.join()
        if self._scratch:
            self._scratch.cleanup()

    @property
    def served(self) -> Mapping[str, ServedModel]:
        return self._served

    @property
    def ready(self) -> bool:
        """Whether the deployments were read once."""
        return self._passed_at is not None

    @property
    def silent_seconds(self) -> float:
        """Since the last pass ended, good or bad; infinite before the first."""
        return float("inf") if self._passed_at is None else time.monotonic() - self._passed_at

    def _refresh(self) -> None:
        """One pass: reads the deployments and loads what is new. Leaves what serves when a server is away."""
        try:
            self._store.names("")
            self.store_fault = None
        except InfrastructureError as error:
            self.store_fault = str(error)
            log.warning("%s", error)
        try:
            with self._connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
                rows = cursor.execute(_CHAMPIONS).fetchall()
        except Problem as problem:
            self.database_fault = problem.detail
            log.warning("models stay as they are: %s", problem.detail)
            return
        self.database_fault = None
        served = dict(self._served)
        for row in rows:
            champion = Deployed(row["version"], row["artifact_path"], row["artifact_checksum"])
            previous = None
            if row["previous_version"]:
                previous = Deployed(row["previous_version"], row["previous_path"], row["previous_checksum"])
            served[row["region"]] = self._served_from(served.get(row["region"]), champion, previous)
            self._swap(served)  # one region need not wait for the next one's files
        champions = {row["region"] for row in rows}
        self._swap({name: model for name, model in served.items() if name in champions})
        self._remove_retired()

    def _served_from(
        self, now: ServedModel | None, champion: Deployed, previous: Deployed | None
    ) -> ServedModel:
        if (
            now
            and now.champion == champion
            and (now.fallback == "none" or time.monotonic() - now.tried_at < TRY_AGAIN_SECONDS)
        ):
            return now
        try:
            loaded = self._load(champion)
        except DemandForecastError as error:
            reasons = (f"{champion.version} cannot be loaded: {error}",)
        else:
            log.info("serving %s", champion.version)
            return ServedModel(champion, loaded)
        log.warning("%s", reasons[0])
        model = ServedModel(champion, None, reasons, time.monotonic())
        in_memory = now.loaded if now else None
        if previous is None:
            return model
        if in_memory and in_memory.deployed == previous:
            return replace(model, loaded=in_memory)
        try:
            return replace(model, loaded=self._load(previous))
        except DemandForecastError as error:
            log.warning("%s cannot be loaded either: %s", previous.version, error)
            return replace(model, reasons=(*reasons, f"{previous.version} cannot be loaded: {error}"))

    def _swap(self, served: Mapping[str, ServedModel]) -> None:
        def folders(of: Mapping[str, ServedModel]) -> set[Path]:
            return {model.loaded.artifact.folder for model in of.values() if model.loaded}

        gone = folders(self._served) - folders(served)
        self._served = dict(served)
        self._retired += [(time.monotonic(), folder) for folder in gone]

    def _remove_retired(self) -> None:
        due = time.monotonic() - RETIRED_SECONDS
        for _, folder in [entry for entry in self._retired if entry[0] < due]:
            shutil.rmtree(folder, ignore_errors=True)
        self._retired = [entry for entry in self._retired if entry[0] >= due]

    def _load(self, deployed: Deployed) -> Loaded:
        assert self._scratch is not None
        copy = Path(tempfile.mkdtemp(prefix=f"{deployed.version}-", dir=self._scratch.name))
        try:
            # With the twin, which is rarely asked for: the store may go away from here on.
            with self._store.download(deployed.path) as folder:
                for file in folder.iterdir():
                    shutil.copyfile(file, copy / file.name)
            # The copy is what is judged: it is what will be used.
            forecaster = load_artifact(copy, checksum=deployed.checksum)
        except BaseException as error:
            shutil.rmtree(copy, ignore_errors=True)
            if isinstance(error, FileNotFoundError):
                raise ArtifactError(f"its files are not in the store: {error}") from error
            if isinstance(error, OSError):
                raise InfrastructureError(f"its files cannot be copied to {copy}: {error}") from error
            raise
        artifact = Artifact(copy, deployed.checksum)
        return Loaded(deployed, artifact, forecaster.region, forecaster.training.train_until)

    def _follow(self) -> None:
        while True:
            try:
                self._refresh()
            except Exception:
                # The thread must outlive whatever one artifact or one row does to it.
                log.exception("following the deployments failed; trying again")
            self._passed_at = time.monotonic()
            if self._ended.wait(self._every):
                return
