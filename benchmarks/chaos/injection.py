"""One fault, done for real in one run, and mended again."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from benchmarks.year.site import Site


@dataclass
class Injection:
    here: Site
    random: random.Random
    hit: bool = True
    """Whether it came to pass: a verb may have ended before it could be killed."""
    notes: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)
    """Told to the run's verbs in the place of what they are told otherwise."""


Fault = Callable[[Injection], AbstractContextManager[None]]
"""Done on entering, or at a random instant before leaving; mended on leaving."""
