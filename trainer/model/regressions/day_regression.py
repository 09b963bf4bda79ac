"""The whole day ahead in one go, from a week of demand as it was metered.

A Gaussian process regression (Rasmussen and Williams, 2006, chapter 2) whose kernel all 24 hours share:
linear, and by likeness on landmarks (see `likeness`). Solved in closed form.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Vector
from trainer.model.regressions.day_features import WEEK, DayInputs
from trainer.model.regressions.hourly import HourlyRegression, HourRegression, Values, standardise
from trainer.model.regressions.kernels import Likeness
from trainer.model.regressions.origin_features import DAY, Block, Rows

LIKENESSES: Final = (
    Likeness("calendar", 0.35, sunny=False, landmarks=60),
    Likeness("rest", 1.1, sunny=False),
    Likeness("comfort", 1.2, sunny=False),
    Likeness("sky", 1.0, sunny=True, landmarks=240),
    Likeness("trail", 0.5, sunny=False),
)
"""What they compare is in `DayInputs.likenesses`."""


class DayRegression(HourlyRegression[DayInputs]):
    """Of demand on the model's scale."""

    @staticmethod
    def of_hour(hour: HourRegression, facts: DayInputs, origins: Rows, tails: Values) -> Values:
        weeks, level = week_before(tails)
        features = np.hstack([group for _, group in facts.linear(origins, weeks)])
        scaled = standardise(features, hour.means, hour.scales)
        linear = scaled @ hour.weights[:, :-1].T + hour.weights[:, -1]
        told = hour.told_by(LIKENESSES, facts.likenesses(origins, weeks), facts.sunshine(origins))
        return np.asarray(level[:, None] + (linear + told))

    def in_step(self, facts: DayInputs, origins: Rows, hours: int) -> npt.NDArray[np.bool_]:
        """(origins, hours): whether the clock says at an hour ahead what it said in training at that lead
        time. It does not after clocks were changed, nor where the regression is of another hour."""
        ahead = np.arange(hours)
        begun = facts.local_hour[origins[:, None] + ahead // DAY * DAY]
        expected = (self.own[self.place[begun]] + ahead) % DAY
        return np.asarray(expected == facts.local_hour[origins[:, None] + ahead])

    def telling(self, facts: DayInputs, origins: Rows) -> npt.NDArray[np.bool_]:
        return self.in_step(facts, origins, DAY)


def week_before(tails: Values) -> tuple[Block, Vector]:
    """The last week of `tails` (origins, hours) less its mean, (origins, 168), and that mean, (origins,)."""
    weeks = tails[:, -WEEK:]
    level = np.asarray(weeks.mean(1), dtype=np.float64)
    return np.asarray(weeks - level[:, None], dtype=np.float32), level
