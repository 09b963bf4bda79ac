"""Forecasts as they were made, and paired with the actuals that arrived since."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trainer.database import connect
from trainer.database.actuals import upsert_actuals
from trainer.database.predictions import read_predictions, read_scorable, upsert_predictions
from trainer.errors import DataError

pytestmark = pytest.mark.integration

ORIGIN = pd.Timestamp("2020-10-31T22:00Z")
COLUMNS = [
    "origin",
    "lead_time",
    "model_version",
    "fallback",
    "forecast",
    "trend",
    "seasonality",
    "residual",
    "lower",
    "upper",
]


def forecast(version: str = "GR-1", hours: int = 24, origin: pd.Timestamp = ORIGIN) -> pd.DataFrame:
    index = pd.date_range(origin, periods=hours, freq="h", name="time")
    values = 5000 + np.arange(hours) / 3
    return pd.DataFrame(
        {
            "origin": origin,
            "lead_time": np.arange(1, hours + 1),
            "model_version": version,
            "fallback": "none",
            "forecast": values,
            "trend": values - 100,
            "seasonality": 250.0,
            "residual": -150.0,
            "lower": values - 50,
            "upper": values + 50,
        },
        index=index,
    )


def publish(url: str, frame: pd.DataFrame, region: str = "GR") -> int:
    with connect(url) as connection:
        return upsert_predictions(connection, frame, region=region, run_id="run")


def read(url: str, origin: pd.Timestamp = ORIGIN) -> pd.DataFrame:
    with connect(url) as connection:
        return read_predictions(connection, "GR", origin.to_pydatetime())


def test_a_forecast_is_read_back_to_the_last_digit(database_url: str) -> None:
    frame = forecast(hours=168)

    assert publish(database_url, frame) == 168

    back = read(database_url)[COLUMNS]
    pd.testing.assert_frame_equal(back, frame, check_freq=False, check_dtype=False)


def test_the_same_forecast_again_leaves_the_same_rows(database_url: str) -> None:
    publish(database_url, forecast())
    publish(database_url, forecast())

    assert len(read(database_url)) == 24


def test_a_rerun_with_another_model_replaces_the_whole_forecast_of_the_origin(database_url: str) -> None:
    publish(database_url, forecast("GR-1", hours=48))

    publish(database_url, forecast("GR-2", hours=24))

    back = read(database_url)
    assert len(back) == 24
    assert set(back["model_version"]) == {"GR-2"}


def test_other_origins_and_regions_stay(database_url: str) -> None:
    later = ORIGIN + pd.Timedelta(days=1)
    publish(database_url, forecast(hours=48))
    publish(database_url, forecast(origin=later))

    publish(database_url, forecast("KR-1", hours=12), region="KR")

    assert (len(read(database_url)), len(read(database_url, later))) == (48, 24)


def test_a_baseline_without_components_is_stored_without_them(database_url: str) -> None:
    frame = forecast("baseline").assign(fallback="baseline")
    frame[["trend", "seasonality", "residual", "lower", "upper"]] = np.nan

    publish(database_url, frame)

    back = read(database_url)
    assert back[["trend", "seasonality", "residual", "lower", "upper"]].isna().all(axis=None)
    assert back["forecast"].notna().all()


def test_a_forecast_with_one_impossible_hour_leaves_what_was_there(database_url: str) -> None:
    publish(database_url, forecast("GR-1"))
    broken = forecast("GR-2")
    broken.loc[broken.index[-1], "forecast"] = float("inf")

    with pytest.raises(DataError, match="predictions_finite"):
        publish(database_url, broken)

    assert set(read(database_url)["model_version"]) == {"GR-1"}


def test_a_frame_with_two_origins_is_no_forecast(database_url: str) -> None:
    frame = pd.concat([forecast(), forecast(origin=ORIGIN + pd.Timedelta(days=1))])

    with pytest.raises(ValueError, match="one origin"):
        publish(database_url, frame)


def test_an_origin_without_a_forecast_gives_an_empty_frame(database_url: str) -> None:
    assert read(database_url).empty


def actuals(hours: int, demand: float = 5100.0) -> pd.DataFrame:
    index = pd.date_range(ORIGIN, periods=hours, freq="h", name="time")
    return pd.DataFrame({"demand": demand}, index=index)


def scorable(url: str, days: int = 3) -> pd.DataFrame:
    with connect(url) as connection:
        return read_scorable(
            connection,
            "GR",
            ORIGIN.to_pydatetime(),
            (ORIGIN + pd.Timedelta(days=days)).to_pydatetime(),
        )


def test_only_hours_whose_actuals_have_arrived_can_be_scored(database_url: str) -> None:
    publish(database_url, forecast(hours=48))
    known = actuals(30)
    known.loc[known.index[20:], "demand"] = np.nan
    with connect(database_url) as connection:
        upsert_actuals(connection, known, region="GR", source="test")

    pairs = scorable(database_url)

    assert list(pairs["lead_time"]) == list(range(1, 21))
    assert set(pairs["actual"]) == {5100.0}
    assert list(pairs["forecast"]) == list(forecast()["forecast"].iloc[:20])


def test_an_hour_is_scored_once_for_every_forecast_of_it(database_url: str) -> None:
    later = ORIGIN + pd.Timedelta(days=1)
    publish(database_url, forecast("GR-1", hours=48))
    publish(database_url, forecast("GR-2", origin=later))
    with connect(database_url) as connection:
        upsert_actuals(connection, actuals(48), region="GR", source="test")

    pairs = scorable(database_url)

    of_hour = pairs[pairs["time"] == later].sort_values("lead_time")
    assert list(zip(of_hour["model_version"], of_hour["lead_time"], strict=True)) == [
        ("GR-2", 1),
        ("GR-1", 25),
    ]


def test_hours_outside_the_window_are_left_out(database_url: str) -> None:
    publish(database_url, forecast(hours=48))
    with connect(database_url) as connection:
        upsert_actuals(connection, actuals(48), region="GR", source="test")

    assert scorable(database_url, days=1)["time"].max() == ORIGIN + pd.Timedelta(hours=23)


def test_nothing_to_score_gives_an_empty_frame_with_its_columns(database_url: str) -> None:
    pairs = scorable(database_url)

    assert pairs.empty
    assert {"origin", "time", "lead_time", "model_version", "forecast", "actual"} <= set(pairs.columns)
