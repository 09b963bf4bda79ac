"""Which of Airflow's processes each fault kills.

Tried on a scheduler of the same shape: it has an idle worker and one that watches over a task, whose verb is
a process of its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import pytest

from benchmarks.chaos.faults import airflow_processes
from benchmarks.chaos.faults.airflow_processes import (
    component_killed,
    container_killed,
    task_killed,
    worker_killed,
)
from benchmarks.chaos.injection import Fault, Injection
from stack import process
from stack.state import State

SCHEDULER = "airflow-scheduler"
PROGRAM = """
import os, time
if os.fork() == 0:  # the worker that has a task
    if os.fork() == 0:  # the task
        os.fork()  # its verb
elif os.fork() == 0:  # the idle worker
    pass
print("up", flush=True)
time.sleep(60)
"""


@dataclass(frozen=True)
class Family:
    scheduler: psutil.Process
    idle: psutil.Process
    worker: psutil.Process
    task: psutil.Process
    verb: psutil.Process

    def ended(self) -> set[str]:
        """Names of those that are gone."""
        return {name for name, one in vars(self).items() if not _lives(one)}


def _lives(one: psutil.Process) -> bool:
    """A killed one stays a zombie until its parent has taken note."""
    return one.is_running() and one.status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def family(one: Injection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Family]:
    monkeypatch.setattr(airflow_processes, "_SECONDS", 0.1)
    state: State = one.here.state
    service = process.start(state, SCHEDULER, [sys.executable, "-c", PROGRAM], url="")
    root = psutil.Process(service.pid)
    process.wait_until(lambda: len(root.children(recursive=True)) == 4, service, timeout=20)
    worker, idle = sorted(root.children(), key=lambda child: -len(child.children()))
    (task,) = worker.children()
    (verb,) = task.children()
    yield Family(root, idle, worker, task, verb)
    for left in (root, idle, worker, task, verb):
        if left.is_running():
            left.kill()
    process.stop(service)


def wait_for(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("fault", "killed"),
    [
        (component_killed(SCHEDULER), {"scheduler"}),
        (container_killed(SCHEDULER), {"scheduler", "idle", "worker", "task", "verb"}),
        (worker_killed(), {"worker"}),
        (task_killed(), {"task", "verb"}),
    ],
    ids=["scheduler", "container", "worker", "task"],
)
def test_each_kills_what_it_names(one: Injection, family: Family, fault: Fault, killed: set[str]) -> None:
    with fault(one):
        wait_for(lambda: one.since is not None)
    assert one.hit
    wait_for(lambda: family.ended() >= killed)
    assert family.ended() == killed


def test_a_process_that_does_not_run_is_not_killed(one: Injection) -> None:
    with component_killed(SCHEDULER)(one):
        pass
    assert not one.hit
