"""Rows in any order, of five minutes up to an hour, with copies -> one row per hour, in order."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.data.reference import agreed
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.errors import DataError

_HOUR: Final = pd.Timedelta(hours=1)
_HALF: Final = pd.Timedelta(minutes=30)
_QUARTER: Final = pd.Timedelta(minutes=15)
_FINEST: Final = pd.Timedelta(minutes=5)
_AROUND: Final = 49
"""Hours whose usual number of rows tells how many an hour should have."""


def without_copies(
    raw: SourceFrame, frame: pd.DataFrame
) -> tuple[pd.DataFrame, dict[pd.Timestamp, str], list[Finding]]:
    """`frame` (column `time` in UTC, values; the labels are the source's) with each time once, in order, and
    the times of which two rows say different things, with both of them: they are left out.
    """
    findings = []
    if not frame["time"].is_monotonic_increasing:
        late = int((frame["time"].diff() < pd.Timedelta(0)).sum())
        frame = frame.sort_values("time", kind="stable")
        findings.append(Finding("unsorted", late, f"rows out of order, sorted: {late}"))
    distinct = agreed(frame).drop_duplicates()
    if copies := len(frame) - len(distinct):
        findings.append(Finding("duplicates", copies, f"rows that repeat another exactly, dropped: {copies}"))
    again = distinct["time"].duplicated(keep=False)
    doubts: dict[pd.Timestamp, str] = {}
    for time, rows in distinct[again].groupby("time"):
        cells = rows.drop(columns="time")
        told = "; ".join(f"{raw.row_name(int(label))}: {_cells(cells.loc[label])}" for label in rows.index)
        doubts[pd.Timestamp(str(time))] = f"rows contradict each other ({told})"
    if doubts:
        first, told = next(iter(doubts.items()))
        text = f"times whose {told}, the first {first:%Y-%m-%d %H:%M} UTC; left out: {len(doubts)}"
        findings.append(Finding("contradictions", len(doubts), text))
        distinct = distinct[~distinct["time"].duplicated()].copy()
        distinct.loc[distinct["time"].isin(list(doubts)), "demand"] = np.nan
    return distinct, doubts, findings


def _cells(row: pd.Series[float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in row.items())


def hourly(
    raw: SourceFrame, frame: pd.DataFrame, *, energies: list[str]
) -> tuple[pd.DataFrame, list[Finding]]:
    """`frame` (as `without_copies` leaves it) -> the full hourly UTC index `time`, NaN where unknown.

    Rows of 5 minutes up to an hour are averaged, each value over the rows that have it; an hour counts when
    at least half of it was measured. How many rows an hour has may change through the years. Hours that
    begin at half past in UTC (zones such as Asia/Kolkata) are split in halves and averaged likewise.
    `energies`: the columns that count MWh per row.
    Raises DataError naming the first stamp of any other frequency.
    """
    times = pd.DatetimeIndex(frame["time"])
    values = frame.drop(columns="time").set_axis(times.rename("time"), axis=0)
    if len(times) < 2:
        raise DataError(f"{raw.place} has one row only; it needs one per hour")
    step = pd.Timedelta(np.median(np.diff(times.asi8)), unit=times.unit)
    on_hour, on_half = times == times.floor("h"), times == times.floor("30min")
    findings = []
    if on_hour.all() and step <= _HOUR:
        pass
    elif step == _HOUR and (on_half & ~on_hour).all():
        values = _averaged(pd.concat([values, values.set_axis(times + _HALF, axis=0)]), energies=[])
        text = f"hours that begin at half past in UTC, shared between the two they touch: {len(frame):,}"
        findings.append(Finding("half_past", len(frame), text))
    elif step < _HOUR and (times == times.floor(_FINEST)).all():
        values = _averaged(values, energies=energies)
        text = f"rows of {step.total_seconds() / 60:g} minutes, averaged to hours: {len(frame):,}"
        findings.append(Finding("averaged", len(frame), text))
    else:
        raise DataError(
            _other_frequency(raw, frame, step, times == times.floor("h" if step == _HOUR else _FINEST))
        )
    hours = pd.DatetimeIndex(values.index)
    full = pd.date_range(hours[0], hours[-1], freq="h", name="time", unit=hours.unit)
    return values.reindex(full), findings


def _averaged(rows: pd.DataFrame, *, energies: list[str]) -> pd.DataFrame:
    """By hour the mean of each column; NaN where less than half of an hour's rows have it. `energies`
    are what all rows of the hour add up to.

    How many rows an hour should have is how many those around it have: a file may have been hourly once.
    """
    by_hour = rows.groupby(pd.DatetimeIndex(rows.index).floor("h"))
    size = by_hour.size()
    whole = size.rolling(_AROUND, center=True, min_periods=1).median().clip(lower=size)
    mean = by_hour.mean().where(by_hour.count().ge(whole / 2, axis=0))
    mean[energies] = mean[energies].mul(whole, axis=0)
    return mean.rename_axis("time")


def _other_frequency(
    raw: SourceFrame,
    frame: pd.DataFrame,
    step: pd.Timedelta,
    fits: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> str:
    times = pd.DatetimeIndex(frame["time"])
    if step == _HOUR and (times - times.floor("30min") == _QUARTER).all():
        return (
            f"{raw.place} counts hours that begin at a quarter past or to those of UTC, the first at "
            f"{times[0]:%Y-%m-%d %H:%M} UTC in {raw.row_name(frame.index[0])}; the local hours of zones as "
            "Asia/Kathmandu, Pacific/Chatham and Australia/Eucla are not supported: give the demand of full "
            "hours of UTC, with stamps in UTC"
        )
    if not fits.all():
        label = frame.index[int(np.argmin(fits))]
        where = f"{frame['time'][label]:%Y-%m-%d %H:%M:%S} UTC in {raw.row_name(label)} is off the grid"
    else:
        where = f"rows are {step.total_seconds() / 60:g} minutes apart"
    return f"{raw.place} has no rows of 5 minutes up to an hour: {where}; average it to full hours first"
