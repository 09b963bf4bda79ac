"""The peak and the energy of a day, with bands from the sample paths of its hours.

The bands of single hours do not tell them: errors of neighbouring hours go together, and the peak lies in
whichever hour comes out highest. How far the quantiles of the paths' own peaks lie from their median is what
the band lies from the forecast's, times a scale under which it held the validation days (split conformal, as
the band of the hours).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.contract.local_days import day_of, midnight
from trainer.contract.quantiles import BAND
from trainer.model.arrays import Matrix, Vector

_HOUR: Final = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class DayFigures:
    """Peak (MW; its hour in UTC) and energy (MWh) of one whole local day, with the edges of their bands."""

    date: str
    hours: int
    peak_mw: float
    peak_time: pd.Timestamp
    """The hour in which the forecast is highest."""
    peak_lower_mw: float
    peak_upper_mw: float
    energy_mwh: float
    energy_lower_mwh: float
    energy_upper_mwh: float

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {**vars(self), "peak_time": self.peak_time.isoformat()}


def day_figures(
    time: pd.DatetimeIndex, forecast: Vector, paths: Matrix, scales: Vector, region: Region
) -> Iterator[DayFigures]:
    """The figures of each whole local day among the successive hours `time` (UTC).

    `forecast` (hours,) and `paths` (count, hours) are of these hours, MW. `scales` (2,): factors on the
    half-widths that the paths give the bands of peak and energy."""
    start, end = time[0], time[-1] + _HOUR
    first = day_of(start, region)
    count = (day_of(end, region) - first).days
    for day in (first + timedelta(days=number) for number in range(count)):
        begin, after = (pd.Timestamp(midnight(day + timedelta(days=more), region)) for more in (0, 1))
        hours = slice(int((begin - start) / _HOUR), int((after - start) / _HOUR))
        if begin < start or begin == after:  # the calendar may skip a day, as in Samoa
            continue
        peak, energy = totals(forecast[hours])
        below, above = (scales[:, None] * half_widths(paths[:, hours])).T
        yield DayFigures(
            date=day.isoformat(),
            hours=hours.stop - hours.start,
            peak_mw=float(peak),
            peak_time=time[hours][int(forecast[hours].argmax())],
            peak_lower_mw=float(peak - below[0]),
            peak_upper_mw=float(peak + above[0]),
            energy_mwh=float(energy),
            energy_lower_mwh=float(energy - below[1]),
            energy_upper_mwh=float(energy + above[1]),
        )


def totals(megawatts: Matrix) -> Matrix:
    """(2, ...): peak (MW) and energy (MWh) of the hours, the last axis of `megawatts`."""
    return np.stack([megawatts.max(-1), megawatts.sum(-1)])


def half_widths(paths: Matrix) -> Matrix:
    """(2, 2, ...): the half-widths below and above the median (second axis) that the sample paths `paths`
    (count, ..., hours), MW, give the band of the peak in MW and of the energy in MWh (first axis)."""
    lower, middle, upper = np.quantile(totals(paths), np.array(BAND) / 100, axis=1)
    return np.stack([middle - lower, upper - middle], axis=1)


def day_errors(actual: Matrix, forecast: Matrix, widths: Matrix) -> Matrix:
    """(2, days): how far peak and energy of each day were off, in half-widths of their bands, always 0 or
    more; NaN for a day with an hour that is NaN. `actual` and `forecast` (days, hours), MW; `widths` (2, 2,
    days) as `half_widths` gives them."""
    error = totals(actual) - totals(forecast)
    return np.asarray(np.abs(error) / np.where(error < 0, widths[:, 0], widths[:, 1]))


def day_scales(actual: Matrix, forecast: Matrix, widths: Matrix, coverage: float) -> Vector:
    """(2,): the factors on the half-widths of peak and energy under which their bands would have held the
    share `coverage` (0..1) of the days; 1 where no day was measured. Other arguments as of `day_errors`."""
    errors = day_errors(actual, forecast, widths)
    return np.array([_conformal(of_days[np.isfinite(of_days)], coverage) for of_days in errors])


def _conformal(scores: Vector, coverage: float) -> float:
    if not scores.size:
        return 1.0
    return float(np.quantile(scores, min(1.0, np.ceil((scores.size + 1) * coverage) / scores.size)))
