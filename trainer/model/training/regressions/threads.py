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

_GROUPS: Final = Path("/sys/fs/cgroup")
_OWN_GROUPS: Final = Path("/proc/self/cgroup")


def allowed_threads() -> int:
    """The number of threads this process may use: the least of its CPU affinity, the processor quota of its
    control groups, a container's among them, and OMP_NUM_THREADS."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    limits = [_cores(), _quota(), int(told) if told.isascii() and told.isdigit() else 0]
    return min(limit for limit in limits if limit)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor_groups() -> list[Path]:
    """Folders of the control groups whose processor quota holds for this process, its own first. In a
    container the last is the container's, which may be all that can be seen."""
    root, path = _GROUPS, "/"
    try:
        lines = _OWN_GROUPS.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        _, controllers, where = line.split(":", 2)
        if "cpu" in controllers.split(","):  # of cgroup v1, where each has a tree of its own
            # Some kernels name joined controllers in another order than their folder does.
            named = _GROUPS / controllers
            root, path = named if named.is_dir() else _GROUPS / "cpu", where
            break
        if not controllers:  # of v2, where one tree has all
            path = where
    parts = [part for part in path.split("/") if part]
    folders = [root.joinpath(*parts[:depth]) for depth in range(len(parts), 0, -1)]
    return [*(folder for folder in folders if ".." not in parts and folder.is_dir()), root]


def _quota() -> int:
    """The least processor quota of the process's control groups in whole cores, rounded up; 0 for none."""
    return min((cores for folder in processor_groups() if (cores := _quota_of(folder))), default=0)


def _quota_of(group: Path) -> int:
    names = ["cpu.max"] if (group / "cpu.max").exists() else ["cpu.cfs_quota_us", "cpu.cfs_period_us"]
    try:
        quota, period = " ".join((group / name).read_text(encoding="ascii") for name in names).split()
    except (OSError, ValueError):
        return 0
    return 0 if quota in ("max", "-1") else math.ceil(int(quota) / int(period))


@contextmanager
def one_thread_each() -> Iterator[int]:
    """Within this context libraries that would start threads of their own use one: for products so small that
    threads wait for each other longer than they take. Yields how many threads a pool may have."""
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
