"""A forecast on demand from stored hours reads the weather as it was issued up to its origin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.unit.data.series import KOREA
from tests.unit.model.series import ORIGIN, make_history
from trainer.api.forecasting import History, Job, history_of
from trainer.api.history import Histories
from trainer.api.orders import Order
from trainer.data.weather.issued import ISSUED_AT, TIME
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.database.issued_weather import upsert_issues

pytestmark = pytest.mark.integration

HOURS = pd.date_range(ORIGIN, periods=24, freq="h")


def issue(issued_at: pd.Timestamp, temperature: float) -> pd.DataFrame:
    ahead = HOURS[issued_at < HOURS]
    return pd.DataFrame({ISSUED_AT: issued_at, TIME: ahead, "temperature": temperature, "humidity": 50.0})


@pytest.fixture
def histories(database_url: str) -> Histories:
    """Of hours up to the origin, with what was issued of the day after it at 18:00 and at 01:00."""
    with connect(database_url) as connection:
        known = make_history().loc[: ORIGIN - pd.Timedelta(hours=1)]
        upsert_actuals(connection, known, region="KR", source="test")
        for hours, temperature in ((-6, 11.0), (1, 99.0)):
            rows = issue(ORIGIN + pd.Timedelta(hours=hours), temperature)
            upsert_issues(connection, rows, region="KR", source="test")
    return Histories(lambda: connect(database_url))


def read(history: History) -> pd.DataFrame:
    """The hours to forecast, as a model is shown them."""
    return history_of(Job(KOREA, None, history, ORIGIN, 24, False)).loc[ORIGIN:]


def order(**more: object) -> Order:
    return Order.model_validate({"region": "KR", **more})


def test_hours_ahead_have_the_newest_issue_s_of_before_the_origin(histories: Histories) -> None:
    found = read(histories.of(order(), KOREA, ORIGIN))
    np.testing.assert_array_equal(found["temperature"].iloc[:24], 11.0)
    np.testing.assert_array_equal(found["humidity"].iloc[:24], 50.0)


def test_a_figure_that_the_order_gives_goes_before_the_issue_s(histories: Histories) -> None:
    given = [{"time": HOURS[3].isoformat(), "weather": {"temperature": 4.0}}]
    found = read(histories.of(order(weather=given), KOREA, ORIGIN))
    assert found["temperature"].iloc[3] == 4.0
    assert found["temperature"].iloc[4] == 11.0
    assert found["humidity"].iloc[3] == 50.0


def test_a_history_that_the_order_gives_has_no_issues(histories: Histories) -> None:
    rows = [{"time": (ORIGIN - pd.Timedelta(hours=1)).isoformat(), "demand_mw": 5.0}]
    assert histories.of(order(history=rows), KOREA, ORIGIN).issued is None


def test_an_issue_that_came_since_is_read(histories: Histories, database_url: str) -> None:
    before = histories.of(order(), KOREA, ORIGIN)
    with connect(database_url) as connection:
        rows = issue(ORIGIN - pd.Timedelta(hours=1), 12.0)
        upsert_issues(connection, rows, region="KR", source="test")
    after = histories.of(order(), KOREA, ORIGIN)
    assert after.key != before.key
    np.testing.assert_array_equal(read(after)["temperature"].iloc[:24], 12.0)


def test_a_row_that_holds_no_figure_costs_the_issues_alone(histories: Histories, database_url: str) -> None:
    with connect(database_url) as connection:
        connection.execute('UPDATE weather_issued SET weather = \'{"temperature": "warm"}\'')
    found = histories.of(order(), KOREA, ORIGIN)
    assert found.issued is None
    assert len(found.rows) > 0


def test_a_region_without_weather_asks_for_no_issues(histories: Histories) -> None:
    assert histories.of(order(), replace(KOREA, weather=()), ORIGIN).issued is None
