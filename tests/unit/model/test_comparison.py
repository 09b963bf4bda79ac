"""Ours and the operator's own forecast are told on the hours that both have, and on no other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.model.comparison import beside_reference

HOURS = pd.date_range("2024-01-01", periods=48, freq="h", tz="UTC")
ACTUAL = pd.Series(1000.0, HOURS)


def test_both_are_scored_over_the_common_hours() -> None:
    reference = (ACTUAL * 1.03).mask(HOURS.hour < 12)
    ours = (ACTUAL * 1.02).where(HOURS.hour >= 12, 1.0)  # hopeless, where the operator says nothing
    found = beside_reference(ACTUAL, reference, {"model": ours})
    assert found is not None
    assert found["hours"] == 24
    assert found["reference"]["mape"] == pytest.approx(3)
    assert found["model"]["mape"] == pytest.approx(2)


def test_without_a_common_hour_there_is_no_comparison() -> None:
    assert beside_reference(ACTUAL, ACTUAL * np.nan, {"model": ACTUAL}) is None


@given(known=st.lists(st.booleans(), min_size=48, max_size=48).filter(any), wrong=st.floats(1, 1e6))
def test_what_ours_says_elsewhere_changes_nothing(known: list[bool], wrong: float) -> None:
    reference = ACTUAL.where(known) * 1.01
    ours = ACTUAL * 0.99
    found = beside_reference(ACTUAL, reference, {"model": ours})
    assert found == beside_reference(ACTUAL, reference, {"model": ours.where(known, wrong)})
