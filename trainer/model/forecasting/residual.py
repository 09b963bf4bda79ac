"""What trend and seasonality leave over: the forecasts of three parts, averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.errors import DataError
from trainer.model.arrays import Matrix, Vector
from trainer.model.forecasting.networks import Networks
from trainer.model.regressions.day_features import DayInputs
from trainer.model.regressions.day_regression import DayRegression
from trainer.model.regressions.origin_features import DAY, Block, Outlook, Rows
from trainer.model.regressions.regression import Regression

_SHARES: Final = np.linspace(0.05, 0.95, 19)
"""The networks' shares beside the regressions that are tried. Neither is ever left out: on few days that
would be chance."""
_ALIKE: Final = 0.01
"""Relative difference in error that a few weeks cannot tell apart."""
_DAY_SHARES: Final = np.linspace(0.0, 0.5, 11)
"""The day regression's shares of a common day that are tried: at most as much as the other two together, and
nothing where a short history taught it nothing."""
_USUAL_DAY_SHARE: Final = 0.4
"""What did best over whole years, holidays among them (docs/ablation.md)."""
_ON_HOLIDAYS: Final = 1.5
"""Times its share on other days: of each holiday there are too few to learn from, and another opinion is
worth the more."""
_NEXT_DAY: Final = 0.9
"""Times its share on the day before: standing on its own forecasts it errs more with every day."""
_LARGEST_ERROR: Final = 0.8
"""Scaled; beyond it an error of the last weeks counts as this, when the next days are corrected by it."""
_BATCH: Final = 512


@dataclass(frozen=True)
class Situation:
    """The hours that forecasts are made in, as each part reads them. All arrays are (hours, ...)."""

    known: Block
    """What the networks read of each hour, scaled."""
    residual: Block
    """Scaled, without holes; nothing of it or of `transformed` at or after an origin is used for it."""
    transformed: Vector
    """Demand on the model's scale, without holes, less the level that it keeps."""
    kept_level: Vector
    """See there; what `residual` is less, and forecasts more."""
    known_demand: npt.NDArray[np.bool_]
    """Where `residual` and `transformed` are of a demand that was measured."""
    base: Vector
    """Trend and seasonality, on the same scale."""
    deviation: float
    """By which residuals are divided, on the same scale."""
    outlook: Outlook
    days: DayInputs


@dataclass(frozen=True)
class Shares:
    """Who says how much of the median, 0..1."""

    networks: float
    """Of the networks, beside the regressions."""
    days: float
    """Of the day regression on a common day ahead, beside those two together; elsewhere times
    `Residual.say_of_days`."""


@dataclass(frozen=True)
class Residual:
    """The networks say how wide the band is; its median is the average of three parts."""

    networks: Networks
    regression: Regression
    days: DayRegression
    shares: Shares

    def quantiles(self, here: Situation, origins: Rows, hours: int) -> Matrix:
        """(origins, hours, 3), scaled. Rows up to `reach` hours after each origin must exist."""
        return blended(*self.parts(here, origins, hours), self.shares, self.say_of_days(here, origins, hours))

    def parts(self, here: Situation, origins: Rows, hours: int) -> tuple[Matrix, Matrix, Matrix]:
        """The networks' quantiles (origins, hours, 3), and the medians (origins, hours) of the regressions
        and of the day regression."""
        batches: list[tuple[Matrix, Matrix, Matrix]] = []
        for begin in range(0, len(origins), _BATCH):
            rows = origins[begin : begin + _BATCH]
            ahead = rows[:, None] + np.arange(hours)
            regressions = self.regression.roll(
                here.outlook, here.residual, rows, hours, largest_error=_LARGEST_ERROR
            )
            days = self.days.roll(
                here.days, here.transformed, rows, hours, largest_error=_LARGEST_ERROR * here.deviation
            )
            batches.append(
                (
                    self.networks.roll(here.known, here.residual, rows, hours).astype(np.float64),
                    regressions.astype(np.float64),
                    (days.astype(np.float64) - here.base[ahead]) / here.deviation,
                )
            )
        networks, regression, whole_days = (np.concatenate(part) for part in zip(*batches, strict=True))
        return networks, regression, whole_days

    def say_of_days(self, here: Situation, origins: Rows, hours: int) -> Matrix:
        """(origins, hours): by what the day regression's share is multiplied; 0 where the clock does not say
        what it did in training, since the regression knows of hours by their lead time alone."""
        ahead = np.arange(hours)
        holiday = here.outlook.holiday[origins[:, None] + ahead] > 0
        in_step = self.days.in_step(here.days, origins, hours)
        return np.asarray(_NEXT_DAY ** (ahead // DAY) * np.where(holiday, _ON_HOLIDAYS, 1.0) * in_step)


def reach(hours: int, block: int) -> int:
    """Hours after an origin whose facts are needed: networks roll by `block` hours, regressions by a day."""
    return max(-(-hours // block) * block, -(-hours // DAY) * DAY)


def blended(
    networks: Matrix, regressions: Matrix, days: Matrix, shares: Shares, say_of_days: Matrix
) -> Matrix:
    """The networks' quantiles, moved so that their median is the average of all."""
    median = _median(networks)
    two = shares.networks * median + (1 - shares.networks) * regressions
    shift = two + shares.days * say_of_days * (days - two) - median
    return np.asarray(networks + shift[..., None])


def best_shares(
    networks: Matrix, regressions: Matrix, days: Matrix, say_of_days: Matrix, actual: Matrix
) -> Shares:
    """Those with the least mean absolute error: first between networks and regressions, then between these
    and the day regression. Of shares as good the networks get the smallest, the day regression the most
    usual.

    `actual` (origins, hours), NaN where unknown. Raises DataError when all of it is, or when a network
    diverged.
    """
    known = np.isfinite(actual)
    if not known.any():
        raise DataError(
            "no demand is known on the validation days; ingest them, or train up to an earlier day"
        )
    if not all(np.isfinite(part).all() for part in (networks, regressions, days)):
        raise DataError(
            "training diverged; look for demand that is far out of the ordinary, "
            "or train with a lower learning_rate"
        )

    def error(shares: Shares) -> float:
        median = _median(blended(networks, regressions, days, shares, say_of_days))
        return float(np.abs(median - actual)[known].mean())

    of_networks = _alike({float(share): error(Shares(share, 0.0)) for share in _SHARES})[0]
    of_days = _alike({float(share): error(Shares(of_networks, share)) for share in _DAY_SHARES})
    return Shares(of_networks, min(of_days, key=lambda share: abs(share - _USUAL_DAY_SHARE)))


def _alike(errors: dict[float, float]) -> list[float]:
    """The shares whose error is as good as the least one."""
    return [share for share, error in errors.items() if error <= (1 + _ALIKE) * min(errors.values())]


def _median(quantiles: Matrix) -> Matrix:
    return quantiles[..., quantiles.shape[-1] // 2]
