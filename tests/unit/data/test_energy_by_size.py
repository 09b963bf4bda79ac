"""Rows that become finer, and hold as much less: they count energy, whether their header says so or not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.canonical_frames import kinds, read


def _rows(first_minutes: int, then_minutes: int, *, energy: bool, level: float = 1.0) -> pd.DataFrame:
    """200 hours of one resolution, then 200 of another, of about 1000 MW; the latter times `level`."""
    start = pd.Timestamp("2024-03-01")
    change, end = start + pd.Timedelta(hours=200), start + pd.Timedelta(hours=400)
    parts = []
    for begin, until, minutes, factor in [
        (start, change, first_minutes, 1.0),
        (change, end, then_minutes, level),
    ]:
        times = pd.date_range(begin, until, freq=f"{minutes}min", inclusive="left")
        power = factor * (
            1000 + 100 * np.sin(2 * np.pi * times.hour / 24) + np.arange(len(times)) * minutes / 6000
        )
        parts.append(pd.DataFrame({"time": times, "demand": power * (minutes / 60 if energy else 1)}))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(("first", "then"), [(60, 15), (60, 30), (15, 60), (30, 15), (5, 60)])
def test_energy_that_nobody_called_so_is_told_by_its_size(first: int, then: int) -> None:
    history, report = read(_rows(first, then, energy=True))
    np.testing.assert_allclose(history["demand"], 1000, atol=110)
    assert "energy_by_size" in kinds(report)


@pytest.mark.parametrize("level", [1.0, 0.8, 0.5])
def test_power_in_finer_rows_stays_power(level: float) -> None:
    history, report = read(_rows(60, 15, energy=False, level=level))
    np.testing.assert_allclose(history["demand"].iloc[-24:].mean(), 1000 * level, atol=20)
    assert "energy_by_size" not in kinds(report)
