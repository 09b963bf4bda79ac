"""How much a run measures: as the figures are named, or so little that a CPU does it in a minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from benchmarks.series import five_years
from trainer.contract import ORIGIN_HOURS


@dataclass(frozen=True)
class Effort:
    days: int | None
    """The last ones of the series; None: five years, as `five_years` makes them."""
    quick: tuple[int, int]
    production: tuple[int, int]
    """Trials, and epochs of each at most."""
    epochs: int
    """Of the fit alone."""
    origin_hours: tuple[int, ...]
    """Of the fit alone; other fits have those that a training has."""
    training_hours: tuple[int, ...]
    batches: tuple[int, ...]
    """Windows of a training step."""

    def hours_of(self, history: pd.DataFrame) -> pd.DataFrame:
        return five_years(history) if self.days is None else history.iloc[-24 * self.days :]


FULL: Final = Effort(None, (5, 10), (50, 100), 10, tuple(range(24)), ORIGIN_HOURS, (256, 1024, 4096))
REHEARSAL: Final = Effort(90, (1, 1), (2, 1), 1, (0, 12), (0,), (256,))
