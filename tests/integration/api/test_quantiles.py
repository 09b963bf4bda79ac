"""Quantiles beside the band, asked for by level, and what a forecast says of whole days."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.api.sample import LAST_MIDNIGHT, actuals, forecast, scores, with_quantiles
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.database.forecast_days import ForecastDay, replace_days
from trainer.database.metrics import upsert_metrics
from trainer.database.predictions import upsert_predictions

pytestmark = pytest.mark.integration

ALL = ["5", "10", "25", "50", "75", "90", "95"]
LATEST = ("/api/predictions/latest", {"region": "KR"})
COMPONENTS = ("/api/predictions/components", {"region": "KR", "date": "2023-10-31"})
BOTH_DAYS = (
    "/api/actual-vs-forecast",
    {"region": "KR", "start": "2023-10-30T00:00", "end": "2023-11-01T00:00"},
)
DAY = ForecastDay(
    date=date(2023, 10, 31),
    hours=24,
    peak_mw=65_100.5,
    peak_time=datetime(2023, 10, 31, 5, tzinfo=UTC),
    peak_lower_mw=64_500.0,
    peak_upper_mw=65_700.0,
    energy_mwh=1_442_400.0,
    energy_lower_mwh=1_430_000.0,
    energy_upper_mwh=None,
)


@pytest.fixture
def reader(database_url: str, read_client: Callable[[str], httpx.Client]) -> httpx.Client:
    """Over two days: the first forecast with the band alone, the second with more quantiles, and its days."""
    with connect(database_url) as connection:
        upsert_actuals(connection, actuals(1), region="KR", source="test")
        before = forecast(LAST_MIDNIGHT - timedelta(days=1))
        upsert_predictions(connection, before, region="KR", run_id="daily-1")
        newest = with_quantiles(forecast(LAST_MIDNIGHT))
        upsert_predictions(connection, newest, region="KR", run_id="daily-0")
        replace_days(connection, [DAY], region="KR", origin=LAST_MIDNIGHT)
        upsert_metrics(
            connection,
            [
                *(replace(scores(day, error=100.0), crps=80.0 - 20 * day) for day in (0, 1)),
                scores(2, error=100.0),
                *(replace(scores(day, error=50.0, lead_time=1), crps=30.0 + 10 * day) for day in (0, 1)),
                scores(2, error=50.0, lead_time=1),
            ],
        )
    return read_client(database_url)


def hours(reader: httpx.Client, path: str, asked: dict[str, str], **more: str) -> list[dict[str, Any]]:
    answer = reader.get(path, params={**asked, **more})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["hours"])


@pytest.mark.parametrize(("path", "asked"), [LATEST, COMPONENTS, BOTH_DAYS])
def test_nobody_who_does_not_ask_is_told(reader: httpx.Client, path: str, asked: dict[str, str]) -> None:
    assert {"quantiles" in hour for hour in hours(reader, path, asked)} == {False}


@pytest.mark.parametrize(("path", "asked"), [LATEST, COMPONENTS])
def test_all_of_them_stand_in_the_order_of_their_levels_with_the_band_among_them(
    reader: httpx.Client, path: str, asked: dict[str, str]
) -> None:
    answered = hours(reader, path, asked, quantiles="all")
    assert len(answered) >= 24
    for hour in answered:
        found = hour["quantiles"]
        assert list(found) == ALL
        assert list(found.values()) == sorted(found.values())
        assert (found["10"], found["50"], found["90"]) == (
            hour["lower_mw"],
            hour["forecast_mw"],
            hour["upper_mw"],
        )
        assert found["95"] - found["50"] == pytest.approx(750)


def test_those_asked_for_are_told_and_no_others(reader: httpx.Client) -> None:
    told = hours(reader, *LATEST, quantiles="95,5.0,50")
    assert {tuple(hour["quantiles"]) for hour in told} == {("95", "5", "50")}


def test_a_level_that_an_hour_s_forecast_does_not_have_is_null_there(reader: httpx.Client) -> None:
    told = [hour["quantiles"] for hour in hours(reader, *BOTH_DAYS, quantiles="5,90")]
    assert [found["5"] is None for found in told] == 24 * [True] + 24 * [False]
    assert all(found["90"] is not None for found in told)
    assert {found["2.5"] for found in (h["quantiles"] for h in hours(reader, *LATEST, quantiles="2.5"))} == {
        None
    }


@pytest.mark.parametrize("wrong", ["", "0", "100", "5,", "five", "5 ,95", "all,5", "-5", "5.1234"])
def test_what_is_no_level_is_refused_by_name(reader: httpx.Client, wrong: str) -> None:
    answer = reader.get("/api/predictions/latest", params={"region": "KR", "quantiles": wrong})
    assert answer.status_code == 422
    assert [fault["where"] for fault in answer.json()["faults"]] == ["query.quantiles"]


@pytest.mark.parametrize(("path", "asked"), [LATEST, COMPONENTS, BOTH_DAYS])
def test_in_a_file_each_is_a_column(reader: httpx.Client, path: str, asked: dict[str, str]) -> None:
    told = hours(reader, path, asked, quantiles="all")
    answer = reader.get(path, params={**asked, "quantiles": "all", "format": "csv"})
    lines = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [name for name in lines[0] if name.startswith("q")] == [f"q{level}_mw" for level in ALL]
    for line, hour in zip(lines, told, strict=True):
        written = {level: line[f"q{level}_mw"] for level in ALL}
        assert written == {
            level: "" if value is None else str(value) for level, value in hour["quantiles"].items()
        }


def test_a_file_without_hours_has_its_header(reader: httpx.Client) -> None:
    path, asked = COMPONENTS
    answer = reader.get(path, params={**asked, "date": "2019-01-01", "quantiles": "5", "format": "csv"})
    assert answer.status_code == 200
    assert answer.text.count("\n") == 1


def test_the_latest_forecast_tells_of_its_days(reader: httpx.Client) -> None:
    (day,) = reader.get("/api/predictions/latest?region=KR").json()["days"]
    assert day == {
        "date": "2023-10-31",
        "hours": 24,
        "peak_mw": 65_100.5,
        "peak_lower_mw": 64_500.0,
        "peak_upper_mw": 65_700.0,
        "peak_time": "2023-10-31T05:00:00Z",
        "peak_local_time": "2023-10-31T14:00:00+09:00",
        "energy_mwh": 1_442_400.0,
        "energy_lower_mwh": 1_430_000.0,
        "energy_upper_mwh": None,
    }


def test_scores_have_the_crps_of_the_days_that_have_one(reader: httpx.Client) -> None:
    body = reader.get("/api/metrics/performance?region=KR").json()
    assert [day["crps_mw"] for day in body["by_day"]] == [None, 60.0, 80.0]
    assert {window["days"]: window["crps_mw"] for window in body["rolling"]} == {1: 80.0, 7: 70.0, 28: 70.0}
    assert [lead["crps_mw"] for lead in body["by_lead_time"]] == [35.0]
