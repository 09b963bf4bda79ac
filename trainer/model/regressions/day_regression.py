"""The whole day ahead in one go, from a week of demand as it was metered.

A Gaussian process regression (Rasmussen and Williams, 2006, chapter 2) whose kernel all 24 hours share:
linear, and kernels on inducing points (see `kernels`). Solved in closed form.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.model.arrays import Vector
from trainer.model.regressions.day_features import WEEK, DayFeatures
from trainer.model.regressions.hourly import HourlyRegression, HourRegression, Values, standardise
from trainer.model.regressions.kernels import Kernel
from trainer.model.regressions.origin_features import DAY, Block, Rows

KERNELS: Final = (
    Kernel("calendar", 0.35, sunny=False, inducing_points=60),
    Kernel("rest", 1.1, sunny=False),
    Kernel("comfort", 1.2, sunny=False),
    Kernel("sky", 1.0, sunny=True, inducing_points=240),
    Kernel("trail", 0.5, sunny=False),
)
"""What they compare is in `DayFeatures.kernel_features`."""


class DayRegression(HourlyRegression[DayFeatures]):
    """The regression of whole days of demand, on the model's scale."""

    @staticmethod
    def of_hour(hour: HourRegression, facts: DayFeatures, origins: Rows, tails: Values) -> Values:
        weeks, level = week_before(tails)
        features = np.hstack([group for _, group in facts.linear(origins, weeks)])
        scaled = standardise(features, hour.means, hour.scales)
        linear = scaled @ hour.weights[:, :-1].T + hour.weights[:, -1]
        from_kernels = hour.kernel_forecast(
            KERNELS, facts.kernel_features(origins, weeks), facts.mean_solar_proxy(origins)
        )
        return np.asarray(level[:, None] + (linear + from_kernels))

    def follows_training_clock(self, facts: DayFeatures, origins: Rows, hours: int) -> npt.NDArray[np.bool_]:
        """(origins, hours): whether the local hour at each lead time is the one of training. It is not after
        the clocks changed, nor where an origin leans on the regression of another hour."""
        ahead = np.arange(hours)
        begun = facts.local_hour[origins[:, None] + ahead // DAY * DAY]
        expected = (self.own[self.place[begun]] + ahead) % DAY
        return np.asarray(expected == facts.local_hour[origins[:, None] + ahead])

    def informative(self, facts: DayFeatures, origins: Rows) -> npt.NDArray[np.bool_]:
        return self.follows_training_clock(facts, origins, DAY)


def week_before(tails: Values) -> tuple[Block, Vector]:
    """The week before each origin from `tails` (origins, hours): less its mean, (origins, 168), and the mean,
    (origins,)."""
    weeks = tails[:, -WEEK:]
    level = np.asarray(weeks.mean(1), dtype=np.float64)
    return np.asarray(weeks - level[:, None], dtype=np.float32), level
