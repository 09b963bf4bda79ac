"""The fallback needs nothing but the last week."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.series import COLUMNS
from trainer.contract import Region
from trainer.errors import DataError, UsageError
from trainer.model.forecasting.baseline import baseline_forecast

ORIGIN = pd.Timestamp("2021-05-31 15:00", tz="UTC")


def test_each_hour_is_as_it_was_a_week_before(history: pd.DataFrame, region: Region) -> None:
    frame = baseline_forecast(history, region, ORIGIN, 168)
    before = history["demand"].reindex(frame.index - pd.Timedelta(hours=168))
    np.testing.assert_array_equal(frame["forecast"], before)
    assert list(frame.columns) == [*COLUMNS, "q5", "q25", "q75", "q95"]
    assert frame["lead_time"].tolist() == list(range(1, 169))


def test_the_components_add_up_and_the_band_holds_the_forecast(history: pd.DataFrame, region: Region) -> None:
    frame = baseline_forecast(history, region, ORIGIN, 24)
    np.testing.assert_allclose(frame[["trend", "seasonality", "residual"]].sum(axis=1), frame["forecast"])
    assert (frame["lower"] < frame["forecast"]).all()
    assert (frame["forecast"] < frame["upper"]).all()


def test_its_quantiles_ascend(history: pd.DataFrame, region: Region) -> None:
    frame = baseline_forecast(history, region, ORIGIN, 24)
    quantiles = frame[["q5", "lower", "q25", "forecast", "q75", "upper", "q95"]]
    assert (quantiles.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)


def test_demand_from_the_origin_on_changes_nothing(history: pd.DataFrame, region: Region) -> None:
    changed = history.copy()
    changed.loc[changed.index >= ORIGIN, "demand"] *= 3
    pd.testing.assert_frame_equal(
        baseline_forecast(changed, region, ORIGIN, 48), baseline_forecast(history, region, ORIGIN, 48)
    )


def test_an_hour_unknown_a_week_ago_is_taken_from_the_week_before(
    history: pd.DataFrame, region: Region
) -> None:
    gappy = history.copy()
    hour = ORIGIN - pd.Timedelta(hours=168)
    gappy.loc[hour, "demand"] = np.nan
    frame = baseline_forecast(gappy, region, ORIGIN, 24)
    assert frame["forecast"].iloc[0] == history["demand"].loc[hour - pd.Timedelta(hours=168)]


@pytest.mark.parametrize("days", [10, 40, 60])
def test_weeks_without_demand_withhold_nothing(history: pd.DataFrame, region: Region, days: int) -> None:
    gappy = history.copy()
    gappy.loc[gappy.index >= ORIGIN - pd.Timedelta(days=days), "demand"] = np.nan
    frame = baseline_forecast(gappy, region, ORIGIN, 168)
    np.testing.assert_allclose(frame["forecast"], history["demand"].loc[frame.index], rtol=0.35)


def test_no_demand_in_nine_weeks_is_refused(history: pd.DataFrame, region: Region) -> None:
    with pytest.raises(DataError, match="needs some demand of the 9 weeks"):
        baseline_forecast(history, region, history.index[0], 24)


def test_a_horizon_out_of_range_is_refused(history: pd.DataFrame, region: Region) -> None:
    with pytest.raises(UsageError, match="horizon 169"):
        baseline_forecast(history, region, ORIGIN, 169)
