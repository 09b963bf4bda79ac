"""Hours without demand: how many are bridged, and which are refused by name."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.data.canonical_frames import PLAIN, TWO_WEEKS, read
from tests.unit.data.series import hours_of, load, naive
from trainer.errors import DataError


@pytest.mark.parametrize("hours", [1, 2, 3])
@pytest.mark.parametrize("how", ["row missing", "cell empty"])
def test_a_gap_of_up_to_three_hours_is_interpolated_and_reported(hours: int, how: str) -> None:
    rows = naive(TWO_WEEKS, PLAIN)
    gap = slice(50, 50 + hours - 1)
    if how == "row missing":
        rows = rows.drop(index=range(50, 50 + hours))
    else:
        rows.loc[gap, "demand"] = np.nan
    history, report = read(rows)
    line = np.linspace(TWO_WEEKS["demand"].iloc[49], TWO_WEEKS["demand"].iloc[50 + hours], hours + 2)
    np.testing.assert_allclose(history["demand"].iloc[49 : 51 + hours], line)
    assert [(finding.kind, finding.count) for finding in report.findings] == [("demand_gap", hours)]
    assert report.findings[0].text.count("2024-03-03 02:00") == 1
    assert len(report.interpolated) == hours


def test_a_gap_of_four_hours_is_refused() -> None:
    with pytest.raises(DataError, match=r"2024-03-03 02:00 \.\. 2024-03-03 05:00 \(4 h\) Asia/Seoul"):
        read(naive(TWO_WEEKS, PLAIN).drop(index=range(50, 54)))


def test_a_gap_of_a_month_is_refused_naming_its_first_and_last_hour() -> None:
    rows = naive(load(hours_of(PLAIN, "2024-01-01", 90), PLAIN), PLAIN)
    february = (rows["time"] >= "2024-02-01") & (rows["time"] < "2024-03-01")
    with pytest.raises(DataError, match=r"2024-02-01 00:00 \.\. 2024-02-29 23:00 \(696 h\).*fill them in"):
        read(rows[~february])
