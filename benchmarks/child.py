"""Runs a function in a fresh process and tells what that took."""

from __future__ import annotations

import multiprocessing
import os
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from benchmarks.machine import Stopwatch

T = TypeVar("T")


@dataclass(frozen=True)
class Measured(Generic[T]):
    """Seconds of the call alone, memory of the whole process with all that it imports."""

    result: T
    seconds: float
    cpu_seconds: float
    peak_memory_mb: int


def in_a_process(call: Callable[..., T], *arguments: Any, threads: int) -> Measured[T]:
    """`call` and `arguments` must be picklable. With one thread the process also keeps to one core."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read once, when the libraries are loaded
    try:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return pool.submit(_measure, call, arguments, threads).result()
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _measure(call: Callable[..., T], arguments: tuple[Any, ...], threads: int) -> Measured[T]:
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    clock = Stopwatch()
    result = call(*arguments)
    return Measured(result, clock.seconds, clock.cpu_seconds, peak_memory_mb())


def peak_memory_mb() -> int:
    """Of this process since its program was loaded. ru_maxrss would count its parent's size too."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 1_000_000
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return kilobytes * 1024 // 1_000_000
