"""More quantiles than the band's, and whole days' peaks and energy: stored, read back, replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from tests.integration.database.test_predictions import ORIGIN, actuals, forecast, publish, read, scorable
from tests.integration.database.test_products import scored
from trainer.database import connect
from trainer.database.actuals import upsert_actuals
from trainer.database.forecast_days import ForecastDay, read_days, replace_days
from trainer.database.metrics import read_metrics, upsert_metrics
from trainer.database.schema import downgrade, migrate
from trainer.errors import DataError

pytestmark = pytest.mark.integration

MADE_AT = ORIGIN.to_pydatetime()
FURTHER = ["q5", "q25", "q75", "q97.5"]
DAY = ForecastDay(
    date=date(2020, 11, 1),
    hours=24,
    peak_mw=5200.25,
    peak_time=datetime(2020, 11, 1, 17, tzinfo=UTC),
    peak_lower_mw=5100.5,
    peak_upper_mw=5300.125,
    energy_mwh=120_000.1,
    energy_lower_mwh=118_000.2,
    energy_upper_mwh=122_000.3,
)


def with_quantiles(**columns: Any) -> pd.DataFrame:
    frame = forecast(**columns)
    value = frame["forecast"]
    said = {"q5": value - 70 / 3, "q25": value - 20, "q75": value + 20, "q97.5": value + 90}
    return frame.assign(**said)


def test_quantiles_are_read_back_to_the_last_digit(database_url: str) -> None:
    frame = with_quantiles()

    publish(database_url, frame)

    back = read(database_url)
    assert [name for name in back if name.startswith("q")] == FURTHER, "in the order of their levels"
    pd.testing.assert_frame_equal(back[FURTHER], frame[FURTHER], check_freq=False, check_index_type=False)


def test_a_forecast_without_them_is_read_without_their_columns(database_url: str) -> None:
    publish(database_url, forecast())

    assert not set(FURTHER) & set(read(database_url).columns)


def test_an_hour_may_lack_one(database_url: str) -> None:
    frame = with_quantiles()
    frame.loc[ORIGIN, "q5"] = float("nan")

    publish(database_url, frame)

    back = read(database_url)
    assert back["q5"].isna().tolist() == [True] + 23 * [False]
    assert back["q25"].notna().all()


def test_a_rerun_by_a_model_without_them_leaves_none_behind(database_url: str) -> None:
    publish(database_url, with_quantiles())

    publish(database_url, forecast())

    assert not set(FURTHER) & set(read(database_url).columns)


def test_a_quantile_that_is_no_finite_number_refuses_the_forecast(database_url: str) -> None:
    with pytest.raises(DataError):
        publish(database_url, with_quantiles().assign(q5=float("inf")))

    assert read(database_url).empty


def test_what_can_be_scored_has_the_quantiles_of_each_forecast(database_url: str) -> None:
    later = ORIGIN + pd.Timedelta(days=1)
    publish(database_url, with_quantiles())
    publish(database_url, forecast(origin=later))
    with connect(database_url) as connection:
        upsert_actuals(connection, actuals(48), region="GR", source="test")

    pairs = scorable(database_url)

    of_first = pairs[pairs["origin"] == ORIGIN]
    assert of_first["q5"].tolist() == with_quantiles()["q5"].tolist()
    assert pairs[pairs["origin"] == later][FURTHER].isna().all(axis=None)


def test_days_are_read_back_as_they_were_said(database_url: str) -> None:
    unsure = replace(
        DAY,
        date=date(2020, 11, 2),
        peak_lower_mw=None,
        peak_upper_mw=None,
        energy_lower_mwh=None,
        energy_upper_mwh=None,
    )
    with connect(database_url) as connection:
        replace_days(connection, [unsure, DAY], region="GR", origin=MADE_AT)

        assert read_days(connection, "GR", MADE_AT) == [DAY, unsure]


def test_days_of_a_rerun_take_the_place_of_the_earlier_ones_and_no_others(database_url: str) -> None:
    with connect(database_url) as connection:
        for product in ("", "week"):
            replace_days(connection, [DAY], region="GR", origin=MADE_AT, product=product)
        replace_days(connection, [], region="GR", origin=MADE_AT)

        assert read_days(connection, "GR", MADE_AT) == []
        assert read_days(connection, "GR", MADE_AT, "week") == [DAY]


@pytest.mark.parametrize("wrong", [{"peak_mw": float("inf")}, {"energy_lower_mwh": 2e5}, {"hours": 26}])
def test_a_day_that_cannot_be_is_refused(database_url: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(DataError), connect(database_url) as connection:
        replace_days(connection, [replace(DAY, **wrong)], region="GR", origin=MADE_AT)


def test_a_day_is_read_from_what_the_forecast_s_manifest_says() -> None:
    fact = {
        "date": "2020-11-01",
        "hours": 24,
        "peak_mw": 5200.25,
        "peak_time": "2020-11-01T17:00:00+00:00",
        "peak_lower_mw": 5100.5,
        "peak_upper_mw": 5300.125,
        "energy_mwh": 120_000.1,
        "energy_lower_mwh": 118_000.2,
        "energy_upper_mwh": 122_000.3,
    }

    assert ForecastDay.of_fact(fact) == DAY


def test_crps_stands_beside_the_other_figures(database_url: str) -> None:
    with connect(database_url) as connection:
        upsert_metrics(connection, [replace(scored(), crps=7.5), scored("week")])

        found = {row.product: row.crps for row in read_metrics(connection, "GR", MADE_AT)}
    assert found == {"": 7.5, "week": None}


def test_the_migration_goes_back_and_forth_over_rows(database_url: str) -> None:
    publish(database_url, with_quantiles())
    with connect(database_url) as connection:
        upsert_metrics(connection, [replace(scored(), crps=7.5)])
        replace_days(connection, [DAY], region="GR", origin=MADE_AT)
    downgrade(database_url, "0009")

    migrate(database_url)

    pd.testing.assert_frame_equal(
        read(database_url)[forecast().columns], forecast(), check_freq=False, check_dtype=False
    )
    with connect(database_url) as connection:
        assert [(row.mae, row.crps) for row in read_metrics(connection, "GR", MADE_AT)] == [(10.0, None)]
        assert read_days(connection, "GR", MADE_AT) == []
