"""Demand that passes zero is modelled on its own scale, all other on its logarithm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.model.series import TINY, TRAIN_UNTIL, make_net_load
from trainer.contract import Region
from trainer.errors import DataError
from trainer.model.artifact import load_artifact, save_artifact
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.target_transform import TargetTransform
from trainer.model.training.fitting import fit, update

ORIGIN = pd.Timestamp("2021-06-02 15:00", tz="UTC")
megawatts = st.lists(st.floats(-1e5, 1e5), min_size=2, max_size=50)


@given(megawatts)
def test_the_way_back_from_a_scale_is_the_way_there(values: list[float]) -> None:
    demand = np.array(values)
    scale = TargetTransform(unit=37.5)
    assert scale.megawatts(scale(demand)) == pytest.approx(demand)
    positive = np.abs(demand) + 1
    assert TargetTransform().megawatts(TargetTransform()(positive)) == pytest.approx(positive)


@given(st.lists(st.floats(100, 1e5), min_size=2, max_size=50))
def test_positive_demand_is_modelled_on_its_logarithm(values: list[float]) -> None:
    demand = np.array([*values, np.nan])
    if min(values) > 0.02 * np.median(values):
        assert TargetTransform.of(demand).logarithmic


@pytest.mark.parametrize("low", [0.0, -3.0, 0.05])
def test_demand_that_comes_to_nothing_or_below_is_modelled_as_it_is(low: float) -> None:
    demand = np.full(1000, 10.0)
    demand[::100] = low
    assert not TargetTransform.of(demand).logarithmic


def test_one_odd_hour_in_thousands_moves_no_scale_and_teaches_nothing() -> None:
    demand = np.full(5000, 10.0)
    demand[7] = 0.0
    scale = TargetTransform.of(demand)
    assert scale.logarithmic
    assert np.flatnonzero(np.isnan(scale(demand))).tolist() == [7]


def test_demand_that_never_changes_is_refused() -> None:
    with pytest.raises(DataError, match="0 MW at every measured hour"):
        TargetTransform.of(np.zeros(2000))


@pytest.fixture(scope="module")
def net_load() -> pd.DataFrame:
    return make_net_load()


@pytest.fixture(scope="module")
def model(net_load: pd.DataFrame, region: Region) -> Forecaster:
    return fit(net_load, region, TINY, train_until=TRAIN_UNTIL, device="cpu", origin_hours=(0,))


def test_net_load_is_forecast_below_zero_and_its_components_add_up(
    net_load: pd.DataFrame, model: Forecaster
) -> None:
    origins = pd.date_range(TRAIN_UNTIL, periods=20, freq="D")
    found = model.forecast_many(net_load, origins, 24).set_index("time")
    parts = found["trend"] + found["seasonality"] + found["residual"]
    assert parts.to_numpy() == pytest.approx(found["forecast"].to_numpy(), abs=1e-9)
    assert (found["lower"] <= found["forecast"]).all()
    assert (found["forecast"] <= found["upper"]).all()
    assert (found["forecast"] < 0).any()
    actual = net_load["demand"].reindex(found.index)
    naive = net_load["demand"].shift(168).reindex(found.index)
    assert (found["forecast"] - actual).abs().mean() < 0.5 * (naive - actual).abs().mean()


def test_an_artifact_keeps_the_scale(net_load: pd.DataFrame, model: Forecaster, tmp_path: Path) -> None:
    save_artifact(model, tmp_path / "artifact", {})
    loaded = load_artifact(tmp_path / "artifact")
    assert loaded.decomposition.transform == model.decomposition.transform
    pd.testing.assert_frame_equal(
        loaded.forecast(net_load, ORIGIN, 24), model.forecast(net_load, ORIGIN, 24), rtol=1e-6
    )


def test_an_update_stays_on_a_linear_scale(net_load: pd.DataFrame, model: Forecaster) -> None:
    later = update(model, net_load, train_until=ORIGIN, origin_hours=(0,))
    assert later.decomposition.transform == model.decomposition.transform
