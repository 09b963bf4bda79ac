"""A model that is averaged with others forecasts as one, and is no worse for a member that fails."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.conftest import ORIGIN_HOURS
from tests.unit.model.series import ORIGIN, TINY
from trainer.contract import Region
from trainer.errors import ArtifactError
from trainer.model.artifact import MANIFEST, load_artifact, save_artifact
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.weighted_members import WeightedMembers, by_hour
from trainer.model.metrics import scores
from trainer.model.training.fitting import fit, update, without_hindsight

_DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def told(history: pd.DataFrame) -> pd.DataFrame:
    """With an operator's forecast that knows the day ahead to half a percent, and stands 3 % above."""
    days = np.random.default_rng(1).normal(0.03, 0.005, len(history) // 24)
    return history.assign(reference=history["demand"] * np.exp(np.repeat(days, 24)))


@pytest.fixture(scope="module")
def ensemble(told: pd.DataFrame, region: Region, train_until: pd.Timestamp) -> Forecaster:
    asked = replace(region, ensemble=("seasonal", "reference"))
    return fit(told, asked, TINY, train_until=train_until, device="cpu", origin_hours=ORIGIN_HOURS)


def mape(model: Forecaster, history: pd.DataFrame, days: int = 12) -> float:
    made = model.forecast_many(history, pd.date_range(ORIGIN, periods=days, freq="D"), 24)
    return float(scores(history["demand"].reindex(made["time"]), made["forecast"])["mape"])


def reference_share(model: Forecaster, history: pd.DataFrame, origin: pd.Timestamp) -> float:
    shares = model.forecasts(history, [origin], 24).shares()
    assert shares is not None
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
    return shares["reference"]


def test_it_errs_less_than_the_model_alone(
    ensemble: Forecaster, forecaster: Forecaster, told: pd.DataFrame
) -> None:
    assert mape(ensemble, told) < 0.8 * mape(forecaster, told)


def test_its_components_add_up_and_its_forecast_lies_within_its_band(
    ensemble: Forecaster, told: pd.DataFrame
) -> None:
    frame = ensemble.forecast(told, ORIGIN, 168)
    total = frame["trend"] + frame["seasonality"] + frame["residual"]
    np.testing.assert_allclose(total, frame["forecast"], rtol=1e-12)
    assert (frame["lower"] < frame["forecast"]).all()
    assert (frame["forecast"] < frame["upper"]).all()


def test_its_band_is_that_of_the_average(
    ensemble: Forecaster, forecaster: Forecaster, told: pd.DataFrame
) -> None:
    averaged, alone = (model.forecast(told, ORIGIN, 24) for model in (ensemble, forecaster))
    assert (averaged["upper"] - averaged["lower"]).mean() < 0.9 * (alone["upper"] - alone["lower"]).mean()


def test_where_no_member_says_anything_the_model_stands_alone(
    told: pd.DataFrame, region: Region, train_until: pd.Timestamp, forecaster: Forecaster
) -> None:
    asked = replace(region, ensemble=("reference",))
    silent = told.drop(columns="reference")
    model = fit(silent, asked, TINY, train_until=train_until, device="cpu", origin_hours=ORIGIN_HOURS)
    pd.testing.assert_frame_equal(
        model.forecast(silent, ORIGIN, 48), forecaster.forecast(silent, ORIGIN, 48), rtol=1e-6
    )
    assert model.forecasts(silent, [ORIGIN], 48).shares() == {"model": 1.0, "reference": 0.0}
    assert model.members is not None
    assert model.members.usual_shares() == {"model": 1.0, "reference": 0.0}


def test_demand_from_the_origin_on_changes_no_forecast(ensemble: Forecaster, told: pd.DataFrame) -> None:
    changed = told.copy()
    changed.loc[changed.index >= ORIGIN, "demand"] *= 5
    pd.testing.assert_frame_equal(ensemble.forecast(changed, ORIGIN, 72), ensemble.forecast(told, ORIGIN, 72))


def test_the_operator_s_forecast_of_tomorrow_changes_none_either(
    ensemble: Forecaster, told: pd.DataFrame
) -> None:
    changed = told.copy()
    changed.loc[changed.index >= ORIGIN + _DAY, "reference"] *= 5
    pd.testing.assert_frame_equal(ensemble.forecast(changed, ORIGIN, 72), ensemble.forecast(told, ORIGIN, 72))


def test_many_origins_at_once_give_what_each_gives_alone(ensemble: Forecaster, told: pd.DataFrame) -> None:
    origins = [ORIGIN, ORIGIN + _DAY, ORIGIN + pd.Timedelta(hours=31)]
    many = ensemble.forecast_many(told, origins, 30)
    for origin in origins:
        together = many[many["origin"] == origin].drop(columns="origin").set_index("time")
        alone = ensemble.forecast(told, origin, 30)
        pd.testing.assert_frame_equal(together, alone, check_freq=False, rtol=1e-5, atol=1e-2)


def test_each_more_of_many_origins_takes_little_memory(ensemble: Forecaster, told: pd.DataFrame) -> None:
    def megabytes(origins: int) -> float:
        tracemalloc.start()
        ensemble.forecasts(told, [ORIGIN] * origins, 24)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak / 1e6

    few = megabytes(50)
    assert megabytes(250) - few < 200 * 0.2


def test_demand_that_is_a_day_late_is_forecast_over(ensemble: Forecaster, told: pd.DataFrame) -> None:
    late = told.copy()
    late.loc[late.index >= ORIGIN - _DAY, "demand"] = np.nan
    assert np.isfinite(ensemble.forecast(late, ORIGIN, 24).to_numpy()).all()
    assert np.isfinite(ensemble.calibrated_at(late, ORIGIN)[0]).all()


def test_the_25th_hour_of_a_day_in_autumn_has_the_weights_of_its_last_hours() -> None:
    weights = np.arange(4.0)[:, None]
    assert by_hour(weights, 25)[:, 0].tolist() == [*np.repeat(range(4), 6), 3]
    assert by_hour(weights, 49)[25:, 0].tolist() == [0] * 5 + [1] * 6 + [2] * 6 + [3] * 6 + [0]


def test_over_late_demand_that_has_shifted_an_exact_member_draws_the_forecast_to_what_comes(
    forecaster: Forecaster, history: pd.DataFrame
) -> None:
    """The forecast begins a day before its origin, and the level that it is laid on shifts in between."""
    shifted = history.copy()
    shifted.loc[shifted.index >= ORIGIN - 2 * _DAY, "demand"] *= 0.6
    shifted["reference"] = shifted["demand"]
    coming = shifted["demand"].loc[ORIGIN:].iloc[:24].to_numpy()
    shifted.loc[shifted.index >= ORIGIN - pd.Timedelta(hours=4), "demand"] = np.nan
    averaged = replace(forecaster, members=WeightedMembers.begun(("reference",)))
    errors = [
        np.abs(np.log(model.forecast(shifted, ORIGIN, 24)["forecast"] / coming)).mean()
        for model in (averaged, forecaster)
    ]
    assert errors[0] < errors[1]


def test_weights_leave_a_reference_that_breaks_within_days(ensemble: Forecaster, told: pd.DataFrame) -> None:
    broken = told.copy()
    since = broken.index >= ORIGIN - 7 * _DAY
    stale = broken.loc[ORIGIN - 8 * _DAY : ORIGIN - 7 * _DAY, "reference"].iloc[0]
    broken.loc[since, "reference"] = stale
    before = reference_share(ensemble, told, ORIGIN)
    assert reference_share(ensemble, broken, ORIGIN) < before / 2


def test_where_the_operator_s_forecast_always_comes_late_the_band_is_that_of_the_model_alone(
    forecaster: Forecaster, told: pd.DataFrame
) -> None:
    """By the time of a forecast that of the days before has come, but none of them had it in time."""
    model = replace(forecaster, members=WeightedMembers.begun(("reference",)))
    late = told.copy()
    late.loc[late.index >= ORIGIN, "reference"] = np.nan
    pd.testing.assert_frame_equal(model.forecast(late, ORIGIN, 24), forecaster.forecast(late, ORIGIN, 24))


def test_each_lead_time_that_the_operator_leaves_out_widens_the_band(
    ensemble: Forecaster, told: pd.DataFrame
) -> None:
    def width(known: int) -> float:
        """Of the first hours, where it has come for `known` hours."""
        late = told.copy()
        late.loc[late.index >= ORIGIN + pd.Timedelta(hours=known), "reference"] = np.nan
        made = ensemble.forecast(late, ORIGIN, 6)
        return float(np.log(made["upper"] / made["lower"]).mean())

    assert width(24) < width(12) < width(0)


def test_a_number_out_of_a_broken_file_ruins_no_forecast(ensemble: Forecaster, told: pd.DataFrame) -> None:
    broken = told.copy()
    broken.loc[ORIGIN : ORIGIN + _DAY, "reference"] = 1.0
    frame = ensemble.forecast(broken, ORIGIN, 24)
    error = (frame["forecast"] / told["demand"].reindex(frame.index) - 1).abs()
    assert error.max() < 0.25


def test_a_refit_goes_on_with_the_weights_that_were_reached(ensemble: Forecaster, told: pd.DataFrame) -> None:
    refitted = update(ensemble, told, train_until=ORIGIN, origin_hours=ORIGIN_HOURS)
    assert refitted.members is not None
    reached = ensemble.forecasts(told, [ORIGIN], 24).weights
    assert reached is not None
    np.testing.assert_allclose(refitted.members.learnt.weights[0].mean(0), reached[0].mean(0), rtol=1e-6)


def test_brought_back_before_its_refits_it_has_the_weights_that_training_left(
    ensemble: Forecaster, told: pd.DataFrame, tmp_path: Path
) -> None:
    refitted = ensemble
    for until in (ORIGIN, ORIGIN + 7 * _DAY):
        refitted = update(refitted, told, train_until=until, origin_hours=ORIGIN_HOURS)
    save_artifact(refitted, tmp_path / "model", {})
    origins = pd.date_range(ORIGIN, periods=7, freq="D")
    found = without_hindsight(load_artifact(tmp_path / "model"), told, origins).members
    assert ensemble.members is not None
    assert refitted.members is not None
    assert found is not None
    assert (refitted.members.learnt.weights != ensemble.members.learnt.weights).any()
    np.testing.assert_array_equal(found.learnt.weights, ensemble.members.learnt.weights)


def test_one_saved_before_training_s_weights_were_kept_has_those_of_now_as_both(ensemble: Forecaster) -> None:
    assert ensemble.members is not None
    tensors = ensemble.members.tensors()
    old = {name: tensors[name] for name in ("members", "regret", "variance", "largest")}
    found = WeightedMembers.from_tensors(old)
    np.testing.assert_array_equal(found.learnt.weights, ensemble.members.learnt.weights)
    np.testing.assert_array_equal(found.trained.weights, ensemble.members.learnt.weights)


def test_it_comes_back_from_its_folder_as_it_went_in(
    ensemble: Forecaster, told: pd.DataFrame, tmp_path: Path
) -> None:
    save_artifact(ensemble, tmp_path / "model", {})
    again = load_artifact(tmp_path / "model")
    assert again.region == ensemble.region
    pd.testing.assert_frame_equal(again.forecast(told, ORIGIN, 72), ensemble.forecast(told, ORIGIN, 72))


def test_a_folder_without_its_weights_is_refused(ensemble: Forecaster, tmp_path: Path) -> None:
    save_artifact(ensemble, tmp_path / "model", {})
    (tmp_path / "model" / "members.safetensors").unlink()
    with pytest.raises(ArtifactError, match=r"members\.safetensors cannot be read"):
        load_artifact(tmp_path / "model")
    assert MANIFEST in {path.name for path in (tmp_path / "model").iterdir()}


def test_weights_of_another_shape_are_refused(ensemble: Forecaster) -> None:
    assert ensemble.members is not None
    tensors = ensemble.members.tensors()
    with pytest.raises(ValueError, match="another shape"):
        WeightedMembers.from_tensors({**tensors, "regret": tensors["regret"][:1]})
    with pytest.raises(ValueError, match="members"):
        WeightedMembers.from_tensors({**tensors, "members": np.array([7])})
