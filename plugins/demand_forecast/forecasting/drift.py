"""Whether the champion errs more than is bearable, and whether to train again: pure, but for one query."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

WINDOW: Final = timedelta(days=7)
MIN_HOURS: Final = 24
"""Fewer scored hours than a day's say nothing about a model."""
_NAIVE: Final = 1.0
"""Relative MAE from which on the seasonal naive forecast would do as well."""

# One row per local day, version and lead time; lead time 0 is a day's 24 together.
_RECENT: Final = """
    SELECT CASE WHEN bool_and(mape IS NOT NULL) THEN sum(mape * hours) / sum(hours) END,
           sum(mae * hours) FILTER (WHERE rmae > 0) / sum(mae / rmae * hours) FILTER (WHERE rmae > 0),
           sum(hours)
    FROM model_metrics
    WHERE region = %(region)s AND product = '' AND model_version = ANY(%(versions)s) AND scope = 'score'
      AND lead_time = 0 AND window_start >= %(start)s AND window_end <= %(end)s
"""


@dataclass(frozen=True)
class RecentError:
    """Over the scored hours of the window."""

    mape: float | None
    """Percent; None where demand was zero or below at some of them."""
    hours: int
    rmae: float | None = None
    """MAE over that of the seasonal naive forecast; None where that is not known."""


@dataclass(frozen=True)
class Verdict:
    """`drifted` calls for an alert, `retrain` for a training; `reason` is a sentence with figures."""

    drifted: bool
    retrain: bool
    reason: str


def recent_error(
    connection: Any, region: str, versions: Sequence[str], moment: datetime
) -> RecentError | None:
    """The error over the 7 days before `moment` of the versions together, which are a judged one and its
    refits; None when nothing was scored."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(
            _RECENT,
            # The week is of whole local days, and the moment lies within the day that follows them.
            {
                "region": region,
                "versions": list(versions),
                "start": moment - WINDOW - timedelta(days=1),
                "end": moment,
            },
        )
        mape, rmae, hours = cursor.fetchone()
    connection.commit()
    return RecentError(mape, int(hours), rmae) if hours else None


def judge(
    recent: RecentError | None,
    *,
    limit: float,
    moment: datetime,
    decided_at: datetime,
    cooldown: timedelta,
    retraining: bool,
    paused_dag: str | None,
) -> Verdict:
    """Whether the `recent` error of the champion is above the limit, and whether to train again for it.

    limit: percent of MAPE; where percentages mean nothing, the seasonal naive forecast is the limit.
    decided_at: when the region's last candidate was promoted or turned away.
    paused_dag: the DAG of retrainings where it is paused; its runs would stay queued.

    A replay of the past, whose moment lies before the last decision, never retrains.
    """
    if recent is None or recent.hours < MIN_HOURS:
        scored = recent.hours if recent else 0
        return Verdict(False, False, f"{scored} h were scored in the last 7 days: too few to tell of drift.")
    compared = _compared(recent, limit)
    if not compared.over:
        return Verdict(False, False, f"{compared.said}.")
    said = compared.said
    if paused_dag:
        return Verdict(
            True,
            False,
            f"{said}; {paused_dag} is paused, so no retraining is started: airflow dags unpause {paused_dag}",
        )
    if retraining:
        return Verdict(True, False, f"{said}; a retraining is under way already.")
    if moment - decided_at < cooldown:
        return Verdict(
            True,
            False,
            f"{said}; the last decision on a model, of {decided_at:%Y-%m-%d %H:%M %Z}, is younger than "
            f"{cooldown.days} days, so no retraining is started.",
        )
    return Verdict(True, True, f"{said}; a retraining is started.")


@dataclass(frozen=True)
class _Compared:
    over: bool
    said: str


def _compared(recent: RecentError, limit: float) -> _Compared:
    over_hours = f"over {recent.hours} h"
    if recent.mape is not None:
        error, bound = recent.mape, limit
        figure, named = f"MAPE of the last 7 days is {error:.2f} % {over_hours}", f"limit of {limit:g} %"
    elif recent.rmae is not None:
        error, bound = recent.rmae, _NAIVE
        figure = f"MAE of the last 7 days is {error:.2f} times the seasonal naive forecast's {over_hours}"
        named = f"limit of {_NAIVE:g} for demand that passes zero"
    else:
        said = "demand of the last 7 days passes zero, and nothing of a week before is known to compare with"
        return _Compared(over=False, said=said)
    over = error > bound
    return _Compared(over, f"{figure}, {'over' if over else 'within'} the {named}")
