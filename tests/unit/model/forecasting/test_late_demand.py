"""Hours of demand that are missing before the origin: they are forecast, bridged, and withhold nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.forecasting.late_demand import assert_same_megawatts, unknown
from tests.unit.model.series import ORIGIN
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.training.fitting import update


def test_hours_not_known_yet_are_forecast_with_those_ahead(
    bare_forecaster: Forecaster, history: pd.DataFrame, train_until: pd.Timestamp
) -> None:
    of_each_hour = update(bare_forecaster, history, train_until=train_until)
    late = unknown(history, ORIGIN - pd.Timedelta(hours=3), ORIGIN)
    found = of_each_hour.forecast(late, ORIGIN, 168)
    begun_before = of_each_hour.forecast(history, ORIGIN - pd.Timedelta(hours=3), 168)
    assert found["lead_time"].tolist() == list(range(1, 169))
    assert_same_megawatts(found.iloc[:165], begun_before.iloc[3:])


def test_hours_not_known_yet_are_forecast_from_the_last_hour_that_has_a_regression_of_its_own(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    begun_before = forecaster.forecast(history, ORIGIN - pd.Timedelta(days=1), 48)
    for hours in (3, 24):
        late = unknown(history, ORIGIN - pd.Timedelta(hours=hours), ORIGIN)
        assert_same_megawatts(forecaster.forecast(late, ORIGIN, 24), begun_before.iloc[24:])


def test_from_an_hour_without_a_regression_of_its_own_it_begins_at_the_last_that_has_one(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    from_midnight = forecaster.forecast(history, ORIGIN, 27)
    at_three = forecaster.forecast(history, ORIGIN + pd.Timedelta(hours=3), 24)
    assert at_three["lead_time"].tolist() == list(range(1, 25))
    assert_same_megawatts(at_three, from_midnight.iloc[3:])


def test_origins_of_different_lateness_do_not_disturb_each_other(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    late = unknown(history, ORIGIN - pd.Timedelta(hours=30), ORIGIN)
    origins = [ORIGIN - pd.Timedelta(days=2), ORIGIN, ORIGIN + pd.Timedelta(days=1)]
    many = forecaster.forecast_many(late, origins, 24).set_index("time")
    for origin in origins:
        assert_same_megawatts(many[many["origin"] == origin], forecaster.forecast(late, origin, 24))


def test_a_hole_further_back_is_bridged(forecaster: Forecaster, history: pd.DataFrame) -> None:
    gappy = unknown(history, ORIGIN - pd.Timedelta(hours=8), ORIGIN - pd.Timedelta(hours=5))
    found = forecaster.forecast(gappy, ORIGIN, 24)
    usual = forecaster.forecast(history, ORIGIN, 24)
    np.testing.assert_allclose(found["forecast"], usual["forecast"], rtol=0.02)


@pytest.mark.parametrize("hours", [60, 24 * 20])
def test_demand_that_is_late_by_days_withholds_nothing(
    forecaster: Forecaster, history: pd.DataFrame, hours: int
) -> None:
    late = unknown(history, ORIGIN - pd.Timedelta(hours=hours), ORIGIN)
    found, whole = (forecaster.forecast(frame, ORIGIN, 24)["forecast"] for frame in (late, history))
    np.testing.assert_allclose(found, whole, rtol=0.1)


def test_a_gap_takes_what_the_model_forecast_for_it(forecaster: Forecaster, history: pd.DataFrame) -> None:
    start, end = ORIGIN - pd.Timedelta(hours=48), ORIGIN - pd.Timedelta(hours=24)
    gappy = unknown(history, start, end)
    forecast_then = forecaster.forecast(history, start, 24)["forecast"]
    filled = history.copy()
    filled.loc[start : end - pd.Timedelta(hours=1), "demand"] = forecast_then.to_numpy()
    found = forecaster.forecast(gappy, ORIGIN, 24)["forecast"]
    np.testing.assert_allclose(found, forecaster.forecast(filled, ORIGIN, 24)["forecast"], rtol=1e-3)


def test_the_band_is_wider_where_much_of_the_last_day_is_unknown(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    gappy = unknown(history, ORIGIN - pd.Timedelta(hours=23), ORIGIN - pd.Timedelta(hours=1))
    found, whole = (forecaster.forecast(frame, ORIGIN, 24) for frame in (gappy, history))
    width = [float(np.log(frame["upper"] / frame["lower"]).mean()) for frame in (found, whole)]
    assert width[0] > 1.05 * width[1]


def test_no_hour_after_an_origin_fills_a_gap_before_it(forecaster: Forecaster, history: pd.DataFrame) -> None:
    gappy = unknown(history, ORIGIN - pd.Timedelta(hours=40), ORIGIN - pd.Timedelta(hours=20))
    changed = gappy.copy()
    changed.loc[changed.index >= ORIGIN, "demand"] *= 3
    origins = [ORIGIN, ORIGIN + pd.Timedelta(days=1)]
    found, other = (forecaster.forecast_many(frame, origins, 24) for frame in (gappy, changed))
    pd.testing.assert_frame_equal(found[found["origin"] == ORIGIN], other[other["origin"] == ORIGIN])
