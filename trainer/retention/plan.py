"""What of a region's part of the store would go: a plan, from a listing and from what the database names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from trainer.contract import slug
from trainer.database.retention import Named
from trainer.store import StoredFile

OPEN_DAYS: Final = 90
"""For which a run that has not come to its end, and a version that no decision is on record of, stay whatever
the settings say: somebody may go on with it."""
_TRAINING: Final = frozenset({"candidate", "checkpoints"})
_ENDS: Final = frozenset({"publish", "refit"})
"""Steps that are a run's last on its own files. A training ends with the decision on it, which the database
has."""


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long things stay that nothing names. `moment`: what ages are counted to, aware."""

    moment: datetime
    keep_champions: int
    training_days: int
    """Of runs that trained a candidate."""
    run_days: int
    """Of other runs."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A run or a published version, with all of its files."""

    path: str
    """Relative to the store."""
    files: tuple[StoredFile, ...]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    def parts(self, file: StoredFile) -> list[str]:
        """The file's path within the folder."""
        return file.path.removeprefix(f"{self.path}/").split("/")

    def older_than(self, days: int, moment: datetime) -> bool:
        """By its youngest file: a run that is cleared and goes on is young again."""
        return all(file.written < moment - timedelta(days=days) for file in self.files)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would go of a region, and what all of it takes."""

    versions: tuple[Folder, ...]
    runs: tuple[Folder, ...]
    bytes: int
    """Of the region's whole part of the store, before."""

    @property
    def freed(self) -> int:
        return sum(folder.bytes for folder in (*self.versions, *self.runs))


def make_plan(region: str, files: Iterable[StoredFile], named: Named, retention: Retention) -> Plan:
    """Nothing that `named` keeps, that is young, or that a run in progress may want, is in it."""
    found = list(files)
    kept = {slug(run_id) for run_id in named.kept_runs}
    decided = {slug(run_id) for run_id in named.decided_runs}
    return Plan(
        versions=tuple(
            version
            for version in _folders(found, f"{region}/models/")
            if _version_goes(version, named, retention.moment)
        ),
        runs=tuple(
            run
            for run in _folders(found, f"{region}/runs/")
            if run.name not in kept and run_goes(run, run.name in decided, retention)
        ),
        bytes=sum(file.bytes for file in found),
    )


def run_goes(run: Folder, decided: bool, retention: Retention) -> bool:
    """Whether a run that made no kept version is old enough. decided: its decision is on record."""
    if not decided and _is_open(run):
        return run.older_than(max(OPEN_DAYS, retention.training_days), retention.moment)
    if not manifests(run):  # what a removal that was cut off has left
        return run.older_than(min(retention.training_days, retention.run_days), retention.moment)
    trained = any(run.parts(file)[0] in _TRAINING for file in run.files)
    return run.older_than(retention.training_days if trained else retention.run_days, retention.moment)


def _version_goes(version: Folder, named: Named, moment: datetime) -> bool:
    if version.name in named.versions:
        return False
    if version.name in named.retired:
        return True
    # Published and never recorded: its run was cut off, or somebody trained it by hand. Where no champion is
    # on record at all, this may be the store of another database.
    return named.champion_path is not None and version.older_than(OPEN_DAYS, moment)


def _is_open(run: Folder) -> bool:
    """Whether the run has frozen its data and not come to its end: searching, training, waiting for a GPU,
    for a decision or for PostgreSQL."""
    steps = {name.removesuffix(".json") for name in manifests(run)}
    return "snapshot" in steps and not steps & _ENDS


def manifests(run: Folder) -> list[str]:
    """The names of the run's manifests, the snapshot's first: without it a run is not open."""
    names = (run.parts(file)[0] for file in run.files if len(run.parts(file)) == 1)
    return sorted(
        (name for name in names if name.endswith(".json")), key=lambda name: (name != "snapshot.json", name)
    )


def _folders(files: Iterable[StoredFile], prefix: str) -> list[Folder]:
    by_name: Mapping[str, list[StoredFile]] = defaultdict(list)
    for file in files:
        if file.path.startswith(prefix):
            by_name[file.path.removeprefix(prefix).split("/", 1)[0]].append(file)
    return [Folder(path=f"{prefix}{name}", files=tuple(held)) for name, held in sorted(by_name.items())]
