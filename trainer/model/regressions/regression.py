"""The residual by regression: for each hour of the day and lead time, linear and by likeness together.

The linear part reads what an `Outlook` shows from an origin; kernels say how days ahead that are alike in
calendar, comfort or sky (see `likeness`) depart from it alike. Both are one Gaussian process regression
(Rasmussen and Williams, 2006, chapter 2) with Huber's loss, its kernels on landmarks: solved in closed form,
recent days weighing more. A thousand days are few: on so few it beats a network, and averaged, itself.
"""

from __future__ import annotations

import numpy as np

from trainer.model.regressions.hourly import HourlyRegression, HourRegression, Values, standardise
from trainer.model.regressions.kernels import LIKENESSES
from trainer.model.regressions.origin_features import Outlook, Rows


class Regression(HourlyRegression[Outlook]):
    """Of the scaled residual."""

    @staticmethod
    def of_hour(hour: HourRegression, facts: Outlook, origins: Rows, tails: Values) -> Values:
        past = np.asarray(tails, dtype=np.float32)
        scaled = standardise(facts.linear(origins, past), hour.means, hour.scales)
        linear = np.einsum("nlf,lf->nl", scaled, hour.weights[:, :-1]) + hour.weights[:, -1]
        told = hour.told_by(LIKENESSES, facts.likenesses(origins, past), facts.sun(origins))
        return np.asarray(linear + told)
