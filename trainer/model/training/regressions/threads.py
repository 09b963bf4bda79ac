"""How many threads the process may use, and that each of a pool's computes with one."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import torch
from threadpoolctl import threadpool_limits

_CGROUP: Final = Path("/sys/fs/cgroup")


def allowed_threads() -> int:
    """The number of threads this process may use: the least of its CPU affinity, its container's quota and
    OMP_NUM_THREADS."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    limits = [_cores(), _quota(), int(told) if told.isascii() and told.isdigit() else 0]
    return min(limit for limit in limits if limit)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _quota() -> int:
    """The container's processor quota in whole cores, rounded up; 0 for none (cgroup v2's cpu.max)."""
    try:
        quota, period = (_CGROUP / "cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0
    return 0 if quota == "max" else math.ceil(int(quota) / int(period))


@contextmanager
def one_thread_each() -> Iterator[int]:
    """For products so small that threads wait for each other longer than they take: libraries that would
    start threads within a thread do not. Yields how many threads a pool may have."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield allowed_threads()
    finally:
        torch.set_num_threads(before)


@contextmanager
def one_thread_pool() -> Iterator[Executor]:
    """A pool of as many threads as the process may use; each computes with one, and this thread too until the
    pool is closed."""
    # OpenMP counts by thread: in a new one, PyTorch's products would start as many as the process may use.
    with (
        one_thread_each() as threads,
        ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool,
    ):
        yield pool
