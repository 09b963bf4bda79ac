"""Cells that are no number, or none that demand can have, are refused by line."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, read, same, with_value
from tests.unit.data.series import NOW, naive
from trainer.data.validation import canonical
from trainer.errors import DataError


@pytest.mark.parametrize("value", [-5.0, 0.0])
def test_zero_and_negative_demand_is_refused_by_line_and_value(value: float) -> None:
    with pytest.raises(
        DataError, match=rf"f\.csv: {value:g} in column 'demand', line 102, is not above zero"
    ):
        canonical(with_value(value), PLAIN, now=NOW)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_demand_is_refused_by_line(value: float) -> None:
    with pytest.raises(DataError, match=r"line 102, is not finite"):
        canonical(with_value(value), PLAIN, now=NOW)


@pytest.mark.parametrize("value", ["점검중", "65,388", "6.5e", "-"])
def test_text_in_demand_is_refused_by_line_and_value(value: str) -> None:
    with pytest.raises(DataError, match=f"'{value}' in column 'demand', line 102, is no number"):
        canonical(with_value(value), PLAIN, now=NOW)


def test_numbers_written_as_text_are_numbers() -> None:
    history, _ = read(naive(TWO_WEEKS, PLAIN).astype({"demand": str}))
    same(history, TWO_WEEKS)
