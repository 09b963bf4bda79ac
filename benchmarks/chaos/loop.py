"""Days of runs of two regions, each with a fault; then the run is cleared until it is green, and the site is
looked at."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any, Final
from unittest.mock import patch

import pandas as pd
import psycopg
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from benchmarks.airflow_runs import AirflowRuns
from benchmarks.chaos.injection import Injection
from benchmarks.chaos.invariants import look
from benchmarks.chaos.kinds import Kind
from benchmarks.chaos.outcome import Outcome
from benchmarks.chaos.reader import Reader, reading
from benchmarks.chaos.told_secrets import watched_processes
from benchmarks.year.dag_run import Ended, in_this_process, run_dag
from benchmarks.year.site import Site
from demand_forecast.alerts import notify
from demand_forecast.tasks.local import LocalTrainerOperator
from stack.state import REPOSITORY
from trainer.contract.local_days import day_ahead_hours

EFFORT: Final = {
    **{"lookback_days": 200, "holdout_days": 14, "trials": 1, "epochs": 1, "force_promote": True},
    "search_every_days": 0,  # each training has a search to be killed
}
_CLEARED: Final = 3
"""Times that a run is cleared before it counts as not recovering."""
_TRIES: Final = 4
"""Days on which a fault is tried that came too late for what it was meant for."""


class Chaos:
    """`first`: the first day's local midnight, aware. All of it is done within `hushed`."""

    def __init__(
        self, here: Site, first: datetime, chance: random.Random, say: Callable[[str], None]
    ) -> None:
        self._sites = (here, here.other)
        self._midnight = first
        self._chance = chance
        self._say = say
        self._alerts: list[str] = []
        self._dags: Mapping[str, DAG] = DagBag(str(REPOSITORY / "dags")).dags
        self._airflow: AirflowRuns | None = None
        self._told_by_processes: set[str] = set()
        self.outcomes: dict[str, Outcome] = {}
        """By kind of fault, as far as the run has come."""
        self.reader = Reader(here, pd.Timestamp(first.astimezone(UTC)))

    def run(self, kinds: Mapping[str, Kind], injections: int, airflow: AirflowRuns | None = None) -> None:
        """`injections` of each of `kinds`, in a new order each time, in either region; none of them, none
        in the outcomes. `airflow`: makes the runs, where its own processes are what is broken."""
        self._airflow = airflow
        if injections:
            self.outcomes |= {name: Outcome(name) for name in kinds}
        with reading(self.reader), watched_processes(self._sites[0]) as self._told_by_processes:
            for _ in range(injections):
                for name in self._chance.sample(sorted(kinds), len(kinds)):
                    here = self._chance.choice(self._sites)
                    for tried in range(_TRIES):
                        if self._inject(self.outcomes[name], kinds[name], here, tried):
                            break

    def prepare(self) -> None:
        """A champion of each region, and one before it.

        Nothing is broken yet, so that the verbs need no processes: starting those, each of which imports
        torch, takes eight times as long as what they do.
        """
        with patch.object(LocalTrainerOperator, "_run", in_this_process):
            for _ in range(2):
                for here in self._sites:
                    here.write_source(self._midnight)
                    for dag in ("data_ingestion", "weekly_retrain"):
                        ended = self._run(here, dag, self._midnight, _conf(here, dag))
                        if ended.failures:
                            raise RuntimeError(f"no site to break: {ended.failures}")
                self._midnight += timedelta(days=1)

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """What the runs say goes into a log; alerts are kept, and leave the machine nowhere."""
        log = self._sites[0].state.log("chaos")
        with (
            log.open("a") as file,
            redirect_stdout(file),
            redirect_stderr(file),
            patch.object(notify, "send", self._heard),
        ):
            yield

    def _inject(self, outcome: Outcome, kind: Kind, here: Site, tried: int) -> bool:
        """Whether the fault came to pass; `tried`: times that it did not, just before."""
        self._midnight += timedelta(days=1)
        at = datetime.combine(self._midnight.date(), clock(0, 30), here.region.zone)
        here.write_source(at)
        origin = pd.Timestamp(at.astimezone(UTC)).floor("h")
        self.reader.origin = origin
        one = Injection(here, random.Random(self._chance.random()), at, tried=tried)
        if kind.dag != "daily_forecast":
            self._until_green(here, "daily_forecast", at, {})
        conf = _conf(here, kind.dag)
        self._alerts.clear()
        self.reader.refused.clear()
        with kind.done(one), ThreadPoolExecutor() as pool:
            runs = [
                pool.submit(self._run, here, kind.dag, at, conf, one.environ)
                for _ in range(2 if kind.twice else 1)
            ]
            ended = [run.result() for run in runs][-1]
        mended = one.since or time.perf_counter()
        told = [*_told(ended), *self._alerts]
        if self._airflow:
            told += [f"{name} tried again" for name in self._airflow.tried_again]
        refused = [] if kind.spoils_champion else list(self.reader.refused)
        ended = self._until_green(here, kind.dag, at, conf, ended)
        # Each hour's delivers what is owed to InfluxDB.
        run_dag(self._dags[f"data_ingestion_{here.region.name}"], at + timedelta(minutes=40))
        outcome.seconds.append(round(time.perf_counter() - mended, 1))
        outcome.injected += one.hit
        outcome.told += [text for text in told if text not in outcome.told]
        outcome.unread += refused
        found = look(here, origin, day_ahead_hours(origin, here.region))
        found.told_secrets += sorted(self._told_by_processes)
        self._told_by_processes.clear()
        outcome.add(found)
        if ended.failures:
            outcome.half_done.append(f"{at.date()}: not green after {_CLEARED} clearings: {ended.failures}")
        happened = ", ".join(one.notes) if one.hit else "missed"
        self._say(
            f"{at.date()} {here.region.name} {outcome.fault} ({happened}): "
            f"{', '.join(told) or 'nothing told'}; {found}{f'; unread {refused}' if refused else ''}"
        )
        return one.hit

    def _until_green(
        self, here: Site, dag: str, at: datetime, conf: Mapping[str, Any], ended: Ended | None = None
    ) -> Ended:
        """The run, cleared and run again while a task of it fails."""
        ended = ended or self._run(here, dag, at, conf)
        for _ in range(_CLEARED):
            if not ended.failures:
                break
            ended = self._run(here, dag, at, conf)
        return ended

    def _run(
        self,
        here: Site,
        dag: str,
        moment: datetime,
        conf: Mapping[str, Any] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Ended:
        name = f"{dag}_{here.region.name}"
        if self._airflow:
            return self._airflow.run(name, moment, conf or {})
        return run_dag(self._dags[name], moment, conf=conf, environ=environ)

    def _heard(self, title: str, *_: Any, **__: Any) -> None:
        """In the place of `notify.send`: no alert leaves the machine, and its title is kept."""
        self._alerts.append(title.partition(": ")[2])


def _conf(here: Site, dag: str) -> dict[str, Any]:
    """What an operator would trigger `dag` with."""
    if dag == "weekly_retrain":
        return EFFORT
    if dag == "rollback_model":
        return {"version": _before(here), "reason": "a fault is tried"}
    return {}


def _before(here: Site) -> str:
    """The champion before the one that serves."""
    with psycopg.connect(here.database) as connection:
        row = connection.execute(
            "SELECT version FROM model_deployments WHERE region = %s AND files_removed_at IS NULL "
            "AND status NOT IN ('active', 'rejected') ORDER BY decided_at DESC LIMIT 1",
            (here.region.name,),
        ).fetchone()
    assert row is not None  # two champions are made before the first fault
    return str(row[0])


def _told(ended: Ended) -> list[str]:
    told = [f"{name} failed" for name, state in ended.failures.items() if state.startswith("failed")]
    made = ended.facts("forecast") if "forecast" in ended.results else {}
    if (fallback := made.get("fallback", "none")) != "none":
        told.append(f"fallback {fallback}")
    return told
