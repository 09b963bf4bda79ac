"""Servers that go away, stop answering or have no room, while runs need them."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

import psycopg

from benchmarks.chaos.background import beside_the_run
from benchmarks.chaos.injection import Injection
from benchmarks.year.site import Site
from stack import influxdb, influxdb_binary, mlflow, postgres, process
from stack.state import Service

_TRIES: Final = 4
_SECONDS: Final = 12.0
"""Of a run, in which a server goes away."""


@contextmanager
def postgres_restarted(one: Injection) -> Iterator[None]:
    """Down and up again while a run is under way."""
    with _meanwhile(one, lambda: _without(one.here, postgres.NAME, 0.0)):
        yield


@contextmanager
def postgres_away(one: Injection) -> Iterator[None]:
    """Down for some seconds while a run is under way."""
    with _meanwhile(one, lambda: _without(one.here, postgres.NAME, one.random.uniform(3, 8))):
        yield


@contextmanager
def postgres_full(one: Injection) -> Iterator[None]:
    """No connection left for anybody, for the whole run."""
    with ExitStack() as held:
        for _ in range(_TRIES):  # what others held is free again a moment later
            with suppress(psycopg.OperationalError):
                while True:
                    held.enter_context(psycopg.connect(one.here.database))
            time.sleep(0.5)
        yield


@contextmanager
def influxdb_stopped(one: Injection) -> Iterator[None]:
    """Not there for the whole run."""
    process.stop(_service(one.here, influxdb.NAME))
    try:
        yield
    finally:
        _start(one.here, influxdb.NAME)


@contextmanager
def influxdb_frozen(one: Injection) -> Iterator[None]:
    """SIGSTOP: it takes connections and never answers."""
    found = process.process_of(_service(one.here, influxdb.NAME))
    assert found is not None  # it is up between runs
    found.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        found.send_signal(signal.SIGCONT)


@contextmanager
def mlflow_away(one: Injection) -> Iterator[None]:
    """Not there for the whole run."""
    process.stop(_service(one.here, mlflow.NAME))
    try:
        yield
    finally:
        _start(one.here, mlflow.NAME)


def _service(here: Site, name: str) -> Service:
    found = here.state.service(name)
    assert found is not None  # started with the site
    return found


def _start(here: Site, name: str) -> None:
    if name == postgres.NAME:
        postgres.ensure(here.state, environ={}, port=0)
    elif name == mlflow.NAME:
        mlflow.ensure(here.state, environ={}, port=0)
    else:
        influxdb.ensure(here.state, influxdb_binary.found(), environ={}, port=0)


def _without(here: Site, name: str, seconds: float) -> None:
    process.stop(_service(here, name))
    time.sleep(seconds)
    _start(here, name)


@contextmanager
def _meanwhile(one: Injection, action: Callable[[], None]) -> Iterator[None]:
    """`action` at a random instant of the run's first seconds, beside it; ended before the run is judged."""
    one.hit = False

    def later(over: threading.Event) -> None:
        if not over.wait(one.instant(_SECONDS)):
            one.hit = True
            action()

    with beside_the_run(later):
        yield
