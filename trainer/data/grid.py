"""Rows in any order, of a minute up to an hour, with copies -> one row per hour, in order."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final

import numpy as np
import pandas as pd

from trainer.data.energy_by_size import is_energy_by_size
from trainer.data.reference import REFERENCE, one_reference_per_time
from trainer.data.report import Finding
from trainer.data.sources import SourceFrame
from trainer.errors import DataError

CONTRADICTION: Final = "rows contradict each other"
"""How the reason of an hour of which two rows say different things begins."""
_HOUR: Final = pd.Timedelta(hours=1)
_NONE: Final = pd.Timedelta(0)
_QUARTER: Final = pd.Timedelta(minutes=15)
_FIVE: Final = pd.Timedelta(minutes=5)
_FINEST: Final = pd.Timedelta(minutes=1)
_SPARSEST: Final = pd.Timedelta(minutes=20)
"""Between samples of which the mean is an hour's."""
_MOSTLY: Final = 0.9
_STRAYS: Final = 0.01
"""Largest share of the rows that may lie beside the grid: more say that the grid is another one."""
_AROUND: Final = 49
"""Hours whose usual number of rows tells how many an hour should have."""


def without_copies(
    raw: SourceFrame, frame: pd.DataFrame
) -> tuple[pd.DataFrame, dict[pd.Timestamp, str], list[Finding]]:
    """`frame` (column `time` in UTC, values; the labels are the source's) with each time once, in order, and
    the times of which two rows say another demand, with both of them: they are left out. A row that lacks
    demand, such as one of a forecast of the weather, says nothing of it.
    """
    findings = []
    if not frame["time"].is_monotonic_increasing:
        late = int((frame["time"].diff() < pd.Timedelta(0)).sum())
        frame = frame.sort_values("time", kind="stable")
        findings.append(Finding("unsorted", late, f"rows out of order, sorted: {late}"))
    distinct = one_reference_per_time(frame).drop_duplicates()
    if copies := len(frame) - len(distinct):
        findings.append(Finding("duplicates", copies, f"rows that repeat another exactly, dropped: {copies}"))
    distinct, more = _with_one_row_per_demand(distinct)
    findings += more
    again = distinct["time"].duplicated(keep=False)
    doubts: dict[pd.Timestamp, str] = {}
    for time, rows in distinct[again].groupby("time"):
        cells = rows.drop(columns="time")
        told = "; ".join(f"{raw.row_name(int(label))}: {_cells(cells.loc[label])}" for label in rows.index)
        doubts[pd.Timestamp(str(time))] = f"{CONTRADICTION} ({told})"
    if doubts:
        first, told = next(iter(doubts.items()))
        text = f"times whose {told}, the first {first:%Y-%m-%d %H:%M} UTC; left out: {len(doubts)}"
        findings.append(Finding("contradictions", len(doubts), text))
        distinct = distinct[~distinct["time"].duplicated()].copy()
        distinct.loc[distinct["time"].isin(list(doubts)), "demand"] = np.nan
    return distinct, doubts, findings


def _with_one_row_per_demand(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """`rows` in order of time, with one for the times of which all that have a demand have the same: of other
    columns what stands beside it goes before what stands elsewhere."""
    several = rows[rows["time"].duplicated(keep=False)]
    agree = several.groupby("time")["demand"].transform("nunique") <= 1
    if not agree.any():
        return rows, []
    ordered = several[agree].sort_values(["time", "demand"])  # unknown demand comes last
    known = ordered.groupby("time").bfill().assign(time=ordered["time"])
    one = known.loc[~ordered["time"].duplicated(), rows.columns]
    text = f"times of several rows that say one demand or none, taken for one row each: {len(one)}"
    rest = rows.drop(index=ordered.index)
    return pd.concat([rest, one]).sort_values("time", kind="stable"), [Finding("merged", len(one), text)]


def _cells(row: pd.Series[float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in row.items())


def hourly(
    raw: SourceFrame, frame: pd.DataFrame, *, energies: list[str], zone: tzinfo
) -> tuple[pd.DataFrame, list[Finding]]:
    """`frame` (as `without_copies` leaves it) -> the full hourly UTC index `time`, NaN where unknown.

    Rows of a minute up to an hour, and samples of power at uneven times, are averaged, each value over the
    rows that have it; an hour counts when at least half of it was measured. How many rows an hour has may
    change through the years. Hours that begin at a quarter past, half past or a quarter to in UTC (zones such
    as Asia/Kolkata) are shared between the two that they touch, also where the clocks of `zone` were moved by
    part of an hour, as on Lord Howe Island each summer. A few rows beside the grid are left out, and told of.
    `energies`: the columns that count MWh per row.
    Raises DataError naming the first stamp of any other frequency.
    """
    frame, findings = _without_strays(raw, frame)
    times = pd.DatetimeIndex(frame["time"])
    values = frame.drop(columns="time").set_axis(times.rename("time"), axis=0)
    if len(times) < 2:
        raise DataError(f"{raw.place} has one row only; it needs one per hour")
    step, past = usual_step(times), times - times.floor("h")
    if step <= _HOUR and (past == _NONE).all():
        pass
    elif step == _HOUR and (past % _QUARTER == _NONE).all() and _same_on_clock(times, zone):
        quarters = [values.set_axis(times + n * _QUARTER, axis=0) for n in range(4)]
        values = _averaged(pd.concat(quarters), energies=[])
        shared = past[past != _NONE]
        minutes = " or ".join(f"{of.total_seconds() / 60:g}" for of in sorted(set(shared)))
        text = (
            f"hours that begin {minutes} minutes past those of UTC, shared between the two they touch: "
            f"{len(shared):,}"
        )
        findings.append(Finding("part_past", len(shared), text))
    elif _on_grid(times, step).all() and (step < _HOUR or _even(times).all()):
        averaged = _averaged(values, energies=energies)
        if "demand" not in energies and is_energy_by_size(averaged["demand"], _usual_rows(times)):
            counted = [name for name in ("demand", REFERENCE) if name in averaged]
            averaged = _averaged(values, energies=[*energies, *counted])
            text = (
                "demand read as the energy of each row's interval, since where rows become finer it falls by "
                'as much; say so in the region: unit = "MWh per interval"'
            )
            findings.append(Finding("energy_by_size", len(frame), text))
        values = averaged
        text = f"rows of {step.total_seconds() / 60:g} minutes, averaged to hours: {len(frame):,}"
        findings.append(Finding("averaged", len(frame), text))
    elif not energies and _are_samples(times, step):
        values = _averaged(values, energies=[])
        text = (
            f"samples about every {step.total_seconds() / 60:.3g} minutes at uneven times, those of an hour "
            f"averaged: {len(frame):,}"
        )
        findings.append(Finding("samples", len(frame), text))
    else:
        raise DataError(
            _other_frequency(
                raw, frame, step, times == times.floor("h") if step == _HOUR else _on_grid(times, step)
            )
        )
    hours = pd.DatetimeIndex(values.index)
    full = pd.date_range(hours[0], hours[-1], freq="h", name="time", unit=hours.unit)
    return values.reindex(full), findings


def usual_step(times: pd.DatetimeIndex) -> pd.Timedelta:
    """The usual time between rows, in whatever order they are; an hour for a single time."""
    gaps = np.diff(np.sort(times.asi8))
    gaps = gaps[gaps > 0]
    return pd.Timedelta(np.median(gaps), unit=times.unit) if len(gaps) else _HOUR


def _on_grid(times: pd.DatetimeIndex, step: pd.Timedelta) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """By row, whether it is where rows that divide an hour can be; none where `step` divides none."""
    if step < _FINEST or step > _HOUR or _HOUR % step != _NONE:
        return np.zeros(len(times), dtype=bool)
    return np.asarray(times == times.floor(_FIVE if step % _FIVE == _NONE else _FINEST))


def _same_on_clock(times: pd.DatetimeIndex, zone: tzinfo) -> bool:
    """Whether all times (UTC) are as many minutes past the hour, in UTC or on the clock of `zone`."""
    clocks = (times, times.tz_convert(zone).tz_localize(None))
    return any(len(set(clock - clock.floor("h"))) == 1 for clock in clocks)


def _even(times: pd.DatetimeIndex) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """By row, whether it is where rows would be that divide its hour into as many parts as it has rows."""
    rows_of_hour = pd.Series(1, index=times).groupby(times.floor("h")).transform("sum").to_numpy()
    seconds = (times - times.floor("h")).total_seconds().to_numpy()
    return np.asarray(seconds % (_HOUR.total_seconds() / rows_of_hour) == 0)


def _are_samples(times: pd.DatetimeIndex, step: pd.Timedelta) -> bool:
    """Whether several values an hour were taken, by a clock that is not the hour's."""
    gaps = np.diff(times.asi8) / (step / pd.Timedelta(1, unit=times.unit)) if step > _NONE else np.ones(0)
    usual = (gaps > 0.5) & (gaps < 1.5)
    are_uneven = bool((gaps[usual] != 1).any())
    return _FINEST / 2 <= step <= _SPARSEST and are_uneven and bool(usual.mean() > _MOSTLY)


def _without_strays(raw: SourceFrame, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Without rows that divide their hour unevenly, where these are few."""
    times = pd.DatetimeIndex(frame["time"])
    step = usual_step(times)
    if len(times) < 2 or step > _HOUR:
        return frame, []
    past = times - times.floor("h")
    usual = past == past.value_counts().index[0]
    odd = ~_on_grid(times, step) if step < _HOUR else ~usual & ~_even(times)
    if not odd.any() or odd.mean() > _STRAYS:
        return frame, []
    label = int(frame.index[int(np.argmax(odd))])
    text = (
        f"rows beside the others' grid, left out: {int(odd.sum())}, the first "
        f"{frame['time'][label]:%Y-%m-%d %H:%M:%S} UTC in {raw.row_name(label)}"
    )
    return frame[~odd], [Finding("strays", int(odd.sum()), text)]


def _averaged(rows: pd.DataFrame, *, energies: list[str]) -> pd.DataFrame:
    """By hour the mean of each column; NaN where less than half of an hour's rows have it. `energies`
    are what all rows of the hour add up to.
    """
    by_hour = rows.groupby(pd.DatetimeIndex(rows.index).floor("h"))
    whole = _usual_rows(pd.DatetimeIndex(rows.index))
    mean = by_hour.mean().where(by_hour.count().ge(whole / 2, axis=0))
    mean[energies] = mean[energies].mul(whole, axis=0)
    return mean.rename_axis("time")


def _usual_rows(times: pd.DatetimeIndex) -> pd.Series[float]:
    """By hour how many rows it should have: as many as those around it, since a file may have been hourly
    once."""
    size = pd.Series(1, index=times).groupby(times.floor("h")).sum()
    return size.rolling(_AROUND, center=True, min_periods=1).median().clip(lower=size)


def _other_frequency(
    raw: SourceFrame,
    frame: pd.DataFrame,
    step: pd.Timedelta,
    fits: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> str:
    if not fits.all():
        label = frame.index[int(np.argmin(fits))]
        where = f"{frame['time'][label]:%Y-%m-%d %H:%M:%S} UTC in {raw.row_name(label)} is off the grid"
    else:
        where = f"rows are {step.total_seconds() / 60:g} minutes apart"
    return f"{raw.place} has no rows of a minute up to an hour: {where}; average it to full hours first"
