"""A stretch of a history that lies an hour or a day off, or is turned round, is told of and stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import GREECE, hours_of, load
from trainer.data.moved_stretches import moved_stretches
from trainer.data.validation import canonical

PLAIN = replace(GREECE, weather=(), source="")
FIRST = "2022-01-03"


def history() -> pd.Series[float]:
    demand = load(hours_of(PLAIN, FIRST, 360), PLAIN)["demand"]
    return demand * (1 + 0.002 * np.random.default_rng(0).standard_normal(len(demand)))


def moved(hours: int, first: str, last: str | None) -> pd.Series[float]:
    demand = history()
    index = pd.DatetimeIndex(demand.index)
    begins, ends = (pd.Timestamp(day or "2100-01-01", tz=PLAIN.timezone) for day in (first, last))
    return demand.where((index < begins) | (index >= ends), demand.shift(hours)).bfill()


def told(demand: pd.Series[float]) -> list[str]:
    return [finding.text for finding in moved_stretches(demand, PLAIN)]


def test_a_history_in_its_place_is_not_spoken_of_whatever_its_clocks_do() -> None:
    assert told(history()) == []


@pytest.mark.parametrize(("hours", "word"), [(1, "late"), (-1, "early")])
def test_a_summer_an_hour_off_is_told_of_by_its_days(hours: int, word: str) -> None:
    (text,) = told(moved(hours, "2022-03-27", "2022-10-30"))
    assert f"lie an hour {word} from about 2022-03-27 to 2022-10-29" in text
    assert "is the clock of the meter, or of the file, off?" in text


def test_a_move_that_lasts_is_told_of_by_its_first_day() -> None:
    (text,) = told(moved(1, "2022-06-01", None))
    assert "lie an hour late from about 2022-06-01 on" in text


def test_rows_a_day_off_are_told_of() -> None:
    (text,) = told(moved(24, "2022-05-02", "2022-09-05"))
    assert "lie a day late from about 2022-0" in text


def test_net_load_that_was_turned_round_is_told_of() -> None:
    demand = history() - 60_000
    demand[1200:2400] *= -1
    (text,) = told(demand)
    assert "fall where it should rise from about 2022-02-22 to 2022-04-1" in text


def test_panels_whose_sun_stays_while_clocks_change_are_no_move() -> None:
    demand = history() * 0.05
    local = pd.DatetimeIndex(demand.index).tz_convert(PLAIN.timezone)
    noon = 12.5 + np.array([day.dst() / pd.Timedelta(hours=1) for day in local])
    sun = 30_000 * np.exp(-(((local.hour - noon) / 3) ** 2))
    assert told(demand - sun) == []


def test_a_reading_tells_of_it_and_masks_nothing() -> None:
    demand = moved(1, "2022-06-01", "2022-08-01").rename("demand").reset_index()
    report = canonical(demand, PLAIN).report
    assert [finding.kind for finding in report.findings] == ["moved"]
    assert report.known_hours == len(demand)
