"""A child process is known by pid and birth, waited for with its log at hand, and ended with its family."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from stack import process
from stack.state import Service, State
from trainer.errors import InfrastructureError

SLEEP = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path)
    yield state
    for service in state.services():
        process.stop(service, grace=0.5)


def python(state: State, program: str, name: str = "child") -> Service:
    return process.start(state, name, [sys.executable, "-c", program], url="http://x")


def up(service: Service) -> bool:
    return "up" in Path(service.log).read_text()


def test_a_started_process_is_on_record_and_alive(state: State) -> None:
    service = python(state, SLEEP)
    assert state.service("child") == service
    assert process.process_of(service) is not None


def test_a_stopped_process_is_gone(state: State) -> None:
    service = python(state, SLEEP)
    process.stop(service)
    assert process.process_of(service) is None
    assert not psutil.pid_exists(service.pid or 0)


def test_of_one_that_ended_by_itself_no_zombie_is_left(state: State) -> None:
    service = python(state, "raise SystemExit(1)")
    with pytest.raises(InfrastructureError):
        process.wait_until(lambda: False, service, timeout=20)
    process.stop(service)
    assert not psutil.pid_exists(service.pid or 0)


def test_a_pid_that_another_process_took_over_is_not_ours(state: State) -> None:
    service = python(state, SLEEP)
    of_earlier = replace(service, started=service.started - 100)
    process.stop(of_earlier)
    assert process.process_of(of_earlier) is None
    assert process.process_of(service) is not None, "somebody else's process must be left alone"


def test_stop_ends_descendants_that_ignore_being_asked(state: State) -> None:
    stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
    program = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {stubborn!r}], start_new_session=True)\n"
        "time.sleep(60)"
    )
    service = python(state, program)
    process.wait_until(lambda: up(service), service, timeout=20)
    (descendant,) = psutil.Process(service.pid).children(recursive=True)
    process.stop(service, grace=1)
    assert not descendant.is_running()


def test_stop_ends_what_one_that_was_killed_left_behind(state: State) -> None:
    service = python(state, f"import os; os.fork(); {SLEEP}")
    process.wait_until(lambda: up(service), service, timeout=20)
    root = psutil.Process(service.pid)
    (left,) = root.children()
    root.kill()
    root.wait(20)
    assert left.is_running()
    process.stop(service)
    assert not left.is_running()


def test_waiting_ends_at_once_when_the_process_has_died_and_shows_its_log(state: State) -> None:
    service = python(state, "print('no such disk'); raise SystemExit(1)")
    with pytest.raises(InfrastructureError, match=r"child ended while starting\.\n.*\nno such disk"):
        process.wait_until(lambda: False, service, timeout=20)


def test_waiting_gives_up_in_time_and_says_where(state: State) -> None:
    service = python(state, SLEEP)
    with pytest.raises(InfrastructureError, match="did not answer at http://x within 0 s"):
        process.wait_until(lambda: False, service, timeout=0.2)


def test_a_program_that_is_not_there_is_named(state: State) -> None:
    with pytest.raises(InfrastructureError, match=r"child cannot be started.*no-such-program"):
        process.start(state, "child", ["/no-such-program"], url="")


def test_the_result_is_the_exit_code(state: State) -> None:
    assert process.result(python(state, "raise SystemExit(3)")) == 3


def test_the_log_of_the_run_before_is_kept(state: State) -> None:
    process.result(python(state, "print('first')"))
    process.result(python(state, "print('second')"))
    assert state.log("child").read_text() == "second\n"
    assert state.log("child").with_suffix(".previous.log").read_text() == "first\n"


def test_a_taken_port_gives_way_to_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert process.free_port(port) not in (0, port)


def test_a_reserved_port_stays_the_same_until_somebody_else_takes_it(state: State) -> None:
    port = process.reserve(state, "child")
    assert process.reserve(state, "child") == port
    with socket.create_server(("127.0.0.1", port)):
        other = process.reserve(state, "child")
    assert other != port
    assert process.reserve(state, "child") == other
