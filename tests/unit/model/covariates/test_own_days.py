"""Days out of the ordinary that the region lists itself, beside the calendar's holidays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.data.series import KOREA
from trainer.contract import Region
from trainer.model.covariates.days import DayTable, day_table

FIRST, LAST = np.datetime64("2023-02-20"), np.datetime64("2023-03-31")
REGION = replace(
    KOREA,
    days={"2023-03-14": "Strike", "2023-03-18": "Call to save", "2023-03-01": "Strike"},
)
"""A Tuesday, a Saturday, and a public holiday."""


def table(region: Region = REGION) -> DayTable:
    return day_table(FIRST, LAST, region)


def row(date: str) -> int:
    return int((np.datetime64(date) - FIRST).astype(int))


@pytest.mark.parametrize(("date", "name"), [("2023-03-14", "strike"), ("2023-03-18", "call_to_save")])
def test_they_are_known_by_name(date: str, name: str) -> None:
    assert table().family[row(date)] == name


def test_worked_ones_are_days_that_some_keep_and_no_holidays() -> None:
    found = table()
    assert found.partial[row("2023-03-14")] == 1
    assert found.partial[row("2023-03-18")] == 0
    assert found.holiday[row("2023-03-14")] == found.free[row("2023-03-14")] == 0


def test_a_public_holiday_stays_what_it_is() -> None:
    ours, plain = table(), table(KOREA)
    at = row("2023-03-01")
    assert ours.family[at] == plain.family[at] != "strike"
    assert ours.partial[at] == 0


def test_no_other_day_is_another() -> None:
    ours, plain = table(), table(KOREA)
    others = np.ones(len(ours.days), dtype=bool)
    others[[row(date) for date in REGION.days]] = False
    assert (ours.family[others] == plain.family[others]).all()
    assert (ours.partial[others] == plain.partial[others]).all()
