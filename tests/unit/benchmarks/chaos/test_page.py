"""The table counts what came of faults."""

from __future__ import annotations

from typing import Any

from benchmarks.chaos.outcome import Outcome
from benchmarks.chaos.page import page, table

FAULT: dict[str, Any] = {
    **{"fault": "train killed", "injected": 3, "lost": [], "doubled": ["two"], "half_done": []},
    **{"secrets": [], "unread": [], "seconds": [10.0, 30.0, 20.0], "told": ["train failed"]},
}
RUN: dict[str, Any] = {
    "machine": {"processor": "a processor", "cores": 2, "date": "2023-12-31"},
    "seed": 7,
    "faults": [FAULT],
    "reader": {"forecasts": 1200, "unanswered": 3},
}


def test_it_counts_by_fault() -> None:
    text = table(RUN)
    assert "Seed 7, a processor, 2 cores, 2023-12-31; the reader made 1,200 forecasts" in text
    assert "| train killed | 3 | 0 | 1 | 0 | 0 | 0 | 20 | train failed |" in text


def test_several_runs_stand_below_each_other() -> None:
    text = page([RUN, {**RUN, "seed": 8}])
    assert text.index("Seed 7") < text.index("Seed 8")


def test_a_run_without_a_reader_claims_nothing_of_one() -> None:
    fault = {name: value for name, value in FAULT.items() if name != "unread"}
    text = table({name: value for name, value in RUN.items() if name != "reader"} | {"faults": [fault]})
    assert "cores, 2023-12-31; one region, without a reader." in text
    assert "| train killed | 3 | 0 | 1 | 0 | 0 | - | 20 | train failed |" in text


def test_a_fault_that_never_came_to_pass_proves_nothing() -> None:
    assert not Outcome("train killed", seconds=[10.0]).sound
    assert Outcome("train killed", injected=1, seconds=[10.0]).sound


def test_a_forecast_that_a_reader_did_not_get_is_no_sound_end() -> None:
    assert not Outcome("train killed", injected=1, unread=["hours without a forecast"]).sound
