"""Suspect hours as people read them: from when to when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from trainer.contract import Verdict


@dataclass(frozen=True)
class Stretch:
    """Consecutive suspect hours with one reason; `first` and `last` are UTC, both included."""

    first: pd.Timestamp
    last: pd.Timestamp
    hours: int
    reason: str

    def to_dict(self) -> dict[str, str | int]:
        """JSON-able, times in ISO 8601."""
        first, last = self.first.isoformat(), self.last.isoformat()
        return {"first": first, "last": last, "hours": self.hours, "reason": self.reason}


def suspect_stretches(judged: pd.DataFrame) -> tuple[Stretch, ...]:
    """Of `judged` (consecutive UTC hours, columns verdict and reason), the earliest first."""
    suspect = judged["verdict"].eq(Verdict.SUSPECT.value).to_numpy()
    rows = [
        (number, reason)
        for number, (odd, reason) in enumerate(zip(suspect, judged["reason"], strict=True))
        if odd
    ]
    stretches = []
    for _, group in groupby(enumerate(rows), key=lambda pair: (pair[1][0] - pair[0], pair[1][1])):
        members = [row for _, row in group]
        first, last = judged.index[members[0][0]], judged.index[members[-1][0]]
        stretches.append(Stretch(first, last, len(members), members[0][1]))
    return tuple(stretches)
