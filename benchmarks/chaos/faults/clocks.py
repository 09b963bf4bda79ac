"""A host whose clock is wrong: verbs are told another time of day, this machine's clock stays as it is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from unittest.mock import patch

from benchmarks.chaos.injection import Injection
from demand_forecast.tasks.local import LocalTrainerOperator

_SOURCE: Final = Path(__file__).with_name("clock.c")
_DAY: Final = timedelta(days=1)


@contextmanager
def clock_a_day_off(one: Injection) -> Iterator[None]:
    """To the run's verbs it is a day before the run's moment, or a day after. Needs a C compiler."""
    off = one.random.choice((-_DAY, _DAY))
    one.notes.append("a day behind" if off < timedelta() else "a day ahead")
    told = environ_at(one.at + off, one.here.state.folder)
    as_usual = LocalTrainerOperator._environment

    def environment(operator: LocalTrainerOperator, worker: Mapping[str, str]) -> dict[str, str]:
        return {**as_usual(operator, worker), **told}

    with patch.object(LocalTrainerOperator, "_environment", environment):
        yield


def environ_at(moment: datetime, folder: Path) -> dict[str, str]:
    """By which a process takes the time to be `moment` (aware) when it is started now, and to go on from
    there. Of a process's clocks only those that tell the time of day are moved."""
    library = folder / "clock.so"
    if not library.exists():
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(_SOURCE)], check=True)
    seconds = round((moment - datetime.now(UTC)).total_seconds())
    return {"LD_PRELOAD": str(library), "CHAOS_CLOCK_SECONDS": str(seconds)}


def clocks_can_be_wrong() -> bool:
    """Whether this machine has what it takes: Linux and a C compiler."""
    return sys.platform == "linux" and shutil.which("cc") is not None
