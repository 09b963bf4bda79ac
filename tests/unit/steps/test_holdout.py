"""Held-out days are whole local days, DST days among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest

from trainer.contract import load_regions
from trainer.steps.holdout import holdout_start, local_days

ATHENS = load_regions({})["GR"]
AT_MIDNIGHT = ("America/Santiago", "Africa/Cairo", "America/Havana")
"""Zones whose clocks change at midnight."""


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


@pytest.mark.parametrize("zone", AT_MIDNIGHT)
def test_where_clocks_change_at_midnight_every_moment_of_a_year_has_its_seven_days(zone: str) -> None:
    region = replace(ATHENS, timezone=zone)
    for as_of in pd.date_range("2024-01-01", "2024-12-31", freq="11h", tz="UTC"):
        start, end = (holdout_start(as_of, region, days) for days in (7, 0))
        days = local_days(start, as_of, region)
        assert len(days) == 7
        assert days[0] == start
        assert days[-1] < end <= as_of
