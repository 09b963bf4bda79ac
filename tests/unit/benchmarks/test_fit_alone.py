"""The rows of a fit alone: for every hour of the day, and for the one of the daily forecast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from benchmarks import training
from benchmarks.child import Measured
from benchmarks.series import Source
from tests.unit.data.series import KOREA
from tests.unit.model.series import make_history
from trainer.contract import Region


class Small(Source):
    def read(self) -> tuple[pd.DataFrame, Region]:
        return make_history(days=10), KOREA


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What `fit` was asked for, in this process and without fitting."""
    calls: list[dict[str, Any]] = []

    def here(call: Callable[..., Any], *arguments: Any, threads: int) -> Measured[Any]:
        assert threads == 2
        return Measured(call(*arguments), 100.0, 200.0, 500)  # of the process, which reads the series too

    monkeypatch.setattr(training, "in_a_process", here)
    monkeypatch.setattr(training, "five_years", lambda history: history)
    monkeypatch.setattr(training, "fit", lambda history, region, config, **options: calls.append(options))
    return calls


def test_a_fit_is_timed_without_the_reading_of_its_series(asked: list[dict[str, Any]]) -> None:
    rows = {row.key: row for row in training.fits(Small("any.csv", "KR"))}
    assert set(rows) == {"fit_all_hours", "fit_one_hour"}
    for row in rows.values():
        assert row.ours is not None
        assert row.ours < 100.0
        assert (row.original, row.ratio) == (None, None)
        assert row.note.endswith(" s of processor time")


def test_one_fit_is_for_all_hours_and_one_for_midnight(asked: list[dict[str, Any]]) -> None:
    training.fits(Small("any.csv", "KR"))
    assert [call["origin_hours"] for call in asked] == [None, (0,)]
    assert {call["device"] for call in asked} == {"cpu"}
