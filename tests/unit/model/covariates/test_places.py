"""The region's temperature by the weights of its places, whatever of them is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trainer.model.covariates.places import PlaceWeights

WEIGHTS = PlaceWeights(
    {"temperature_lille": 0.75, "temperature_nice": 0.25},
    {"temperature_lille": -4.0, "temperature_nice": 4.0},
)


@pytest.fixture
def frame() -> pd.DataFrame:
    """Two towns, one 8 C warmer than the other at first and 2 C in the end."""
    index = pd.date_range("2023-01-01", periods=2, freq="h", tz="UTC", name="time")
    lille, nice = np.array([0.0, 4.0]), np.array([8.0, 6.0])
    columns = {"demand": [1.0, 2.0], "temperature": (lille + nice) / 2}
    return pd.DataFrame({**columns, "temperature_lille": lille, "temperature_nice": nice}, index=index)


def test_the_temperature_is_the_weighted_mean_of_the_places(frame: pd.DataFrame) -> None:
    assert WEIGHTS.applied(frame)["temperature"].tolist() == [2.0, 4.5]


def test_the_other_columns_stay_and_those_of_places_go(frame: pd.DataFrame) -> None:
    assert list(WEIGHTS.applied(frame)) == ["demand", "temperature"]
    assert WEIGHTS.applied(frame)["demand"].tolist() == [1.0, 2.0]


def test_a_silent_place_departs_from_the_mean_as_it_usually_does(frame: pd.DataFrame) -> None:
    frame["temperature_lille"] = np.nan
    # Nice is usually 4 C warmer than the mean of both, and Lille 4 C colder.
    assert WEIGHTS.applied(frame)["temperature"].tolist() == [4 - 3 + 1, 2 - 3 + 1]


def test_a_history_of_the_mean_alone_is_read_as_if_all_departed_as_usual(frame: pd.DataFrame) -> None:
    alone = frame[["demand", "temperature"]]
    assert WEIGHTS.applied(alone)["temperature"].tolist() == [4 - 2, 5 - 2]


def test_the_mean_of_the_places_that_a_history_still_has_is_not_taken_for_that_of_all(
    frame: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    left = frame[["demand", "temperature_nice"]].assign(temperature=frame["temperature_nice"])
    # Nice is usually 4 C warmer than the mean of both, and Lille 4 C colder.
    assert WEIGHTS.applied(left)["temperature"].tolist() == [4 - 3 + 1, 2 - 3 + 1]
    assert "temperature_lille" in caplog.text


def test_where_nothing_is_known_nothing_is_made_up(frame: pd.DataFrame) -> None:
    frame[["temperature", "temperature_lille", "temperature_nice"]] = np.nan
    assert WEIGHTS.applied(frame)["temperature"].isna().all()


def test_without_weights_a_history_stays_as_it_is(frame: pd.DataFrame) -> None:
    assert PlaceWeights().applied(frame) is frame
