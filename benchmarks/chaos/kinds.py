"""The kinds of faults, and the DAG whose run each is done to."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

from benchmarks.chaos.faults import airflow_processes as airflow
from benchmarks.chaos.faults import answers, clocks, files, servers
from benchmarks.chaos.faults.verbs import killed
from benchmarks.chaos.injection import Fault, Injection


@dataclass(frozen=True)
class Kind:
    done: Fault
    dag: str = "daily_forecast"
    twice: bool = False
    """Two runs for the same moment, at once."""
    spoils_champion: bool = False
    """Whoever reads the champion's files meanwhile cannot forecast with them."""
    needs_mounts: bool = False
    needs_compiler: bool = False


def _only_begun_twice(_: Injection) -> AbstractContextManager[None]:
    return nullcontext()


_VERBS: Final = ("ingest", "snapshot", "forecast", "publish", "score")
DAILY: Final[Mapping[str, Kind]] = {
    **{f"{verb} killed": Kind(killed(verb)) for verb in _VERBS},
    "PostgreSQL restarted": Kind(servers.postgres_restarted),
    "PostgreSQL away for seconds": Kind(servers.postgres_away),
    "PostgreSQL out of connections": Kind(servers.postgres_full),
    "InfluxDB stopped": Kind(servers.influxdb_stopped),
    "InfluxDB frozen": Kind(servers.influxdb_frozen),
    "InfluxDB answers 401, 413, 429 or 503": Kind(answers.influxdb_refuses),
    "InfluxDB cuts its answers": Kind(answers.influxdb_cuts_answers),
    "champion's folder lost": Kind(files.champion_lost, spoils_champion=True),
    "a byte of the champion flipped": Kind(files.byte_flipped, spoils_champion=True),
    "store read-only": Kind(files.store_read_only, needs_mounts=True),
    "store full": Kind(files.store_full, needs_mounts=True),
    "source cut off": Kind(files.source_cut),
    "clock a day off": Kind(clocks.clock_a_day_off, needs_compiler=True),
    "two daily runs at once": Kind(_only_begun_twice, twice=True),
    "announcement of a rollback killed": Kind(killed("announce"), dag="rollback_model"),
}
WEEKLY: Final[Mapping[str, Kind]] = {
    **{
        f"{verb} killed": Kind(killed(verb, within=4), dag="weekly_retrain")
        for verb in ("search", "train", "evaluate")
    },
    "promote killed": Kind(killed("promote", within=0.5), dag="weekly_retrain"),
    "MLflow away": Kind(servers.mlflow_away, dag="weekly_retrain"),
    "PostgreSQL restarted in a training": Kind(servers.postgres_restarted, dag="weekly_retrain"),
    "two trainings at once": Kind(_only_begun_twice, dag="weekly_retrain", twice=True),
}

AIRFLOW: Final[Mapping[str, Kind]] = {
    "Airflow's scheduler killed": Kind(airflow.component_killed("airflow-scheduler")),
    "Airflow's scheduler and its workers killed": Kind(airflow.container_killed("airflow-scheduler")),
    "Airflow's worker killed": Kind(airflow.worker_killed()),
    "Airflow's task killed": Kind(airflow.task_killed()),
    "Airflow's DAG processor killed": Kind(airflow.container_killed("airflow-dag-processor")),
    "Airflow's triggerer killed": Kind(airflow.container_killed("airflow-triggerer")),
    "Airflow's API server killed": Kind(airflow.container_killed("airflow-api-server")),
}
"""Done to daily runs that Airflow's own processes make."""


def possible(kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    """Those that this user may do on this machine."""
    mounts, compiler = files.mounts_are_allowed(), clocks.clocks_can_be_wrong()
    return {
        name: kind
        for name, kind in kinds.items()
        if (mounts or not kind.needs_mounts) and (compiler or not kind.needs_compiler)
    }
