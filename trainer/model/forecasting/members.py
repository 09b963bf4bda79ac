"""What a region's other forecasters say of hours, as far as it was known at the time: those that nothing is
fitted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.contract.ensembles import TREES
from trainer.data.reference import REFERENCE
from trainer.model.arrays import Matrix, Vector
from trainer.model.regressions.origin_features import DAY, Rows
from trainer.model.target_transform import TargetTransform

_WEEK: Final = 7 * DAY
_WEEKS: Final = 4
"""Weeks that the seasonal member looks back for an hour that was measured."""
_CORRECTED_DAYS: Final = 14
"""Days whose median error at the same hour is taken off the operator's forecast (docs/ablation.md). The
median, since a single day that was stored in kW would move the mean."""
_FEWEST: Final = 3
"""Days among these whose error has to be known, else nothing is taken off."""
_BATCH: Final = 512
"""Forecasts whose past errors are in memory at once."""


@dataclass(frozen=True)
class MemberHours:
    """The hours of a frame as members read them, (hours,), on the model's scale; NaN where unknown."""

    names: tuple[str, ...]
    demand: Vector
    reference: Vector
    day: Rows
    """Number of the local day that the hour lies in."""

    @classmethod
    def of(
        cls, names: Sequence[str], frame: pd.DataFrame, region: Region, transform: TargetTransform
    ) -> Self:
        """`names`: members of an ensemble, of which TREES, which are fitted, are left out. `frame`: by UTC
        hour `demand` and, where there is one, `reference`, MW."""
        local = pd.DatetimeIndex(frame.index).tz_convert(region.zone).tz_localize(None)
        nothing = np.full(len(frame), np.nan)
        reference = frame[REFERENCE].to_numpy(dtype=np.float64) if REFERENCE in frame else nothing
        return cls(
            tuple(name for name in names if name != TREES),
            transform(frame["demand"].to_numpy(dtype=np.float64)),
            transform(reference),
            local.to_numpy().astype("datetime64[D]").astype(np.int64),
        )

    def forecasts(self, begun: Rows, moments: Rows, hours: int) -> Matrix:
        """(origins, hours, members): the members' forecasts of the `hours` from each row of `begun` on, NaN
        where one says nothing.

        Only what was known at the row `moments` of each origin counts: demand before `begun`, and the
        operator's forecast of the moment's own local day, since that of the next may not be published yet.
        The operator's forecast is corrected by its median error of the last days."""
        batches = (slice(begin, begin + _BATCH) for begin in range(0, max(len(begun), 1), _BATCH))
        return np.concatenate([self._forecasts(begun[some], moments[some], hours) for some in batches])

    def _forecasts(self, begun: Rows, moments: Rows, hours: int) -> Matrix:
        ahead = begun[:, None] + np.arange(hours)
        of_each = {
            "seasonal": lambda: self._seasonal(ahead, begun),
            "reference": lambda: self._reference(ahead, begun, moments),
        }
        if not self.names:
            return np.empty((*ahead.shape, 0))
        return np.stack([of_each[name]() for name in self.names], axis=-1)

    def _seasonal(self, ahead: Rows, begun: Rows) -> Matrix:
        """A week before, or further back where that is not known yet or was not measured."""
        found = np.full(ahead.shape, np.nan)
        for week in range(1, _WEEKS + 1):
            there = _before(self.demand, ahead - week * _WEEK, begun)
            found = np.where(np.isnan(found), there, found)
        return found

    def _reference(self, ahead: Rows, begun: Rows, moments: Rows) -> Matrix:
        today = self.day[np.minimum(moments, len(self.day) - 1)]  # the frame may end where a late one begins
        published = self.day[ahead] <= today[:, None]
        error = self.demand - self.reference
        back = DAY * np.arange(1, _CORRECTED_DAYS + 1)[:, None, None]
        usual = _median(_before(error, ahead - back, begun))
        return np.where(published, self.reference[ahead] + usual, np.nan)


def _median(errors: Matrix) -> Matrix:
    """(...): of `errors` (days, ...), NaN where unknown; 0 where fewer than _FEWEST are known."""
    count = np.isfinite(errors).sum(0)[None]
    ascending = np.sort(errors, axis=0)  # what is unknown comes last
    middle = np.maximum(count - 1, 0) // 2, count // 2
    lower, upper = (np.take_along_axis(ascending, place, axis=0)[0] for place in middle)
    return np.where(count[0] >= _FEWEST, (lower + upper) / 2, 0.0)


def _before(values: Vector, rows: Rows, begun: Rows) -> Matrix:
    """`values` (hours,) at `rows` (..., origins, hours), NaN from each row `begun` (origins,) on."""
    known = (rows >= 0) & (rows < begun[:, None])
    return np.where(known, values[np.where(known, rows, 0)], np.nan)
