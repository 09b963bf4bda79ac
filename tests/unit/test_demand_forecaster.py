"""The class for Python users: parameters as scikit-learn has them, frames in and frames out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from sklearn.base import clone

from tests.unit.data.series import KOREA
from tests.unit.model.places import COUNTRY, TOWNS, made_up
from tests.unit.model.series import make_history
from trainer import DemandForecaster
from trainer.errors import UsageError

KNOWN = pd.Timestamp("2021-05-31 15:00", tz="UTC")


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    """Demand ends where its weather goes on for a week."""
    frame = make_history(160)
    return frame.assign(demand=frame["demand"].where(frame.index < KNOWN))


@pytest.fixture(scope="module")
def fitted(history: pd.DataFrame) -> DemandForecaster:
    return DemandForecaster(KOREA, epochs=1, origin_hours=(0,), device="cpu").fit(history)


def test_which_places_count_is_learnt_from_a_frame_that_has_them(tmp_path: Path) -> None:
    frame = made_up([1.0, 0.0, 0.0, 0.0]).drop(columns="temperature")
    known = frame.index[-24]
    model = DemandForecaster(COUNTRY, epochs=1, origin_hours=(0,), device="cpu").fit(frame[:known])
    assert model.model_.places.weights[TOWNS[0]] > 0.7
    model.save(tmp_path / "model")
    again = DemandForecaster.load(tmp_path / "model").predict(23, frame=frame, origin=known)
    pd.testing.assert_frame_equal(again, model.predict(23, frame=frame, origin=known))
    warmer = frame.assign(**{TOWNS[0]: frame[TOWNS[0]] + 5, TOWNS[1]: frame[TOWNS[1]] - 5})  # the same mean
    assert (model.predict(23, frame=warmer, origin=known)["q50"] != again["q50"]).all()


def test_it_forecasts_from_the_hour_after_the_last_known_one(fitted: DemandForecaster) -> None:
    found = fitted.predict(horizon=48)
    assert found.index[0] == KNOWN
    assert str(found.index.tz) == KOREA.timezone
    assert found["lead_time"].tolist() == [*range(1, 49)]
    quantiles = found[["q5", "q10", "q25", "q50", "q75", "q90", "q95"]]
    assert (quantiles.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert (found["q50"] == found["forecast"]).all()


def test_demand_from_the_origin_on_is_never_looked_at(fitted: DemandForecaster) -> None:
    whole = make_history(160)
    told = fitted.predict(24, frame=whole, origin=KNOWN)
    pd.testing.assert_frame_equal(told, fitted.predict(24))


def test_without_weather_ahead_its_weatherless_twin_forecasts(
    fitted: DemandForecaster, history: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    found = fitted.predict(24, frame=history[history.index < KNOWN])
    assert len(found) == 24
    assert "the weatherless twin forecasts" in caplog.text


def test_a_series_alone_makes_a_model_without_weather(history: pd.DataFrame) -> None:
    alone = DemandForecaster(KOREA, epochs=1, origin_hours=(0,), device="cpu")
    alone.fit(history["demand"].loc[:KNOWN].tz_convert("Asia/Seoul"))
    assert alone.model_.region.weather == ()
    assert len(alone.predict(24)) == 24


def test_a_saved_model_predicts_the_same(
    fitted: DemandForecaster, history: pd.DataFrame, tmp_path: Path
) -> None:
    checksum = fitted.save(tmp_path / "model")
    again = DemandForecaster.load(tmp_path / "model", checksum=checksum)
    pd.testing.assert_frame_equal(again.predict(24, frame=history), fitted.predict(24), rtol=1e-5)
    assert again.origin_hours == fitted.origin_hours
    with pytest.raises(UsageError, match="no history of its own"):
        again.predict(24)


def test_a_backtest_leaves_it_as_it_is(fitted: DemandForecaster) -> None:
    model = fitted.model_
    result = fitted.backtest(make_history(160), "2021-06-02", "2021-06-03")
    assert result.metrics["hours"] == 48
    assert fitted.model_ is model


def test_its_parameters_are_those_of_an_estimator() -> None:
    forecaster = DemandForecaster("KR", epochs=3)
    assert clone(forecaster.set_params(seed=7)).get_params() == {
        "region": "KR",
        "trials": 0,
        "epochs": 3,
        "seed": 7,
        "device": "auto",
        "origin_hours": None,
    }


def test_without_pytorch_a_fit_names_the_extra(
    history: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"demand-forecast\[train\]"):
        DemandForecaster(KOREA).fit(history)


@pytest.mark.parametrize("origin", ["2021-05-31", "2021-05-31 15:30+00:00"])
def test_an_origin_is_a_whole_hour_with_a_zone(fitted: DemandForecaster, origin: str) -> None:
    with pytest.raises(UsageError, match="a whole hour of UTC, with its zone"):
        fitted.predict(24, origin=pd.Timestamp(origin))


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda history: DemandForecaster(KOREA).predict(24), "not fitted yet"),
        (lambda history: DemandForecaster(KOREA).fit(history.tz_localize(None)), "times with a zone"),
        (lambda history: DemandForecaster(KOREA).fit(history.to_numpy()), "times with a zone"),
        (lambda history: DemandForecaster("Atlantis").fit(history), "Atlantis is not configured"),
        (lambda history: DemandForecaster(KOREA, origin_hours=()).fit(history), "name some of 0..23"),
        (lambda history: DemandForecaster(KOREA, origin_hours=(24,)).fit(history), "name some of 0..23"),
    ],
)
def test_what_cannot_be_is_refused_with_the_mend(
    act: Callable[[pd.DataFrame], object], message: str, history: pd.DataFrame
) -> None:
    with pytest.raises(UsageError, match=message):
        act(history)
