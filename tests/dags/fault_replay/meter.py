"""What the source's file holds on each day, and what was really consumed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.dags.fault_replay.faults import Where
from tests.dags.fault_replay.schedule import DAY, HOUR, Occurrence

_KEPT_DAYS = 21


class Meter:
    """`series`: UTC hours; demand (MW) and weather, all of it known and true but for what befalls it."""

    def __init__(self, series: pd.DataFrame, faults: list[Occurrence], path: Path) -> None:
        self.path = path
        self._faults = faults
        self._seen = series.copy()
        demand = series["demand"].copy()
        for one in self._of(Where.DEMAND):
            hours = one.index.intersection(demand.index)
            demand[hours] = one.fault.values(demand[hours])  # type: ignore[misc]
        self.demand = demand
        """MW, as it was consumed."""
        metered = demand.copy()
        for one in self._of(Where.METER):
            metered[one.index] = one.fault.values(demand[one.index])  # type: ignore[misc]
        self._seen["demand"] = metered
        for one in self._of(Where.HISTORY):
            self._seen.loc[one.index, self._weather] = np.nan

    def write(self, origin: pd.Timestamp) -> None:
        """The file as it is at `origin` (UTC): demand before it, and weather up to a day after. All of it on
        the first day, the last three weeks on all others."""
        first = origin - _KEPT_DAYS * DAY if self.path.exists() else self._seen.index[0]
        rows = self._seen.loc[first : origin + DAY - HOUR].copy()
        rows.loc[origin:, "demand"] = np.nan
        for one in self._of(Where.AHEAD):
            if origin <= one.first < origin + DAY:
                rows.loc[one.index, self._weather] = np.nan
        rows.tz_convert("Asia/Seoul").tz_localize(None).round(3).to_csv(self.path)

    @property
    def _weather(self) -> list[str]:
        return [name for name in self._seen if name != "demand"]

    def _of(self, where: Where) -> list[Occurrence]:
        return [one for one in self._faults if one.fault.where is where]
