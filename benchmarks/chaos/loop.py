"""Days of runs, each with a fault; then the run is cleared until it is green, and the site looked at."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any, Final
from unittest.mock import patch

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from benchmarks.chaos.faults import AT_ONCE, DAILY, WEEKLY, Fault, Injection
from benchmarks.chaos.invariants import look
from benchmarks.year.dag_run import Ended, run_dag
from benchmarks.year.site import Site
from demand_forecast.alerts import notify
from stack.state import REPOSITORY
from trainer.contract.local_days import day_ahead_hours

EFFORT: Final = {"lookback_days": 200, "holdout_days": 14, "trials": 1, "epochs": 1, "force_promote": True}
_CLEARED: Final = 3
"""Times that a run is cleared before it counts as not recovering."""


@dataclass
class Outcome:
    """What became of one fault, over all of its injections."""

    fault: str
    injected: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    half_done: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """From the mending to a green run."""
    told: list[str] = field(default_factory=list)
    """What the operator was told: failed tasks, and models that stood in."""

    @property
    def sound(self) -> bool:
        """Nothing came of it, and it came to pass."""
        return bool(self.injected) and not (self.lost or self.doubled or self.half_done or self.secrets)


class Chaos:
    """`first`: the first day's local midnight, aware."""

    def __init__(
        self, here: Site, first: datetime, chance: random.Random, say: Callable[[str], None]
    ) -> None:
        self._here = here
        self._midnight = first
        self._chance = chance
        self._say = say
        self._alerts: list[str] = []
        self._dags: Mapping[str, DAG] = DagBag(str(REPOSITORY / "dags")).dags

    def run(self, injections: int, trainings: int) -> list[Outcome]:
        outcomes = {name: Outcome(name) for name in (*DAILY, *WEEKLY)}
        log = self._here.state.log("chaos")
        with (
            log.open("w") as file,
            redirect_stdout(file),
            redirect_stderr(file),
            patch.object(notify, "send", self._heard),
        ):
            self._prepare()
            for count, faults in ((injections, DAILY), (trainings, WEEKLY)):
                for _ in range(count):
                    for name in self._chance.sample(sorted(faults), len(faults)):
                        self._inject(outcomes[name], faults[name], weekly=faults is WEEKLY)
        return list(outcomes.values())

    def _prepare(self) -> None:
        """A champion, and one before it."""
        self._here.write_source(self._midnight)
        for dag, conf in (("data_ingestion", {}), ("weekly_retrain", EFFORT), ("weekly_retrain", EFFORT)):
            ended = self._run(dag, self._midnight, conf)
            if ended.failures:
                raise RuntimeError(f"no site to break: {ended.failures}")
            self._midnight += timedelta(days=1)
            self._here.write_source(self._midnight)

    def _inject(self, outcome: Outcome, fault: Fault, *, weekly: bool) -> None:
        self._midnight += timedelta(days=1)
        at = datetime.combine(self._midnight.date(), clock(0, 30), self._here.region.zone)
        self._here.write_source(at)
        one = Injection(self._here, random.Random(self._chance.random()))
        if weekly:
            self._until_green("daily_forecast", at, {})
        dag, conf = ("weekly_retrain", EFFORT) if weekly else ("daily_forecast", {})
        self._alerts.clear()
        with fault(one):
            if outcome.fault == AT_ONCE:
                with ThreadPoolExecutor(2) as pool:
                    runs = [pool.submit(self._run, dag, at, conf) for _ in range(2)]
                    ended = [run.result() for run in runs][-1]
            else:
                ended = self._run(dag, at, conf)
        mended = time.perf_counter()
        told = [*_told(ended), *self._alerts]
        ended = self._until_green(dag, at, conf, ended)
        self._run("data_ingestion", at + timedelta(minutes=40))  # delivers what is owed, as each hour does
        outcome.seconds.append(round(time.perf_counter() - mended, 1))
        outcome.injected += one.hit
        outcome.told += [text for text in told if text not in outcome.told]
        origin = at.astimezone(UTC).replace(minute=0)
        found = look(self._here, origin, day_ahead_hours(origin, self._here.region))
        outcome.lost += found.lost
        outcome.doubled += found.doubled
        outcome.half_done += found.half_done
        outcome.secrets += found.told_secrets
        if ended.failures:
            outcome.half_done.append(f"{at.date()}: not green after {_CLEARED} clearings: {ended.failures}")
        happened = ", ".join(one.notes) if one.hit else "missed"
        self._say(f"{at.date()} {outcome.fault} ({happened}): {', '.join(told) or 'nothing told'}; {found}")

    def _until_green(
        self, dag: str, at: datetime, conf: Mapping[str, Any], ended: Ended | None = None
    ) -> Ended:
        """The run, cleared and run again while a task of it fails."""
        ended = ended or self._run(dag, at, conf)
        for _ in range(_CLEARED):
            if not ended.failures:
                break
            ended = self._run(dag, at, conf)
        return ended

    def _run(self, dag: str, moment: datetime, conf: Mapping[str, Any] | None = None) -> Ended:
        return run_dag(self._dags[f"{dag}_{self._here.region.name}"], moment, conf=conf)

    def _heard(self, title: str, *_: Any, **__: Any) -> None:
        """In the place of `notify.send`: no alert leaves the machine, and its title is kept."""
        self._alerts.append(title.partition(": ")[2])


def _told(ended: Ended) -> list[str]:
    told = [f"{name} failed" for name, state in ended.failures.items() if state.startswith("failed")]
    made = ended.facts("forecast") if "forecast" in ended.results else {}
    if (fallback := made.get("fallback", "none")) != "none":
        told.append(f"fallback {fallback}")
    return told
