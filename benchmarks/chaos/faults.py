"""Faults, each done for real to the servers, the files or the processes of a site, and mended again."""

from __future__ import annotations

import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
import psycopg

from benchmarks.year.site import Site
from stack import influxdb, influxdb_binary, mlflow, postgres, process
from stack.state import Service

_WAITS: Final = 60.0
"""Seconds for which a verb is waited for that is to be killed."""


@dataclass
class Injection:
    """One fault in one run."""

    here: Site
    random: random.Random
    hit: bool = True
    """Whether it came to pass: a verb may have ended before it could be killed."""
    notes: list[str] = field(default_factory=list)


Fault = Callable[[Injection], AbstractContextManager[None]]
"""Done on entering, or at a random instant before leaving; mended on leaving."""


def killed(verb: str, within: float = 1.2) -> Fault:
    """SIGKILL to the process of `verb` at a random instant of its first `within` seconds."""

    @contextmanager
    def fault(one: Injection) -> Iterator[None]:
        one.hit = False
        over = threading.Event()
        thread = threading.Thread(target=_kill, args=(one, verb, within, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    return fault


def _kill(one: Injection, verb: str, within: float, over: threading.Event) -> None:
    end = time.monotonic() + _WAITS
    while time.monotonic() < end and not over.wait(0.02):
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                words = child.cmdline()
                if "trainer" in words and verb in words:
                    over.wait(one.random.uniform(0.0, within))
                    child.kill()
                    one.hit = True
                    one.notes.append(f"{verb} killed")
                    return


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
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(one.here.database))
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


@contextmanager
def champion_lost(one: Injection) -> Iterator[None]:
    """Its folder is gone from the store."""
    folder = champion_folder(one.here)
    aside = one.here.state.folder / "aside"
    folder.rename(aside)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)


@contextmanager
def byte_flipped(one: Injection) -> Iterator[None]:
    """One byte of one of the champion's files is another."""
    path = one.random.choice(sorted(path for path in champion_folder(one.here).iterdir() if path.is_file()))
    content = path.read_bytes()
    place = one.random.randrange(len(content))
    path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    one.notes.append(path.name)
    try:
        yield
    finally:
        path.write_bytes(content)


@contextmanager
def source_cut(one: Injection) -> Iterator[None]:
    """The source's file ends in the middle of a row."""
    content = one.here.source.read_bytes()
    one.here.source.write_bytes(content[: one.random.randrange(1, len(content))])
    try:
        yield
    finally:
        one.here.source.write_bytes(content)


@contextmanager
def begun_twice(one: Injection) -> Iterator[None]:
    """Whoever runs it does so twice at once."""
    one.notes.append("begun twice")
    yield


DAILY: Final[Mapping[str, Fault]] = {
    **{f"{verb} killed": killed(verb) for verb in ("ingest", "snapshot", "forecast", "publish", "score")},
    "PostgreSQL restarted": postgres_restarted,
    "PostgreSQL away for seconds": postgres_away,
    "PostgreSQL out of connections": postgres_full,
    "InfluxDB stopped": influxdb_stopped,
    "InfluxDB frozen": influxdb_frozen,
    "champion's folder lost": champion_lost,
    "a byte of the champion flipped": byte_flipped,
    "source cut off": source_cut,
    "two daily runs at once": begun_twice,
}
WEEKLY: Final[Mapping[str, Fault]] = {
    **{f"{verb} killed": killed(verb) for verb in ("search", "train", "evaluate")},
    "promote killed": killed("promote", within=0.5),
    "MLflow away": mlflow_away,
    "PostgreSQL restarted in a training": postgres_restarted,
}
AT_ONCE: Final = "two daily runs at once"


def champion_folder(here: Site) -> Path:
    with psycopg.connect(here.database) as connection:
        row = connection.execute(
            "SELECT artifact_path FROM model_deployments WHERE region = %s AND status = 'active'",
            (here.region.name,),
        ).fetchone()
    assert row is not None  # a site of these faults has a champion
    return here.store / str(row[0])


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

    def later() -> None:
        time.sleep(one.random.uniform(0, 12))
        action()

    thread = threading.Thread(target=later)
    thread.start()
    try:
        yield
    finally:
        thread.join()
