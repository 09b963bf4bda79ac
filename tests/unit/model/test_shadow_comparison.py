"""Champion and shadow are compared on the hours of both, by day and by hour ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from trainer.contract import Region, load_regions
from trainer.model.shadow_comparison import compare

KR = load_regions({})["KR"]


def pairs(
    days: int, *, champion: float = 1.04, shadow: float = 1.02, horizon: int = 24, region: Region = KR
) -> pd.DataFrame:
    """A forecast at each local midnight; each model is off by a share that varies a little by day."""
    midnights = pd.date_range("2024-03-01", periods=days, freq="D", tz=region.timezone).tz_convert("UTC")
    wobble = 0.002 * np.sin(np.arange(days))
    frames = []
    for origin, off in zip(midnights, wobble, strict=True):
        time = pd.date_range(origin, periods=horizon, freq="h")
        actual = 6000 + 10.0 * np.arange(horizon)
        frames.append(
            pd.DataFrame(
                {
                    "origin": origin,
                    "time": time,
                    "lead_time": np.arange(1, horizon + 1),
                    "champion": actual * (champion + off),
                    "shadow": actual * (shadow - off),
                    "actual": actual,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def test_both_errors_are_of_the_same_hours() -> None:
    found = compare(pairs(10), KR, "")
    assert found is not None
    assert (found.hours, found.days, found.first, found.last) == (240, 10, "2024-03-01", "2024-03-10")
    assert found.champion["mape"] == pytest.approx(4.0, abs=0.1)
    assert found.shadow["mape"] == pytest.approx(2.0, abs=0.1)
    assert found.champion["mae"] > found.shadow["mae"] > 0


def test_what_the_shadow_saves_a_day_has_its_interval() -> None:
    found = compare(pairs(10), KR, "")
    assert found is not None
    assert found.improvement is not None
    assert found.improvement.days == 10
    assert 0 < found.improvement.lower < found.improvement.mean < found.improvement.upper
    assert found.improvement.p_value < 0.01
    worse = compare(pairs(10, champion=1.02, shadow=1.04), KR, "")
    assert worse is not None
    assert worse.improvement is not None
    assert worse.improvement.upper < 0
    assert worse.improvement.p_value > 0.99


def test_of_few_days_nothing_is_tested() -> None:
    found = compare(pairs(4), KR, "")
    assert found is not None
    assert (found.days, found.improvement) == (4, None)


def test_errors_by_day_and_by_hour_ahead_are_means_of_their_hours() -> None:
    found = compare(pairs(6), KR, "")
    assert found is not None
    assert [one["date"] for one in found.by_day] == [f"2024-03-0{day}" for day in range(1, 7)]
    assert [one["lead_time"] for one in found.by_lead_time] == list(range(1, 25))
    assert {one["hours"] for one in found.by_lead_time} == {6}
    for part in (found.by_day, found.by_lead_time):
        assert np.mean([one["shadow"] for one in part]) == pytest.approx(found.shadow["mape"])


def test_of_a_longer_daily_forecast_the_first_day_counts() -> None:
    found = compare(pairs(6, horizon=48), KR, "")
    assert found is not None
    assert (found.hours, len(found.by_lead_time)) == (144, 24)


def test_of_a_product_all_that_it_covers_counts_and_an_hour_once() -> None:
    found = compare(pairs(6, horizon=48), KR, "week")
    assert found is not None
    assert (found.hours, found.days, len(found.by_lead_time)) == (168, 7, 48)


def test_the_hour_that_a_clock_put_back_adds_counts() -> None:
    athens = replace(load_regions({})["GR"], timezone="Europe/Athens")
    origin = pd.Timestamp("2024-10-27", tz="Europe/Athens").tz_convert("UTC")
    of_25 = pairs(1, horizon=26, region=athens).assign(origin=origin)
    of_25["time"] = pd.date_range(origin, periods=26, freq="h")
    found = compare(of_25, athens, "")
    assert found is not None
    assert (found.hours, found.days) == (25, 1)


def test_where_demand_passes_zero_errors_are_in_megawatts() -> None:
    net = pairs(6).assign(actual=lambda frame: frame["actual"] - 6050)
    found = compare(net, KR, "")
    assert found is not None
    assert (found.unit, found.shadow["mape"]) == ("MW", None)
    assert found.by_day[0]["shadow"] == pytest.approx(found.shadow["mae"], rel=0.1)


def test_without_an_hour_of_both_there_is_no_comparison() -> None:
    assert compare(pairs(1).iloc[:0], KR, "") is None
