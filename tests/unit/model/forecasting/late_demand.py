"""Demand that is not known yet at an origin, and when two forecasts count as the same."""

from __future__ import annotations

import pandas as pd


def unknown(history: pd.DataFrame, first: pd.Timestamp, after: pd.Timestamp) -> pd.DataFrame:
    """The history without the demand of the hours from `first` until before `after`."""
    return history.assign(demand=history["demand"].mask((history.index >= first) & (history.index < after)))


def assert_same_megawatts(one: pd.DataFrame, other: pd.DataFrame) -> None:
    names = ["forecast", "trend", "seasonality", "residual", "lower", "upper"]
    pd.testing.assert_frame_equal(one[names], other[names], check_freq=False, rtol=1e-5, atol=1e-2)
