"""What became of one kind of fault, over all of its injections."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.chaos.invariants import Found


@dataclass
class Outcome:
    fault: str
    injected: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    half_done: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Why a reader got no forecast though it was told of a champion whose files nobody had touched."""
    seconds: list[float] = field(default_factory=list)
    """From the mending to a green run."""
    told: list[str] = field(default_factory=list)
    """What the operator was told: failed tasks, and models that stood in."""

    @property
    def sound(self) -> bool:
        """Nothing came of it, and it came to pass."""
        wrong = self.lost or self.doubled or self.half_done or self.secrets or self.unread
        return bool(self.injected) and not wrong

    def add(self, found: Found) -> None:
        self.lost += found.lost
        self.doubled += found.doubled
        self.half_done += found.half_done
        self.secrets += found.told_secrets
