"""Rows in any order, hourly or half-hourly, with copies -> one row per hour, in order."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.data.gaps import LONGEST_BRIDGED_GAP, runs
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.errors import DataError

_HOUR: Final = pd.Timedelta(hours=1)
_HALF: Final = pd.Timedelta(minutes=30)
_QUARTER: Final = pd.Timedelta(minutes=15)


def without_copies(raw: SourceFrame, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """`frame` (column `time` in UTC, values; the labels are the source's) with each time once, in order.

    Raises DataError naming two rows that say different things of one time.
    """
    findings = []
    if not frame["time"].is_monotonic_increasing:
        late = int((frame["time"].diff() < pd.Timedelta(0)).sum())
        frame = frame.sort_values("time", kind="stable")
        findings.append(Finding("unsorted", late, f"rows out of order, sorted: {late}"))
    distinct = frame.drop_duplicates()
    again = distinct["time"].duplicated(keep=False)
    if again.any():
        time = distinct["time"][again].iloc[0]
        rows = distinct[distinct["time"] == time].drop(columns="time")
        told = "; ".join(f"{raw.row_name(label)}: {_cells(row)}" for label, row in rows.iterrows())
        count = int(distinct["time"][again].nunique())
        raise DataError(
            f"{raw.place}: {count} times have rows that contradict each other, the first "
            f"{time:%Y-%m-%d %H:%M} UTC ({told}); keep one row per time"
        )
    if copies := len(frame) - len(distinct):
        findings.append(Finding("duplicates", copies, f"rows that repeat another exactly, dropped: {copies}"))
    return distinct, findings


def _cells(row: pd.Series[float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in row.items())


def hourly(raw: SourceFrame, frame: pd.DataFrame, *, energy: bool) -> tuple[pd.DataFrame, list[Finding]]:
    """`frame` (as `without_copies` leaves it) -> the full hourly UTC index `time`, NaN where unknown.

    Half-hourly values are averaged, two to an hour. Hours that begin at half past in UTC (zones such as
    Asia/Kolkata) are split in halves and averaged likewise. `energy`: the column counts MWh per row.
    Raises DataError naming the first stamp of any other frequency.
    """
    times = pd.DatetimeIndex(frame["time"])
    values = frame.drop(columns="time").set_axis(times.rename("time"), axis=0)
    if len(times) < 2:
        raise DataError(f"{raw.place} has one row only; it needs one per hour")
    step = pd.Timedelta(np.median(np.diff(times.asi8)), unit=times.unit)
    on_hour, on_half = times == times.floor("h"), times == times.floor("30min")
    findings = []
    if step == _HOUR and on_hour.all():
        pass
    elif step == _HALF and on_half.all():
        _refuse_hourly_part(raw, times)
        if energy:
            values["demand"] *= 2
        values = _averaged(values)
        text = f"half-hourly rows, averaged to hours: {len(frame):,}"
        findings.append(Finding("half_hourly", len(frame), text))
    elif step == _HOUR and (on_half & ~on_hour).all():
        values = _averaged(pd.concat([values, values.set_axis(times + _HALF, axis=0)]))
        text = f"hours that begin at half past in UTC, shared between the two they touch: {len(frame):,}"
        findings.append(Finding("half_past", len(frame), text))
    else:
        raise DataError(_other_frequency(raw, frame, step, on_hour if step == _HOUR else on_half))
    hours = pd.DatetimeIndex(values.index)
    full = pd.date_range(hours[0], hours[-1], freq="h", name="time", unit=hours.unit)
    return values.reindex(full), findings


def _refuse_hourly_part(raw: SourceFrame, times: pd.DatetimeIndex) -> None:
    """Among half-hourly rows a half may be missing here and there, but not for a stretch of hours."""
    rows = pd.Series(1, index=times).groupby(times.floor("h")).count()
    single = runs((rows == 1).to_numpy())
    for start, end in single:
        if end - start > LONGEST_BRIDGED_GAP:
            raise DataError(
                f"{raw.place} is half-hourly in one part and hourly in another: from "
                f"{rows.index[start]:%Y-%m-%d %H:%M} UTC {end - start} hours have one row; average all "
                "of it to full hours first"
            )


def _averaged(halves: pd.DataFrame) -> pd.DataFrame:
    """Mean of the two halves of each hour; NaN where one of them is unknown."""
    by_hour = halves.groupby(pd.DatetimeIndex(halves.index).floor("h"))
    mean = by_hour.mean()
    return mean.where(by_hour.count() == 2).rename_axis("time")


def _other_frequency(
    raw: SourceFrame,
    frame: pd.DataFrame,
    step: pd.Timedelta,
    fits: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> str:
    times = pd.DatetimeIndex(frame["time"])
    if step in {_HOUR, _HALF} and (times - times.floor("30min") == _QUARTER).all():
        return (
            f"{raw.place} counts hours that begin at a quarter past or to those of UTC, the first at "
            f"{times[0]:%Y-%m-%d %H:%M} UTC in {raw.row_name(frame.index[0])}; the local hours of zones as "
            "Asia/Kathmandu, Pacific/Chatham and Australia/Eucla are not supported: give the demand of full "
            "hours of UTC, with stamps in UTC"
        )
    if step in {_HOUR, _HALF} and not fits.all():
        label = frame.index[int(np.argmin(fits))]
        where = f"{frame['time'][label]:%Y-%m-%d %H:%M:%S} UTC in {raw.row_name(label)} is off the grid"
    else:
        where = f"rows are {step.total_seconds() / 60:g} minutes apart"
    return f"{raw.place} is neither hourly nor half-hourly: {where}; average it to full hours first"
