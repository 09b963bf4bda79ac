"""Files of one zip file of which the later ones have other columns: a publisher changed his."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.formats.published import days
from tests.unit.data.formats.written import AUTUMN, BERLIN, SUMMER, naive, packed, read, same, text
from trainer.data.hours import SourceHours

CHANGED = 250


def _files(demand: pd.Series[float], later: bytes, **more: bytes) -> bytes:
    return packed({"1.csv": text("time,demand", naive(demand.iloc[:CHANGED])), "2.csv": later, **more})


def _told(found: SourceHours) -> list[str]:
    return [finding.text for finding in found.findings if finding.kind.startswith("other_table")]


@pytest.mark.parametrize(
    ("header", "factor", "above"),
    [
        ("time,load", 1.0, b""),
        ("time,demand,wind", 1.0, b""),
        ("time,demand (kW)", 1e3, b""),
        ("time,demand", 1e3, b"Unit: kW\n"),
    ],
)
def test_files_of_other_columns_are_read_by_themselves_and_joined(
    header: str, factor: float, above: bytes, tmp_path: Path
) -> None:
    demand = days(BERLIN, AUTUMN)
    more = (7,) * (header.count(",") - 1)
    rows = [(stamp, round(value * factor, 1), *more) for stamp, value in naive(demand.iloc[CHANGED:])]
    found = read(_files(demand, above + text(header, rows)), tmp_path)
    same(found, demand)
    assert _told(found) == [
        "file '2.csv', which is written otherwise, was read by itself: 135 hours of demand"
    ]


@pytest.mark.parametrize(
    ("header", "above"), [("time (UTC),demand", b""), ("time,demand", b"Time zone: UTC\n")]
)
def test_files_that_name_another_clock_go_by_it(header: str, above: bytes, tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    later = above + text(header, naive(demand.iloc[CHANGED:], "UTC"))
    same(read(_files(demand, later), tmp_path), demand)


def test_a_word_above_the_first_header_counts_for_the_files_that_say_nothing(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = naive(demand * 1000)
    files = {
        "1.csv": b"Unit: kW\n" + text("time,demand", rows[:CHANGED]),
        "2.csv": text("time,demand", rows[CHANGED:]),
    }
    same(read(packed(files), tmp_path), demand)


def test_hours_that_are_known_already_are_another_series_and_left_out(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    again = text("time,demand,ok", [(*row, 1) for row in naive(demand.iloc[100:CHANGED] * 2)])
    found = read(_files(demand, again), tmp_path)
    same(found, demand.iloc[:CHANGED])
    (told,) = _told(found)
    assert told.endswith("is left out: others know most of its hours; `where` chooses it")


def test_an_hour_of_which_both_say_another_demand_is_in_doubt(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    rows = naive(demand.iloc[CHANGED - 24 :])
    rows[3] = (rows[3][0], 1.0)
    found = read(_files(demand, text("time,load", rows)), tmp_path)
    expected = demand.copy()
    expected.iloc[CHANGED - 21] = np.nan
    same(found, expected)
    assert found.reasons[demand.index[CHANGED - 21]].endswith("; file '2.csv': demand 1)")


def test_a_file_of_other_columns_that_cannot_be_read_costs_itself_alone(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    daily = text("date,load", [(f"2022-06-{day:02d}", 40_000 + day) for day in range(17, 28)])
    found = read(_files(demand, daily), tmp_path)
    same(found, demand.iloc[:CHANGED])
    assert _told(found)[0].startswith("file '2.csv', which is written otherwise, is left out: ")


def test_a_forecast_that_comes_first_is_not_taken_for_what_was_measured(tmp_path: Path) -> None:
    demand = days(BERLIN, SUMMER)
    ahead = text("time,load,band", [(*row, 1) for row in naive(demand.iloc[300:] + 50)])
    files = {"0 forecast.csv": ahead, "actual.csv": text("time,demand", naive(demand.iloc[:300]))}
    same(read(packed(files), tmp_path), demand.iloc[:300])


def _weather(demand: pd.Series[float], offsets: Mapping[str, float]) -> bytes:
    rows = [
        (stamp, value, *(round(15 + place % 24 / 4 + offset, 2) for offset in offsets.values()))
        for place, (stamp, value) in enumerate(naive(demand))
    ]
    return text(",".join(["time", "demand", *offsets]), rows)


def test_weather_that_later_files_lack_is_unknown_there_and_told_of(tmp_path: Path) -> None:
    demand, region = days(BERLIN, SUMMER), replace(BERLIN, weather=("temperature",))
    old = _weather(demand.iloc[:CHANGED], {"temperature": 0})
    new = text("time,demand", naive(demand.iloc[CHANGED:]))
    found = read(packed({"1.csv": old, "2.csv": new}), tmp_path, region)
    same(found, demand)
    assert found.frame["temperature"].notna().tolist() == [True] * CHANGED + [False] * (384 - CHANGED)
    texts = [finding.text for finding in found.findings]
    assert any(text.startswith("file '2.csv': no column for 'temperature', which ") for text in texts)
    assert any(text.endswith('[X.columns] "<header>" = "temperature"') for text in texts)


def test_a_town_that_later_files_add_is_no_change_of_the_weather(tmp_path: Path) -> None:
    demand, region = days(BERLIN, SUMMER), replace(BERLIN, weather=("temperature",))
    old = _weather(demand.iloc[:240], {"temperature_a": 0, "temperature_b": 2})
    new = _weather(demand.iloc[240:], {"temperature_a": 0, "temperature_b": 2, "temperature_c": 10})
    found = read(packed({"1.csv": old, "2.csv": new}), tmp_path, region)
    by_day = found.frame["temperature"].to_numpy().reshape(16, 24).mean(axis=1)
    np.testing.assert_allclose(by_day, by_day[0])
