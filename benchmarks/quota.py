"""A control group with a processor quota, for as long as something is measured within it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from trainer.model.training.regressions.threads import processor_groups

_PERIOD: Final = 100_000
"""Microseconds."""


@contextmanager
def processor_quota(cores: float) -> Iterator[None]:
    """Children that this process starts meanwhile have `cores` of processor time between them, however many
    they see. Raises OSError where this machine lets it make no such group: it takes root, and outside of
    containers with cgroup v2 a group whose parent hands processor time on.
    """
    outer = processor_groups()[0]
    group = outer / f"demand-forecast-benchmark-{os.getpid()}"
    group.mkdir()
    try:
        quota = str(round(cores * _PERIOD))
        if (group / "cpu.cfs_quota_us").exists():
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD), encoding="ascii")
            (group / "cpu.cfs_quota_us").write_text(quota, encoding="ascii")
        else:
            with (group / "cpu.max").open("r+", encoding="ascii") as file:  # made by nobody but the kernel
                file.write(f"{quota} {_PERIOD}")
        (group / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")
        try:
            yield
        finally:
            for process in (group / "cgroup.procs").read_text(encoding="ascii").split():
                with suppress(ProcessLookupError):  # it ended meanwhile
                    (outer / "cgroup.procs").write_text(process, encoding="ascii")
    finally:
        group.rmdir()
