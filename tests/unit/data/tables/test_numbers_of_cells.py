"""Cells that are no number are unknown, and told of by line."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, read, same, with_value
from tests.unit.data.series import NOW, naive
from trainer.data.validation import canonical


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_demand_is_unknown_and_told_of_by_line(value: float) -> None:
    found = canonical(with_value(value), PLAIN, now=NOW)
    assert np.isnan(found.frame["demand"].iloc[100])
    assert "line 102, is not finite" in found.report.findings[0].text


@pytest.mark.parametrize("value", ["점검중", "65,388", "6.5e", "-"])
def test_text_in_demand_is_unknown_and_told_of_by_line_and_value(value: str) -> None:
    found = canonical(with_value(value), PLAIN, now=NOW)
    assert np.isnan(found.frame["demand"].iloc[100])
    assert f"'{value}' in column 'demand', line 102, is no number" in found.report.findings[0].text


def test_numbers_written_as_text_are_numbers() -> None:
    history, _ = read(naive(TWO_WEEKS, PLAIN).astype({"demand": str}))
    same(history, TWO_WEEKS)
