"""What each place's temperature counts by in that of the region."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import pandas as pd

from trainer.model.covariates.weather import TEMPERATURE

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PlaceWeights:
    """Learnt by `training.place_weights`; without any, the region's temperature is the mean of its places, or
    the one that it has."""

    weights: Mapping[str, float] = field(default_factory=dict)
    """Column of a place, such as `temperature_lille` -> its weight; none negative, their sum 1."""
    departures: Mapping[str, float] = field(default_factory=dict)
    """The same columns -> what the place usually departs from the mean of all by, C."""

    def applied(self, frame: pd.DataFrame) -> pd.DataFrame:
        """`frame` (the mean as `temperature`, and the places) with the weighted temperature instead of the
        mean, and without the places. One that is silent, or missing in `frame`, departs from the mean as it
        usually does."""
        if not self.weights:
            return frame
        mean = self._mean_of_all(frame)
        moved = sum(
            self.weights[name] * (known - mean).fillna(usual)
            for name, usual in self.departures.items()
            for known in [frame[name] if name in frame else mean * float("nan")]
        )
        others = frame.columns.difference([*self.weights], sort=False)
        return frame[others].assign(**{TEMPERATURE: mean + moved})

    def _mean_of_all(self, frame: pd.DataFrame) -> pd.Series[float]:
        """As it was when the weights were learnt: where an hour has some of the places only, the mean that
        stands there may be of those, and warmer by degrees."""
        counted = [name for name, weight in self.weights.items() if weight > 0]
        known = frame.reindex(columns=counted)
        if silent := [name for name in counted if known[name].isna().all()]:
            log.warning("no hour has %s; the other places stand for it", ", ".join(silent))
        of_known = known.sub(pd.Series(self.departures)[counted], axis=1).mean(axis=1)
        some = known.notna().any(axis=1) & known.isna().any(axis=1)
        return frame[TEMPERATURE].where(~some, of_known)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        return cls(**values)
