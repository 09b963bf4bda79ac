"""Hours without demand: none is invented, none stops anybody, and each is told of."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, read
from tests.unit.data.series import hours_of, load, naive


@pytest.mark.parametrize("hours", [1, 3, 48])
@pytest.mark.parametrize("how", ["row missing", "cell empty"])
def test_a_gap_stays_unknown_and_is_told_of(hours: int, how: str) -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    gap = range(50, 50 + hours)
    if how == "row missing":
        rows = rows.drop(index=gap)
    else:
        rows.loc[gap, "demand"] = np.nan
    history, report = read(rows)
    assert np.flatnonzero(history["demand"].isna()).tolist() == [*gap]
    assert [(finding.kind, finding.count) for finding in report.findings] == [("demand_gap", hours)]
    assert report.findings[0].text.count("2024-03-03 02:00") == 1
    assert (report.missing_hours, report.known_hours) == (hours, 336 - hours)


def test_a_gap_of_a_month_is_told_of_by_its_first_and_last_hour() -> None:
    rows = naive(load(hours_of(PLAIN, "2024-01-01", 90), PLAIN), PLAIN)
    february = (rows["time"] >= "2024-02-01") & (rows["time"] < "2024-03-01")
    history, report = read(rows[~february])
    assert history["demand"].isna().sum() == 696
    assert "2024-02-01 00:00 .. 2024-02-29 23:00 (696 h)" in report.findings[0].text


def test_the_share_measured_is_that_of_the_last_two_weeks() -> None:
    rows = naive(load(hours_of(PLAIN, "2024-01-01", 90), PLAIN), PLAIN)
    _, report = read(rows.drop(index=[5, *range(24 * 80, 24 * 80 + 84)]))
    assert report.measured_share == 0.75
