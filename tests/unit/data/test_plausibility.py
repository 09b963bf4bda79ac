"""Demand that reads well and cannot be true is refused where it begins."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, read
from tests.unit.data.series import naive
from trainer.data.validation import canonical
from trainer.errors import DataError


def test_a_flat_line_of_six_hours_is_reported() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[10:15, "demand"] = 50_000.0
    _, report = read(rows)
    assert [(finding.kind, finding.count) for finding in report.findings] == [("flat_line", 6)]


def test_five_equal_hours_are_no_finding() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[10:14, "demand"] = 50_000.0
    assert read(rows)[1].findings == ()


def test_a_flat_line_of_two_days_is_refused() -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[24:71, "demand"] = 50_000.0
    with pytest.raises(
        DataError, match=r"2024-03-02 00:00 \.\. 2024-03-03 23:00 \(48 h\).*a meter was stuck"
    ):
        read(rows)


@pytest.mark.parametrize("factor", [1000, 0.001])
def test_a_change_of_unit_within_the_series_is_refused_where_it_begins(factor: float) -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    rows.loc[240:, "demand"] *= factor
    with pytest.raises(DataError, match=r"96 hours are 100 times off.*2024-03-11 00:00 Asia/Seoul.*kW or GW"):
        read(rows)


def test_a_series_beyond_every_grid_is_refused_as_no_megawatts() -> None:
    with pytest.raises(DataError, match="more than any grid in MW"):
        read(naive(TWO_WEEKS * 1000, PLAIN))


def test_demand_in_the_real_future_is_refused() -> None:
    now = datetime(2024, 3, 10, tzinfo=UTC)
    with pytest.raises(
        DataError, match=r"110 rows .*2024-03-10 01:00 \.\. 2024-03-14 14:00 UTC.*not history"
    ):
        canonical(naive(TWO_WEEKS, PLAIN), PLAIN, now=now)
