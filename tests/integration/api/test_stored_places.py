"""Temperatures of places in the database go with their mean into a forecast on demand, and no further."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

import pandas as pd
import pytest

from tests.unit.data.series import KOREA
from tests.unit.model.series import ORIGIN, make_history
from trainer.api.history import Histories
from trainer.api.orders import Order
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import Connection, connect

pytestmark = pytest.mark.integration

REGION = replace(KOREA, weather=("temperature",))
WARMER = 5.0
"""Busan than the mean, C."""


@pytest.fixture
def histories(database_url: str) -> Histories:
    frame = make_history()[["demand", "temperature"]]
    with connect(database_url) as connection:
        busan = frame["temperature"] + WARMER
        upsert_actuals(connection, frame.assign(temperature_busan=busan), region="KR", source="test")

    def open_database() -> AbstractContextManager[Connection]:
        return connect(database_url)

    return Histories(open_database)


def rows(histories: Histories, **given: object) -> pd.DataFrame:
    return histories.of(Order.model_validate({"region": "KR", **given}), REGION, ORIGIN).rows


def test_they_are_read_beside_it(histories: Histories) -> None:
    found = rows(histories)
    departure = found["temperature_busan"] - found["temperature"]
    assert departure.to_numpy() == pytest.approx(WARMER)


def test_where_a_mean_is_given_those_of_its_hour_are_not_looked_at(histories: Histories) -> None:
    given = {"time": ORIGIN.isoformat(), "weather": {"temperature": 30.0}}
    found = rows(histories, weather=[given])
    assert found.loc[ORIGIN, "temperature"] == 30
    assert found.index[found["temperature_busan"].isna()].tolist() == [ORIGIN]
