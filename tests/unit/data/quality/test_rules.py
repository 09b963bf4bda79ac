"""Which hours of a clean series become suspect when something is done to it, and for what reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.data.series import KOREA, hours_of, load
from trainer.contract import Judgement
from trainer.data.quality import Overruling, judge, suspect_stretches

PLAIN = replace(KOREA, weather=())


def noisy(days: int = 120) -> pd.Series[float]:
    """A grid's demand (MW) with 1 % of noise."""
    frame = load(hours_of(PLAIN, "2024-01-01", days), PLAIN)
    return frame["demand"] * (1 + 0.01 * np.random.default_rng(0).standard_normal(len(frame)))


CLEAN = noisy()
Change = Callable[[pd.Series], object]


def changed(first: int, hours: int, change: Change, series: pd.Series[float] = CLEAN) -> pd.Series[float]:
    copy = series.copy()
    copy.iloc[first : first + hours] = change(copy.iloc[first : first + hours])
    return copy


def suspects(demand: pd.Series[float]) -> list[tuple[int, int, str]]:
    """(row of the first, hours, first words of the reason) of each suspect stretch."""
    rows = demand.index
    found = suspect_stretches(judge(demand, PLAIN))
    return [(int(rows.get_loc(s.first)), s.hours, s.reason.split(":")[0].split(",")[0]) for s in found]


def test_a_clean_series_is_measured_throughout() -> None:
    assert suspects(CLEAN) == []


@pytest.mark.parametrize("factor", [0.1, 0.5, 1.5, 2.0, 50.0])
@pytest.mark.parametrize("hours", [1, 3])
def test_an_absurd_value_is_a_spike(factor: float, hours: int) -> None:
    assert suspects(changed(1500, hours, lambda v: v * factor)) == [(1500, hours, "spike")]


def test_the_last_hour_can_be_a_spike() -> None:
    assert suspects(changed(len(CLEAN) - 1, 1, lambda v: v * 2)) == [(len(CLEAN) - 1, 1, "spike")]


def test_a_holiday_is_no_spike() -> None:
    """A third less, coming and going over hours."""
    hours = np.arange(24)
    depth = 0.33 * np.clip(np.minimum(hours, 23 - hours) / 6, 0, 1)
    assert suspects(changed(1512, 24, lambda v: v * (1 - depth))) == []


def test_a_stuck_meter_is_a_flat_line_whose_first_hour_counts() -> None:
    assert suspects(changed(1500, 48, lambda v: v.iloc[0])) == [(1501, 47, "flat line")]


def test_five_equal_hours_are_none() -> None:
    assert suspects(changed(1500, 5, lambda v: v.iloc[0])) == []


def test_a_day_that_is_exactly_the_one_before_is_suspect() -> None:
    assert suspects(changed(1500, 24, lambda _: CLEAN.iloc[1476:1500].to_numpy())) == [
        (1500, 24, "hour by hour as a day")
    ]


def test_a_small_feeder_that_is_rounded_has_no_flat_lines_but_much_longer_ones() -> None:
    rounded = (CLEAN / 60_000).round(1)
    assert suspects(rounded) == []
    assert suspects(changed(1500, 90, lambda v: 1.05, rounded)) == [(1501, 89, "flat line")]


@pytest.mark.parametrize("value", [0.0, -500.0])
def test_zero_and_below_are_suspect_where_the_series_never_is(value: float) -> None:
    assert suspects(changed(1500, 3, lambda v: value)) == [(1500, 3, "zero or negative")]


def test_net_load_behind_solar_panels_may_be_negative() -> None:
    noon = np.maximum(np.sin((np.arange(len(CLEAN)) % 24 - 6) / 12 * np.pi), 0)
    net = CLEAN / 1000 - 90 * noon * np.random.default_rng(1).uniform(0.5, 1, len(CLEAN))
    assert (net < 0).any()
    assert suspects(net) == []


@pytest.mark.parametrize("factor", [1000, 0.001])
@pytest.mark.parametrize("hours", [2, 30, 500])
def test_another_unit_is_suspect_from_there_on(factor: float, hours: int) -> None:
    end = CLEAN.iloc[:2000]
    found = suspects(changed(2000 - hours, hours, lambda v: v * factor, end))
    assert found == [(2000 - hours, hours, "about a thousand times off")]


def test_another_unit_in_the_middle_is_suspect_as_long_as_it_lasts() -> None:
    found = suspects(changed(1200, 700, lambda v: v * 1000))
    assert found == [(1200, 700, "about a thousand times off")]


def test_a_jump_of_level_is_suspect_until_it_has_held_for_a_week() -> None:
    whole = changed(1512, len(CLEAN) - 1512, lambda v: v * 0.3)
    early, late = whole.iloc[: 1512 + 24 * 4], whole.iloc[: 1512 + 24 * 9]
    assert [reason for *_, reason in suspects(early)][-1] == "level jump"
    assert not any(reason == "level jump" for *_, reason in suspects(late))


@pytest.mark.parametrize("factor", [0.7, 0.8, 1.25])
def test_a_shift_that_a_lockdown_brings_is_followed_at_once(factor: float) -> None:
    assert suspects(changed(1512, 24 * 3, lambda v: v * factor, CLEAN.iloc[: 1512 + 72])) == []


@settings(max_examples=25)
@given(
    first=st.integers(200, 2500),
    hours=st.integers(1, 200),
    value=st.one_of(st.just(np.nan), st.floats(-1e6, 1e9)),
)
def test_hours_are_missing_where_nothing_came_and_only_there(first: int, hours: int, value: float) -> None:
    demand = changed(first, hours, lambda v: value)
    judged = judge(demand, PLAIN)
    assert (judged["verdict"].eq("missing") == demand.isna()).all()
    assert (judged["reason"].ne("") == judged["verdict"].eq("suspect")).all()


@settings(max_examples=15)
@given(cut=st.integers(1000, 2800))
def test_no_end_of_a_clean_series_makes_anything_suspect(cut: int) -> None:
    assert suspects(CLEAN.iloc[:cut]) == []


def said(judgement: Judgement, first: int, hours: int) -> Overruling:
    index = CLEAN.index
    return Overruling(index[first], index[first + hours - 1], judgement, "kim", "checked at the substation")


def test_a_person_accepts_what_a_rule_suspects_and_rejects_what_it_does_not() -> None:
    demand = changed(1500, 3, lambda v: v * 2)
    words = [said(Judgement.ACCEPTED, 1500, 3), said(Judgement.REJECTED, 100, 2)]
    found = suspect_stretches(judge(demand, PLAIN, overrulings=words))
    assert [(s.hours, s.reason) for s in found] == [(2, "rejected by kim: checked at the substation")]


def test_a_level_that_a_person_accepts_is_the_measure_of_what_comes_after() -> None:
    demand = changed(1512, len(CLEAN) - 1512, lambda v: v * 1000)
    judged = judge(demand, PLAIN, overrulings=[said(Judgement.ACCEPTED, 1512, 30)])
    assert suspect_stretches(judged) == ()


def test_the_last_word_on_an_hour_holds() -> None:
    words = [said(Judgement.REJECTED, 100, 4), said(Judgement.ACCEPTED, 102, 2)]
    found = suspect_stretches(judge(CLEAN, PLAIN, overrulings=words))
    assert [(s.first, s.hours) for s in found] == [(CLEAN.index[100], 2)]


def test_net_load_of_two_weeks_may_glide_below_zero_on_a_few_days() -> None:
    hours = np.arange(16 * 24)
    sunny = np.isin(hours // 24, [5, 6, 12, 13])
    solar = np.where(sunny, np.maximum(np.sin((hours % 24 - 6) / 12 * np.pi), 0), 0.0)
    net = pd.Series(
        0.6 + 0.05 * np.cos(hours / 24 * 2 * np.pi) - 0.75 * solar, index=CLEAN.index[: len(hours)]
    )
    assert (net < 0).any()
    assert suspects(net) == []


def net_load() -> pd.Series[float]:
    """A grid's demand (MW) with 1 % of noise, less solar panels: below zero on most noons."""
    noon = np.maximum(np.sin((np.arange(len(CLEAN)) % 24 - 6) / 12 * np.pi), 0)
    return CLEAN / 1000 - 90 * noon * np.random.default_rng(1).uniform(0.5, 1, len(CLEAN))


@pytest.mark.parametrize("factor", [1000, 0.001])
@pytest.mark.parametrize("hours", [24, 168])
def test_another_unit_is_suspect_in_a_series_that_passes_zero(factor: float, hours: int) -> None:
    demand = changed(1512, hours, lambda v: v * factor, net_load())  # from a local midnight on
    assert suspects(demand) == [(1512, hours, "about a thousand times off")]


def test_a_pump_s_season_after_months_of_standing_by_is_no_other_unit() -> None:
    hours = np.arange(len(CLEAN))
    standby = np.where(hours % 5 == 0, 0.0, 0.003)
    pump = pd.Series(np.where(hours >= 1512, 1.2, standby), index=CLEAN.index)
    assert suspects(pump * np.random.default_rng(1).normal(1, 0.1, len(hours))) == []


def test_a_person_can_accept_another_unit_of_a_series_that_passes_zero() -> None:
    demand = changed(1512, len(CLEAN) - 1512, lambda v: v * 1000, net_load())
    judged = judge(demand, PLAIN, overrulings=[said(Judgement.ACCEPTED, 1512, 24)])
    assert "about a thousand times off: kW?" not in set(judged["reason"])


@pytest.mark.parametrize("hours", [6, 48])
def test_an_outage_that_was_filled_in_by_a_line_is_suspect(hours: int) -> None:
    line = changed(1500, hours + 2, lambda v: np.linspace(v.iloc[0], v.iloc[-1], len(v)).round(1))
    assert suspects(line) == [(1501, hours, "straight line")]


def test_five_hours_on_a_line_are_none() -> None:
    assert suspects(changed(1500, 7, lambda v: np.linspace(v.iloc[0], v.iloc[-1], 7))) == []


def test_straight_lines_are_no_fault_where_they_are_usual() -> None:
    pump = np.interp(np.arange(len(CLEAN)) % 24, [0, 8, 16, 23], [10.0, 18.0, 14.0, 10.0])
    assert suspects(pd.Series(pump, index=CLEAN.index)) == []


def test_level_stretches_of_a_rounded_feeder_are_no_straight_lines() -> None:
    """It stands by for six hours of each Sunday's night, once in a while for eight: no meter is stuck."""
    local = CLEAN.index.tz_convert(PLAIN.zone)
    until = np.where(local.isocalendar().week % 9 == 0, 8, 6)
    feeder = (CLEAN / 1000).round(1).where((local.day_of_week < 6) | (local.hour >= until), 52.0)
    assert suspects(feeder) == []


def test_six_hours_on_a_line_are_chance_where_values_are_rounded_coarsely() -> None:
    coarse = (CLEAN / 800).round() * 800
    assert suspects(changed(1503, 8, lambda v: v.iloc[0] - 1600 * np.arange(8), coarse)) == []


def test_a_factory_s_holidays_are_no_fault() -> None:
    """From eight to six it is still as on a Sunday: ten hours that come and go at once."""
    local = CLEAN.index.tz_convert(PLAIN.zone)
    holidays = {local[24 * day].date() for day in (40, 61, 62)}
    at_work = (local.hour >= 8) & (local.hour < 18) & (local.day_of_week < 5)
    at_work &= ~np.isin(local.date, list(holidays))
    factory = np.where(at_work, 10.0, 3.0) * np.random.default_rng(1).normal(1, 0.02, len(local))
    assert suspects(pd.Series(factory, index=CLEAN.index)) == []
