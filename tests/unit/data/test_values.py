"""Cells that are no number, or none that demand can have, are unknown or suspect, and told of by line."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, read, same, with_value
from tests.unit.data.series import NOW, naive
from trainer.data.validation import canonical
from trainer.errors import DataError


@pytest.mark.parametrize("value", [-5.0, 0.0])
def test_zero_and_negative_demand_is_suspect_where_the_series_never_has_it(value: float) -> None:
    found = canonical(with_value(value), PLAIN, now=NOW)
    hour = found.judged.iloc[100]
    assert (hour["raw"], hour["verdict"]) == (value, "suspect")
    assert found.frame["demand"].isna().sum() == 1


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


def test_a_column_of_nothing_but_text_is_refused() -> None:
    rows = naive(TWO_WEEKS, PLAIN).assign(demand="down")
    with pytest.raises(DataError, match=r"'down' in column 'demand'.* is no number, nor is any other"):
        read(rows)


def test_numbers_written_as_text_are_numbers() -> None:
    history, _ = read(naive(TWO_WEEKS, PLAIN).astype({"demand": str}))
    same(history, TWO_WEEKS)
