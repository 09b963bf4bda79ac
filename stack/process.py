"""Child processes that outlive the command: started in a session of their own, known by pid, ended by pid."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from stack.state import Service, State
from trainer.errors import InfrastructureError

LOOPBACK: Final = "127.0.0.1"
_CHILDREN: Final[dict[int, subprocess.Popen[bytes]]] = {}
"""This process's own children by pid; those of earlier commands are known by their records alone."""


@dataclass(frozen=True)
class Account:
    """The system account that a server runs under, where it refuses root."""

    uid: int
    gid: int


def free_port(preferred: int = 0) -> int:
    """`preferred` if nothing listens there on loopback, else one that the system picks."""
    with socket.socket() as probe:
        # Servers set this too: a port whose last connections linger in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, preferred))
        except OSError:
            probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def reserve(state: State, name: str, preferred: int = 0) -> int:
    """The port of server `name`, the same in every command: others are told of it before it listens.

    The one on record while our own server holds it or nobody does; else `preferred`; else any free one.
    """
    path = state.make("ports") / name
    if path.exists():
        port = int(path.read_text(encoding="utf-8"))
        known = state.service(name)
        if (known and process_of(known)) or free_port(port) == port:
            return port
    port = free_port(preferred)
    state.write(f"ports/{name}", str(port))
    return port


def start(
    state: State,
    name: str,
    command: Sequence[str],
    *,
    url: str,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
    stop_signal: int = signal.SIGTERM,
    details: Mapping[str, str] | None = None,
) -> Service:
    """Starts `command` in the background and puts it on record; its output goes to the state's logs.

    Raises InfrastructureError when the program cannot be run at all.
    """
    log = state.log(name)
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    with log.open("wb") as output:
        try:
            # A session of its own: Ctrl-C in the terminal reaches the command, which then decides what ends.
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environ is None else dict(environ),
                cwd=cwd,
                start_new_session=True,
                user=None if account is None else account.uid,
                group=None if account is None else account.gid,
                extra_groups=None if account is None else [],
            )
        except OSError as error:
            raise InfrastructureError(f"{name} cannot be started: {error}; command: {command[0]}") from error
    _CHILDREN[child.pid] = child
    try:
        started = psutil.Process(child.pid).create_time()
    except psutil.NoSuchProcess:
        started = 0.0
    service = Service(
        name=name,
        url=url,
        pid=child.pid,
        started=started,
        stop_signal=stop_signal,
        log=str(log),
        details=dict(details or {}),
    )
    return state.remember(service)


def use(state: State, service: Service) -> Service:
    """Puts somebody else's server on record, in the place of one of ours, which ends."""
    known = state.service(service.name)
    if known and known.pid is not None:
        stop(known)
    return state.remember(service)


def process_of(service: Service) -> psutil.Process | None:
    """The live process on record, or None when it has ended or its pid is now another's."""
    if service.pid is None:
        return None
    try:
        process = psutil.Process(service.pid)
        if abs(process.create_time() - service.started) > 1 or process.status() == psutil.STATUS_ZOMBIE:
            return None
    except psutil.NoSuchProcess:
        return None
    return process


def stop(service: Service, grace: float = 20.0) -> None:
    """Ends the service and everything that descends from it: asked first, killed after `grace` seconds.
    Where it has ended by itself, what it left behind."""
    root = process_of(service)
    if root is None:
        _collect(service)
        left = _left_by(service)
        _signal(left, signal.SIGKILL)
        _wait(left, 5)
        return
    try:
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        _collect(service)
        return
    # The server first and alone: it knows best in which order to end its own.
    _signal([root], service.stop_signal)
    _wait([root], grace)
    _signal(family, signal.SIGTERM)
    _signal(_wait(family, 3), signal.SIGKILL)
    _wait(family, 5)
    _collect(service)


def _left_by(service: Service) -> list[psutil.Process]:
    """Processes of a service that was killed: those of the session that it began."""
    if service.pid is None or psutil.pid_exists(service.pid):
        return []
    left = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, OSError):  # ended meanwhile, or not ours to ask
            if os.getsid(process.pid) == service.pid and process.create_time() >= service.started:
                left.append(process)
    return left


def _collect(service: Service) -> None:
    """Takes note of a child's end, whatever ended it: until then it is a zombie, and its Popen complains."""
    child = _CHILDREN.get(service.pid or 0)
    if child and child.poll() is not None:
        del _CHILDREN[child.pid]


def _wait(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Waits for their end; those that go on after `seconds`."""
    left, deadline = [], time.monotonic() + seconds
    for process in processes:
        rest = max(0.0, deadline - time.monotonic())
        child = _CHILDREN.get(process.pid)
        try:
            # A child's end is told once: to its Popen, where another thread may be waiting for it too.
            child.wait(rest) if child else process.wait(rest)
        except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
            left.append(process)
    return left


def _signal(processes: Sequence[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def wait_until(check: Callable[[], bool], service: Service, *, timeout: float, pause: float = 0.1) -> None:
    """Waits till `check` holds.

    Raises InfrastructureError with the log's last lines when the process ends first or time runs out.
    """
    deadline = time.monotonic() + timeout
    while not check():
        if process_of(service) is None:
            raise InfrastructureError(f"{service.name} ended while starting.\n{log_tail(service)}")
        if time.monotonic() > deadline:
            raise InfrastructureError(
                f"{service.name} did not answer at {service.url} within {timeout:.0f} s.\n{log_tail(service)}"
            )
        time.sleep(pause)


def result(service: Service) -> int:
    """Waits for a process that ends by itself; its exit code, negative for a signal."""
    assert service.pid is not None  # started by `start`, in this process
    code = _CHILDREN[service.pid].wait()
    _CHILDREN.pop(service.pid, None)
    return code


def log_tail(service: Service, lines: int = 25) -> str:
    """The end of the service's log, under its path."""
    path = Path(service.log)
    if not path.is_file():
        return ""
    tail = path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join([f"--- {path}", *tail])
