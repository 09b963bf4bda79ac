"""What a region leaves behind, measured and by the formula of docs/year.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil
import psycopg

MB: Final = 2**20
_SQL: Final = """
    SELECT relname, pg_total_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class Sample:
    """One moment of the replay; sizes in bytes."""

    day: int
    resident: int
    """Of this process."""
    open_files: int
    connections: int
    """To PostgreSQL, of everybody."""
    store: int
    tables: int
    influxdb: int
    mlflow: int

    @classmethod
    def take(cls, day: int, *, store: Path, database: str, influxdb: Path, mlflow: Path) -> Sample:
        process = psutil.Process()
        with psycopg.connect(database) as connection:
            counted = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid()"
            ).fetchone()
        assert counted is not None  # a count is a row
        return cls(
            day=day,
            resident=process.memory_info().rss,
            open_files=process.num_fds(),
            connections=counted[0],
            store=folder_bytes(store),
            tables=sum(table_bytes(database).values()),
            influxdb=folder_bytes(influxdb),
            mlflow=folder_bytes(mlflow),
        )

    def to_dict(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Units:
    """What one of each takes in the store, in bytes."""

    model: float
    """A published version."""
    training: float
    """A weekly run's folder: candidate, snapshot, pictures, manifests."""
    refit: float
    """A refit's run."""
    daily: float
    """A daily run's folder."""

    @classmethod
    def measured(cls, region_folder: Path) -> Units:
        """The mean of what is there. Raises ValueError where there is none of a kind."""
        kinds: dict[str, list[int]] = {"model": [], "training": [], "refit": [], "daily": []}
        for run in (region_folder / "runs").iterdir():
            kind = {"weekly": "training", "refit": "refit", "daily": "daily"}.get(run.name.split("_")[0])
            if kind:
                kinds[kind].append(folder_bytes(run))
        kinds["model"] = [folder_bytes(model) for model in (region_folder / "models").iterdir()]
        if missing := [kind for kind, found in kinds.items() if not found]:
            raise ValueError(f"{region_folder} holds no {' or '.join(missing)} to measure")
        return cls(**{kind: sum(found) / len(found) for kind, found in kinds.items()})


def store_by_formula(units: Units, kept: Mapping[str, int], *, weeks: int, promotions: int) -> float:
    """Bytes of a region's part of the store once a year has gone by, after housekeeping and one more Sunday.

    kept: keep_champions, keep_training_days, keep_run_days. Beside the earlier champions stay the one that
    serves, the model that was judged before its refits, and that Sunday's; beside the runs of the last days
    those that made these versions. Each week has a training and a refit, and `promotions` of the trainings
    made a champion.
    """
    versions = kept["keep_champions"] + 3
    share = promotions / (promotions + weeks)
    trainings, refits = kept["keep_training_days"] // 7 + 1, kept["keep_run_days"] // 7 + 1
    trainings_kept = trainings + max(0.0, versions * share - trainings * promotions / weeks)
    refits_kept = max(float(refits), versions * (1 - share))
    return (
        versions * units.model
        + trainings_kept * units.training
        + refits_kept * units.refit
        + (kept["keep_run_days"] + 1) * units.daily
    )


def table_bytes(database: str) -> dict[str, int]:
    """Of each of the trainer's tables, its indexes included."""
    with psycopg.connect(database) as connection:
        return dict(connection.execute(_SQL).fetchall())


def folder_bytes(folder: Path) -> int:
    """Of all files below; 0 for a folder that is not there."""
    total = 0
    for path in folder.rglob("*"):
        try:
            if path.is_file() and not path.is_symlink():
                total += path.stat().st_size
        except FileNotFoundError:  # a server tidies up meanwhile
            continue
    return total
