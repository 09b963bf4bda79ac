"""What every caller relies on: components that add up, no look into the future, the same answer twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.series import COLUMNS, ORIGIN
from trainer.errors import DataError, UsageError
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.metrics import scores


def test_a_forecast_has_the_agreed_form(forecaster: Forecaster, history: pd.DataFrame) -> None:
    frame = forecaster.forecast(history, ORIGIN, 24)
    assert set(frame.columns) == {*COLUMNS, "q5", "q25", "q75", "q95"}
    assert frame.index.equals(pd.date_range(ORIGIN, periods=24, freq="h", name="time"))
    assert frame["lead_time"].tolist() == list(range(1, 25))
    assert np.isfinite(frame.to_numpy()).all()


def test_the_components_add_up_in_mw(forecaster: Forecaster, history: pd.DataFrame) -> None:
    frame = forecaster.forecast(history, ORIGIN, 48)
    total = frame["trend"] + frame["seasonality"] + frame["residual"]
    np.testing.assert_allclose(total, frame["forecast"], rtol=1e-12)


def test_the_forecast_lies_within_its_band(forecaster: Forecaster, history: pd.DataFrame) -> None:
    frame = forecaster.forecast(history, ORIGIN, 168)
    assert (frame["lower"] < frame["forecast"]).all()
    assert (frame["forecast"] < frame["upper"]).all()


def test_it_follows_the_demand(forecaster: Forecaster, history: pd.DataFrame) -> None:
    frame = forecaster.forecast_many(history, pd.date_range(ORIGIN, periods=14, freq="D"), 24)
    found = scores(history["demand"].reindex(frame["time"]), frame["forecast"])
    assert found["mape"] < 3
    assert found["r2"] > 0.9


def test_demand_from_the_origin_on_changes_no_forecast(forecaster: Forecaster, history: pd.DataFrame) -> None:
    changed = history.copy()
    changed.loc[changed.index >= ORIGIN, "demand"] *= 5
    pd.testing.assert_frame_equal(
        forecaster.forecast(changed, ORIGIN, 72), forecaster.forecast(history, ORIGIN, 72)
    )


def test_many_origins_at_once_give_what_each_gives_alone(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    origins = [ORIGIN, ORIGIN + pd.Timedelta(hours=31)]
    many = forecaster.forecast_many(history, origins, 30)
    for origin in origins:
        alone = forecaster.forecast(history, origin, 30)
        together = many[many["origin"] == origin].drop(columns="origin").set_index("time")
        # In MW, on some 1,000 of them: single precision sums in another order for another batch.
        pd.testing.assert_frame_equal(together, alone, check_freq=False, rtol=1e-5, atol=1e-2)


def test_a_longer_forecast_begins_as_the_shorter_one(forecaster: Forecaster, history: pd.DataFrame) -> None:
    day, week = (forecaster.forecast(history, ORIGIN, hours) for hours in (24, 168))
    pd.testing.assert_frame_equal(week.iloc[:24], day, check_freq=False, rtol=1e-5, atol=1e-2)


def test_a_history_that_begins_too_late_is_refused(forecaster: Forecaster, history: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="the history begins 100 hours before"):
        forecaster.forecast(history, history.index[100], 24)


@pytest.mark.parametrize("horizon", [0, 169])
def test_a_horizon_out_of_range_is_refused(
    forecaster: Forecaster, history: pd.DataFrame, horizon: int
) -> None:
    with pytest.raises(UsageError, match=f"horizon {horizon}"):
        forecaster.forecast(history, ORIGIN, horizon)
