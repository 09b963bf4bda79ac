"""One fault, done for real in one run, and mended again."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from benchmarks.year.site import Site


@dataclass
class Injection:
    here: Site
    random: random.Random
    at: datetime
    """The run's moment, aware."""
    tried: int = 0
    """Times that it did not come to pass, just before."""
    hit: bool = True
    """Whether it came to pass: a verb may have ended before it could be killed."""
    since: float | None = None
    """When it came to pass (`time.perf_counter`), where the run itself has to get over it."""
    notes: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)
    """Told to the run's verbs in the place of what they are told otherwise."""

    def instant(self, within: float) -> float:
        """Seconds from a beginning, fewer than `within`, and earlier by half each time that was too late."""
        return self.random.uniform(0, within / 2**self.tried)


Fault = Callable[[Injection], AbstractContextManager[None]]
"""Done on entering, or at a random instant before leaving; mended on leaving."""
