"""Airflow's own processes, killed while they make a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psutil

from benchmarks.chaos.background import beside_the_run
from benchmarks.chaos.injection import Fault, Injection
from benchmarks.year.site import Site
from stack import process

_SCHEDULER: Final = "airflow-scheduler"
_SECONDS: Final = 20.0
"""Of a run, in which one is killed."""


def component_killed(name: str) -> Fault:
    """SIGKILL to the process `name` alone: a scheduler leaves its workers, and they their tasks."""
    return _killed(name, lambda root: [root])


def container_killed(name: str) -> Fault:
    """SIGKILL to the process `name` and all that descends from it, as where a container ends."""
    return _killed(name, lambda root: [root, *root.children(recursive=True)])


def worker_killed() -> Fault:
    """SIGKILL to a worker of the scheduler's that watches over a task; the task goes on."""
    return _killed(_SCHEDULER, lambda root: _working(root)[:1])


def task_killed() -> Fault:
    """SIGKILL to a task's process and to the verb that it waits for."""
    return _killed(
        _SCHEDULER,
        lambda root: [found for one in _working(root)[:1] for found in one.children(recursive=True)],
    )


def _working(scheduler: psutil.Process) -> list[psutil.Process]:
    """Workers that have a task under way."""
    return [worker for worker in scheduler.children() if worker.children()]


def _killed(name: str, chosen: Callable[[psutil.Process], list[psutil.Process]]) -> Fault:
    """What is `chosen` of the live process `name`, at a random instant of a run's first seconds or as soon
    after as there is any."""

    @contextmanager
    def fault(one: Injection) -> Iterator[None]:
        one.hit = False

        def later(over: threading.Event) -> None:
            over.wait(one.instant(_SECONDS))
            while not over.wait(0.05):
                if _kill(one.here, name, chosen):
                    one.hit, one.since = True, time.perf_counter()
                    return

        with beside_the_run(later):
            yield

    return fault


def _kill(here: Site, name: str, chosen: Callable[[psutil.Process], list[psutil.Process]]) -> bool:
    service = here.state.service(name)
    found = process.process_of(service) if service else None
    if found is None:
        return False
    with suppress(psutil.NoSuchProcess):
        doomed = chosen(found)
        for one in doomed:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        return bool(doomed)
    return False
