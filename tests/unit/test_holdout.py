"""Held-out days are whole local days, DST days among them."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from trainer.contract import load_regions
from trainer.holdout import holdout_start, local_days

ATHENS = load_regions({})["GR"]


def test_the_holdout_begins_at_local_midnight() -> None:
    start = holdout_start(datetime(2020, 11, 10, 1, tzinfo=UTC), ATHENS, 7)
    assert start.tz_convert("Europe/Athens") == pd.Timestamp("2020-11-03", tz="Europe/Athens")


def test_a_day_of_25_hours_counts_as_one_day() -> None:
    as_of = datetime(2020, 10, 27, 12, tzinfo=UTC)
    start = holdout_start(as_of, ATHENS, 3)
    assert start.tz_convert("Europe/Athens") == pd.Timestamp("2020-10-24", tz="Europe/Athens")
    days = local_days(start, pd.Timestamp(as_of), ATHENS)
    assert list(days[1:] - days[:-1]) == [pd.Timedelta(hours=24), pd.Timedelta(hours=25)]


def test_a_day_that_is_not_over_is_no_whole_day() -> None:
    midnight = pd.Timestamp("2020-11-03", tz="Europe/Athens").tz_convert("UTC")
    days = local_days(midnight, midnight + pd.Timedelta(hours=47), ATHENS)
    assert list(days) == [midnight]


def test_a_start_within_a_day_waits_for_the_next_midnight() -> None:
    midnight = pd.Timestamp("2020-11-03", tz="Europe/Athens").tz_convert("UTC")
    days = local_days(midnight + pd.Timedelta(hours=1), midnight + pd.Timedelta(hours=48), ATHENS)
    assert list(days) == [midnight + pd.Timedelta(hours=24)]
