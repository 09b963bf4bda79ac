"""Measures in a process of its own: neither a fault of the device nor the clock takes what was found."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

from benchmarks.gpu.effort import Effort
from benchmarks.gpu.measures import Found, Measures
from benchmarks.report import say
from benchmarks.series import Source

_MARGIN_SECONDS: Final = 15.0
"""For what a piece still does once its clock has run out."""


@dataclass(frozen=True)
class Fault:
    """A piece that ended in an error."""

    piece: str
    error: str


@dataclass(frozen=True)
class LeftOut:
    """A piece for which the time was too short."""

    piece: str


@dataclass(frozen=True)
class _Over:
    pass


Told = Found | Fault | LeftOut


def measured(source: Source, effort: Effort, device: str, seconds: float) -> Iterator[Told]:
    """What the process tells, as it tells it; after `seconds` it is ended, wherever it is."""
    end = time.monotonic() + seconds
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    worker = context.Process(target=work, args=(theirs, source, effort, device, seconds), daemon=True)
    worker.start()
    theirs.close()
    try:
        while ours.poll(max(0.0, end - time.monotonic())):
            told = ours.recv()
            if isinstance(told, _Over):
                return
            yield told
        yield LeftOut("what was being measured when the time was over")
    except EOFError:
        worker.join()
        yield Fault("the process that measures", f"it ended with {worker.exitcode}")
    finally:
        worker.terminate()
        worker.join()


def work(told: Connection, source: Source, effort: Effort, device: str, seconds: float) -> None:
    """In the process: piece by piece, one that fails costing itself alone."""
    end = time.monotonic() + seconds
    piece = "the series"
    try:
        measures = Measures(*source.read(), effort, device)
        for one in measures.pieces():
            piece, left = one.name, end - time.monotonic()
            if left < one.least_seconds:
                told.send(LeftOut(piece))
                continue
            say(f"{piece}, {left:.0f} s left")
            try:
                for found in one.measure(left - _MARGIN_SECONDS):
                    told.send(found)
            except Exception as error:  # whatever the device says, the other pieces go on
                told.send(Fault(piece, f"{type(error).__name__}: {error}"))
    except Exception as error:
        told.send(Fault(piece, f"{type(error).__name__}: {error}"))
    told.send(_Over())
