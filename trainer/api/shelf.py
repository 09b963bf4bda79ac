"""The champions in memory: followed through the deployments, loaded beside the old ones, then swapped."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final

from psycopg.rows import dict_row

from trainer.api.problems import Problem
from trainer.api.read.database import Connection
from trainer.api.read.shapes import Fallback
from trainer.errors import ArtifactError, DemandForecastError, InfrastructureError
from trainer.model.artifact import load_artifact
from trainer.model.forecaster import Forecaster
from trainer.store import Store

log = logging.getLogger(__name__)

TRY_AGAIN_SECONDS: Final = 60.0
"""Before a version that could not be loaded is tried again."""

# As promotion.py's side has it: what a forecast falls back to is the last champion of another version.
_CHAMPIONS: Final = """
    SELECT champion.region, champion.version, champion.artifact_path, champion.artifact_checksum,
           previous.version AS previous_version, previous.artifact_path AS previous_path,
           previous.artifact_checksum AS previous_checksum
    FROM model_deployments AS champion
    LEFT JOIN LATERAL (
        SELECT version, artifact_path, artifact_checksum FROM model_deployments AS earlier
        WHERE earlier.region = champion.region AND earlier.status = 'archived'
          AND earlier.version <> champion.version
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
    deployed: Deployed
    forecaster: Forecaster


@dataclass(frozen=True)
class Place:
    """What stands ready for one region. Never changed, only replaced, so that a forecast under way keeps
    the model that it began with."""

    champion: Deployed
    serving: Loaded | None
    """The champion; when it cannot be loaded the version before it, None when that cannot be either."""
    reasons: tuple[str, ...] = ()
    """Why it is not the champion that serves."""
    tried_at: float = 0.0
    """time.monotonic of the last attempt to load the champion."""

    @property
    def fallback(self) -> Fallback:
        if self.serving is None:
            return "baseline"
        return "none" if self.serving.deployed == self.champion else "previous"


class Shelf:
    """Loads the champions and follows promotions, in a thread of its own."""

    def __init__(
        self,
        *,
        connect: Callable[[], AbstractContextManager[Connection]],
        store: Store,
        device: str = "auto",
        every_seconds: float = 5.0,
    ) -> None:
        self._connect = connect
        self._store = store
        self._device = device
        self._every = every_seconds
        self._places: Mapping[str, Place] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="shelf", daemon=True)
        self._passed_at: float | None = None
        self.database_fault: str | None = "not asked yet"
        self.store_fault: str | None = "not asked yet"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def places(self) -> Mapping[str, Place]:
        return self._places

    @property
    def ready(self) -> bool:
        """Whether the deployments were read once."""
        return self._passed_at is not None

    @property
    def silent_seconds(self) -> float:
        """Since the last pass ended, good or bad; infinite before the first."""
        return float("inf") if self._passed_at is None else time.monotonic() - self._passed_at

    def refresh(self) -> None:
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
        places = dict(self._places)
        for row in rows:
            champion = Deployed(row["version"], row["artifact_path"], row["artifact_checksum"])
            previous = None
            if row["previous_version"]:
                previous = Deployed(row["previous_version"], row["previous_path"], row["previous_checksum"])
            places[row["region"]] = self._placed(places.get(row["region"]), champion, previous)
            self._places = dict(places)  # one region need not wait for the next one's files
        served = {row["region"] for row in rows}
        self._places = {name: place for name, place in places.items() if name in served}

    def _placed(self, now: Place | None, champion: Deployed, previous: Deployed | None) -> Place:
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
            return Place(champion, loaded)
        log.warning("%s", reasons[0])
        place = Place(champion, None, reasons, time.monotonic())
        in_memory = now.serving if now else None
        if previous is None or (in_memory and in_memory.deployed == previous):
            return replace(place, serving=in_memory)
        try:
            return replace(place, serving=self._load(previous))
        except DemandForecastError as error:
            log.warning("%s cannot be loaded either: %s", previous.version, error)
            return replace(place, reasons=(*reasons, f"{previous.version} cannot be loaded: {error}"))

    def _load(self, deployed: Deployed) -> Loaded:
        try:
            with self._store.download(deployed.path) as folder:
                forecaster = load_artifact(folder, self._device, checksum=deployed.checksum)
        except FileNotFoundError as error:
            raise ArtifactError(f"its files are not in the store: {error}") from error
        return Loaded(deployed, forecaster)

    def _follow(self) -> None:
        while True:
            try:
                self.refresh()
            except Exception:
                # The thread must outlive whatever one artifact or one row does to it.
                log.exception("following the deployments failed; trying again")
            self._passed_at = time.monotonic()
            if self._ended.wait(self._every):
                return
