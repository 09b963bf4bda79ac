"""One absurd value, or a few hours of them, amid a day as usual."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.data.quality.habits import Mask, Values, is_habit
from trainer.data.runs import runs

LONGEST: Final = 6
"""Hours; a longer departure is a day of another kind, as a factory's holiday is, or a level."""
_ODD: Final = 12.0
"""Times the usual spread at that hour."""
_ABRUPT: Final = 0.6
"""Share of the departure that comes in one hour and goes in one: holidays and heat come by degrees."""
_NEIGHBOURHOOD: Final = 49
"""Hours around, whose median departure is the day's own level."""
_WEEK: Final = 168
_LEAST_SPREAD: Final = 0.01
"""Relative to demand, or to its own deviation where it is signed: however regular a series is."""
_MAD_TO_DEVIATION: Final = 1.4826


def spikes(demand: Values, *, signed: bool) -> Mask:
    """(hours,): hours far outside of what is usual at that hour of the day, by its own spread, that came and
    went at once.

    `demand` (hours,) in MW, consecutive hours, NaN where missing or suspect already. Departures are relative
    unless the series is `signed`. At the end of the series a departure need not have gone yet.
    """
    flagged = np.zeros(len(demand), dtype=bool)
    values = demand if signed else np.log(np.where(demand > 0, demand, np.nan))
    if np.isfinite(values).sum() < _WEEK:
        return flagged
    departure = values - _profile(values)
    level = pd.Series(departure).rolling(_NEIGHBOURHOOD, center=True, min_periods=6).median()
    own = departure - level.to_numpy()
    unit = float(np.nanstd(values)) if signed else 1.0
    odd = np.abs(own) > _ODD * np.maximum(_spread(own), _LEAST_SPREAD * unit)
    known = np.flatnonzero(np.isfinite(own))
    place = {int(row): number for number, row in enumerate(known)}
    for start, end in runs(odd):
        if end - start > LONGEST:
            continue
        before, after = place[start] - 1, place[end - 1] + 1
        size = _ABRUPT * float(np.min(np.abs(own[start:end])))
        came = before < 0 or abs(own[start] - own[known[before]]) >= size
        went = after >= len(known) or abs(own[end - 1] - own[known[after]]) >= size
        flagged[start:end] = came and went
    return np.zeros_like(flagged) if is_habit(flagged) else flagged


def _profile(values: Values) -> Values:
    """(hours,): median of the same hour of the week over two months around; of the same hour of the day in a
    series that has no four weeks."""
    long = np.isfinite(values).sum() >= 4 * _WEEK
    period, around, fewest = (_WEEK, 9, 3) if long else (24, 29, 5)
    table = np.full(-(-len(values) // period) * period, np.nan)
    table[: len(values)] = values
    by_hour = pd.DataFrame(table.reshape(-1, period))
    usual = by_hour.rolling(around, center=True, min_periods=fewest).median()
    return np.asarray(usual.to_numpy().ravel()[: len(values)])


def _spread(own: Values) -> Values:
    """(hours,): standard deviation by the median, at that hour of the day, at least half of all hours'."""
    size = pd.Series(np.abs(own))  # whose median of no known hour is unknown, without NumPy's warning
    overall = size.median()
    hour = np.arange(len(own)) % 24
    by_hour = size.groupby(hour).median().to_numpy()
    return np.asarray(_MAD_TO_DEVIATION * np.maximum(by_hour, overall / 2)[hour])
