"""Demand that no grid has is refused whole; demand that nobody has lived is no measurement."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, read
from tests.unit.data.series import naive
from trainer.data.validation import canonical
from trainer.errors import DataError


def test_a_series_beyond_every_grid_is_refused_as_no_megawatts() -> None:
    with pytest.raises(DataError, match="more than any grid in MW"):
        read(naive(TWO_WEEKS * 1000, PLAIN))


def test_demand_in_the_real_future_is_no_measurement_and_told_of() -> None:
    now = datetime(2024, 3, 10, tzinfo=UTC)
    found = canonical(naive(TWO_WEEKS, PLAIN), PLAIN, now=now)
    assert found.report.last_actual == "2024-03-10T00:00:00+00:00"
    assert "lie in the future, not taken for measurements: 110" in found.report.findings[0].text
