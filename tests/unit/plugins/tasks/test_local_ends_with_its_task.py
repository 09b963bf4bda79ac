"""A verb's process never outlives its task.

It is a script in the trainer's place, since no real verb is deaf on demand.
"""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowException
from airflow.sdk.execution_time.supervisor import WatchedSubprocess

from demand_forecast.tasks.local import LocalTrainerOperator
from tests.unit.plugins.tasks.local_run import Make, run


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def awaited(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def killed(operator: LocalTrainerOperator, started: Path) -> BaseException:
    """How the task ends that Airflow kills once its verb has made the file `started`."""
    failures: list[BaseException] = []

    def execute() -> None:
        try:
            run(operator)
        except AirflowException as error:
            failures.append(error)

    thread = threading.Thread(target=execute)
    thread.start()
    assert awaited(started.exists)
    operator.on_kill()
    thread.join(timeout=20)
    (failure,) = failures
    return failure


def test_a_killed_task_takes_the_verb_and_its_children_along(make: Make, tmp_path: Path) -> None:
    child = tmp_path / "child"
    failure = killed(make(f"sleep 300 & echo $! > {child}.new; mv {child}.new {child}; wait"), child)
    assert awaited(lambda: not alive(int(child.read_text())))
    assert "exit code -15" in str(failure)
    assert type(failure) is AirflowException  # so that it is tried again


def test_a_child_that_heeds_no_sigterm_ends_with_the_verb_that_does(make: Make, tmp_path: Path) -> None:
    child = tmp_path / "child"
    deaf = f"sh -c 'trap \"\" TERM; echo $$ > {child}.new; mv {child}.new {child}; sleep 300' >&- 2>&-"
    killed(make(f"{deaf} &\nwait"), child)
    assert awaited(lambda: not alive(int(child.read_text())), seconds=5)


def test_a_verb_that_heeds_no_sigterm_is_gone_before_airflow_ends_the_task(
    make: Make, tmp_path: Path
) -> None:
    verb = tmp_path / "verb"
    begun = time.monotonic()
    operator = make(f"trap '' TERM; echo $$ > {verb}.new; mv {verb}.new {verb}; sleep 300")
    failure = killed(operator, verb)
    patience = inspect.signature(WatchedSubprocess.kill).parameters["escalation_delay"].default
    assert time.monotonic() - begun < patience
    assert not alive(int(verb.read_text()))
    assert "exit code -9" in str(failure)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_worker_killed_outright_leaves_no_verb_behind(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    worker = tmp_path / "worker.py"
    worker.write_text(
        textwrap.dedent(f"""
            import subprocess, sys
            from demand_forecast.tasks.local import _die_with_parent
            verb = subprocess.Popen(["sleep", "300"], start_new_session=True, preexec_fn=_die_with_parent)
            open({str(pid_file)!r}, "w").write(str(verb.pid) + "\\n")
            verb.wait()
        """),
        encoding="utf-8",
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, str(worker)], env=environ) as process:
        try:
            assert awaited(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"), 60)
        finally:
            process.send_signal(signal.SIGKILL)
    assert awaited(lambda: not alive(int(pid_file.read_text())))
