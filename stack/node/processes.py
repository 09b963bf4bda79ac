"""Starts the cluster's programs so that they can be found again whatever happened, and ends them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from stack.node.layout import CGROUP, NAMESPACE, STATE

MARK = "DEMAND_FORECAST_NODE_OF"
"""Carried in the environment of everything the cluster starts (containerd's shims inherit it, pods do not),
so that `down` finds them after a crash, and never a program that is not ours."""


def start(name: str, *command: str | Path) -> int:
    """Starts a program inside the node's network namespace, its output in the state folder's logs.

    nsenter, since `ip netns exec` hides /sys/fs/cgroup.
    """
    (STATE / "logs").mkdir(parents=True, exist_ok=True)
    with (STATE / "logs" / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{NAMESPACE}", *map(str, command)],
            cwd=STATE,
            env={**os.environ, MARK: str(STATE)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ).pid


def log_tail(name: str, lines: int = 12) -> str:
    """The end of a program's log, for a message about why it did not come up."""
    path = STATE / "logs" / f"{name}.log"
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return f"last lines of {path}:\n" + "\n".join(text.splitlines()[-lines:])


def running(program: str | None = None) -> list[int]:
    """Process ids of what `start` started and its children, or of those that run `program`."""
    mark = f"{MARK}={STATE}".encode()
    return [pid for pid in programs(program) if mark in _read(f"/proc/{pid}/environ").split(b"\0")]


def programs(name: str | None = None) -> list[int]:
    """Process ids of everything on this machine, or of what runs a program of that name."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended while we looked, or is the kernel's own
            if name is None or (folder / "exe").readlink().name.removesuffix(" (deleted)") == name:
                found.append(int(folder.name))
    return found


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def in_pods() -> list[int]:
    """Process ids of all that runs in the cluster's pods."""
    ids: set[int] = set()
    for folder in cgroup_folders():
        for path in folder.rglob("cgroup.procs"):
            try:
                ids.update(int(line) for line in path.read_text().split())
            except OSError:  # the pod's cgroup went away while we looked
                continue
    return sorted(ids)


def cgroup_folders() -> Iterator[Path]:
    """The cluster's own cgroup in each hierarchy: one under v2, one per controller under v1."""
    root = Path("/sys/fs/cgroup")
    yield from (path for path in [root / CGROUP, *root.glob(f"*/{CGROUP}")] if path.is_dir())


def end(ids: list[int], *, patience: float) -> None:
    """SIGTERM, then SIGKILL for those that are still there after `patience` seconds; waits for the end."""
    _signal(ids, signal.SIGTERM)
    if left := _wait(ids, patience):
        _signal(left, signal.SIGKILL)
        _wait(left, 10)


def _signal(ids: list[int], which: signal.Signals) -> None:
    for pid in ids:
        try:
            os.kill(pid, which)
        except ProcessLookupError:
            continue


def _wait(ids: list[int], patience: float) -> list[int]:
    until = time.monotonic() + patience
    left = ids
    while (left := [pid for pid in left if alive(pid)]) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def alive(pid: int) -> bool:
    """A zombie has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
