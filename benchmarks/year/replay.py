"""A year of a region's runs, day by day: the daily forecast, each Sunday a training and its refit, each
Saturday housekeeping."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any, Final
from unittest.mock import patch

import pandas as pd
import psycopg
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from benchmarks.year.dag_run import SUCCESS, Ended, in_this_process, run_dag
from benchmarks.year.site import Site
from benchmarks.year.sizes import Sample
from demand_forecast.tasks.local import LocalTrainerOperator
from stack.state import REPOSITORY

EFFORT: Final = {"lookback_days": 400, "holdout_days": 28, "trials": 1, "epochs": 1}
"""Small models, so that a year takes an hour; what they leave behind is of the usual size."""
_SATURDAY, _SUNDAY = 5, 6
_DATED: Final = {
    "model_deployments": ("decided_at", "archived_at"),
    "shadow_models": ("added_at", "removed_at", "compared_at"),
}
"""By table the columns that the clock fills in."""
_DAILY, _WEEKLY, _TIDYING = clock(0, 30), clock(3), clock(5)


@dataclass
class Year:
    """What was found of it."""

    days: int = 0
    trainings: int = 0
    promotions: int = 0
    refits: int = 0
    failures: dict[str, dict[str, str]] = field(default_factory=dict)
    """By run the tasks that failed."""
    samples: list[Sample] = field(default_factory=list)
    """By week."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Of wall time, by DAG."""


class Replay:
    """`first`: the first day's local midnight, aware. `effort`: what a training is told; there is one every
    `weeks` weeks, on a Sunday."""

    def __init__(
        self,
        here: Site,
        first: datetime,
        days: int,
        say: Callable[[str], None] = print,
        *,
        effort: Mapping[str, Any] = EFFORT,
        weeks: int = 1,
    ) -> None:
        self._here = here
        self._first = first
        self._days = days
        self._say = say
        self._effort = effort
        self._weeks = weeks
        self._dags: Mapping[str, DAG] = DagBag(str(REPOSITORY / "dags")).dags
        self.year = Year()

    def run(self) -> Year:
        """The first day is a training, so that there is a champion to forecast with."""
        log = self._here.state.log("year")
        with (
            patch.object(LocalTrainerOperator, "_run", in_this_process),
            log.open("w") as file,
            redirect_stdout(file),
            redirect_stderr(file),
        ):
            self._here.write_source(self._first)
            self._run("data_ingestion", self._first)
            self._retrain(self._first)
            for day in range(self._days):
                self._day(self._first + timedelta(days=day), day)
                self.year.days += 1
                if day % 7 == 0 or day == self._days - 1:
                    self._sample(day)
        return self.year

    def _day(self, midnight: datetime, day: int) -> None:
        local = midnight.astimezone(self._here.region.zone).date()

        def at(moment: clock) -> datetime:
            return datetime.combine(local, moment, self._here.region.zone)

        self._here.write_source(at(_DAILY))
        self._run("daily_forecast", at(_DAILY))
        if local.weekday() == _SUNDAY and day // 7 % self._weeks == 0:
            self._here.write_source(at(_WEEKLY))
            self._retrain(at(_WEEKLY))
        if local.weekday() == _SATURDAY:
            self._run("housekeeping", at(_TIDYING))

    def _retrain(self, moment: datetime) -> None:
        ended = self._run("weekly_retrain", moment, self._effort)
        self.year.trainings += 1
        self.year.promotions += ended.states.get("record_deployment") == SUCCESS

    def _run(self, dag: str, moment: datetime, conf: Mapping[str, Any] | None = None) -> Ended:
        began = time.perf_counter()
        ended = run_dag(self._dags[f"{dag}_{self._here.region.name}"], moment, conf=conf)
        self.year.seconds[dag] = self.year.seconds.get(dag, 0) + time.perf_counter() - began
        if ended.failures:
            self.year.failures[f"{dag} {moment.isoformat()}"] = ended.failures
        self._put_back(moment)
        for other in ended.started:
            name = other.dag_id.removesuffix(f"_{self._here.region.name}")
            if name == "weekly_retrain":
                self._retrain(moment)
            else:
                self.year.refits += 1
                self._run(name, moment, {key: other.conf[key] for key in other.conf if key == "as_of"})
        return ended

    def _put_back(self, moment: datetime) -> None:
        """Dates what this run left by its moment: the store's files and the decisions, whose age
        housekeeping and the watch over drift go by, and the shadows, whose age pages tell."""
        stamp, today = moment.timestamp(), time.time() - 86_400
        for path in self._here.store.rglob("*"):
            if path.is_file() and path.stat().st_mtime > today:
                os.utime(path, (stamp, stamp))
        values = {"moment": moment, "today": datetime.fromtimestamp(today, UTC)}
        with psycopg.connect(self._here.database) as connection:
            for table, columns in _DATED.items():
                for column in columns:
                    connection.execute(
                        f"UPDATE {table} SET {column} = %(moment)s WHERE {column} > %(today)s".encode(),
                        values,
                    )

    def _sample(self, day: int) -> None:
        here = self._here
        sample = Sample.take(
            day,
            store=here.store,
            database=here.database,
            influxdb=here.state.folder / "influxdb",
            mlflow=here.state.folder / "mlflow",
        )
        self.year.samples.append(sample)
        self._say(
            f"day {day}: {sample.resident / 2**20:.0f} MB, {sample.open_files} files, "
            f"{sample.connections} connections, store {sample.store / 2**20:.0f} MB"
        )


def errors_by_week(database: str, region: str) -> dict[str, float]:
    """MAPE in percent of the daily forecasts as they were scored, by the first day of each seven (UTC)."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT window_start, mape FROM model_metrics WHERE region = %s AND scope = 'score' "
            "AND product = '' AND lead_time = 0 AND mape IS NOT NULL ORDER BY window_start",
            (region,),
        ).fetchall()
    days = pd.DatetimeIndex([start for start, _ in rows])
    by_week = pd.Series([float(mape) for _, mape in rows], index=days).resample("7D").mean().dropna()
    weeks = pd.DatetimeIndex(by_week.index).strftime("%Y-%m-%d")
    return dict(zip(weeks, by_week.round(3).tolist(), strict=True))
