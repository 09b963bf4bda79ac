"""One computation gives a forecast's columns, its sample paths and its days, and they agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.model.series import COLUMNS, ORIGIN
from trainer.contract.quantiles import parse_quantiles, stated_quantiles
from trainer.errors import UsageError
from trainer.model.forecasting.forecaster import Forecaster


@given(
    asked=st.lists(st.integers(1, 999).map(lambda level: level / 10), max_size=20),
    late=st.integers(0, 30),
    horizon=st.integers(1, 168),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_quantiles_are_asked_for_they_never_cross(
    asked: list[float], late: int, horizon: int, forecaster: Forecaster, history: pd.DataFrame
) -> None:
    levels = parse_quantiles("KR", asked)
    region = replace(forecaster.region, quantiles=levels)
    known = history.copy()
    known.loc[known.index >= ORIGIN - pd.Timedelta(hours=late), "demand"] = np.nan
    frame = forecaster.as_configured(region).forecast(known, ORIGIN, horizon)
    columns = stated_quantiles(frame.columns)
    assert tuple(columns.values()) == levels
    assert (np.diff(frame[list(columns)].to_numpy(), axis=1) >= 0).all()


def test_other_quantiles_leave_the_forecast_and_its_band_as_they_are(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    bare = replace(forecaster, errors=None).forecast(history, ORIGIN, 72)
    assert set(bare.columns) == set(COLUMNS)
    pd.testing.assert_frame_equal(
        forecaster.forecast(history, ORIGIN, 72)[bare.columns], bare, check_exact=True
    )


def test_at_each_hour_the_paths_spread_as_the_quantiles(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    frame = forecaster.forecast(history, ORIGIN, 48)
    paths = forecaster.paths(history, ORIGIN, 48, count=1000)
    assert paths is not None
    assert paths.shape == (1000, 48)
    width = frame["upper"] - frame["lower"]
    for name, level in stated_quantiles(frame.columns).items():
        difference = np.quantile(paths, level / 100, axis=0) - frame[name]
        assert (difference.abs() < 0.02 * width).all(), name


def test_the_same_seed_gives_the_same_paths(forecaster: Forecaster, history: pd.DataFrame) -> None:
    one, two = (forecaster.paths(history, ORIGIN, 24, seed=7) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    with pytest.raises(UsageError, match="0 sample paths are too few"):
        forecaster.paths(history, ORIGIN, 24, count=0)


def test_a_day_s_figures_are_those_of_its_hours(forecaster: Forecaster, history: pd.DataFrame) -> None:
    made = forecaster.forecasts(history, [ORIGIN, ORIGIN + pd.Timedelta(hours=10)], 38)
    days = made.days()
    assert days is not None
    assert [(day.date, day.hours) for day in days] == [("2021-06-10", 24), ("2021-06-11", 24)]
    hours = forecaster.forecast(history, ORIGIN, 24)["forecast"]
    assert days[0].peak_mw == pytest.approx(hours.max())
    assert days[0].peak_time == hours.idxmax()
    assert days[0].energy_mwh == pytest.approx(hours.sum())
    for day in days:
        assert day.peak_lower_mw < day.peak_mw < day.peak_upper_mw
        assert day.energy_lower_mwh < day.energy_mwh < day.energy_upper_mwh
    assert made.days(first_lead_time=2) == days[1:]


def test_the_band_of_a_day_s_energy_is_narrower_than_its_hours_bands_added_up(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    """Errors of a noise without memory level out over a day."""
    (day,) = forecaster.forecasts(history, [ORIGIN], 24).days() or []
    hours = forecaster.forecast(history, ORIGIN, 24)
    added_up = hours["upper"].sum() - hours["lower"].sum()
    assert day.energy_upper_mwh - day.energy_lower_mwh < 0.7 * added_up


def test_a_model_of_before_has_neither_paths_nor_days(forecaster: Forecaster, history: pd.DataFrame) -> None:
    old = replace(forecaster, errors=None)
    assert old.paths(history, ORIGIN, 24) is None
    assert old.forecasts(history, [ORIGIN], 24).days() is None
