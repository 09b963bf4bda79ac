"""The read routes over a real PostgreSQL: what each answers, and whom and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pandas as pd
import psycopg
import pytest

from tests.integration.api.sample import LAST_MIDNIGHT, decide, scores
from trainer.api.read import Database
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.database.deliveries import owe, owe_actuals
from trainer.database.metrics import upsert_metrics

pytestmark = pytest.mark.integration

EVERY_ROUTE = [
    "/api/regions",
    "/api/predictions/latest?region=KR",
    "/api/predictions/components?region=KR&date=2023-10-31",
    "/api/metrics/performance?region=KR",
    "/api/data-quality?region=KR",
    "/api/delivery?region=KR",
    "/api/actual-vs-forecast?region=KR&start=2023-10-30&end=2023-10-31",
    "/api/models?region=KR",
]


@pytest.mark.parametrize("path", EVERY_ROUTE)
def test_every_route_asks_its_guard(reader: httpx.Client, path: str) -> None:
    assert reader.get(path).status_code == 200
    assert reader.get(path, headers={"Authorization": ""}).status_code == 401
    assert reader.get(path, headers={"Authorization": "somebody"}).status_code == 403


@pytest.mark.parametrize("path", EVERY_ROUTE[1:])
def test_an_unknown_region_is_not_found_and_the_known_ones_are_named(reader: httpx.Client, path: str) -> None:
    answer = reader.get(path.replace("region=KR", "region=XX"))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:demand-forecast:problem:unknown-region"
    assert "GR, KR" in answer.json()["detail"]


def test_regions_are_those_configured(reader: httpx.Client) -> None:
    regions = {region["name"]: region for region in reader.get("/api/regions").json()["regions"]}
    assert set(regions) == {"KR", "GR"}
    assert regions["KR"]["timezone"] == "Asia/Seoul"
    assert regions["KR"]["weather"] == ["temperature", "humidity"]


def test_latest_is_the_whole_forecast_of_the_newest_origin(reader: httpx.Client) -> None:
    body = reader.get("/api/predictions/latest?region=KR").json()
    assert body["origin"] == "2023-10-30T15:00:00Z"
    assert body["local_origin"] == "2023-10-31T00:00:00+09:00"
    assert (body["model_version"], body["fallback"], body["run_id"]) == ("KR-v1", "none", "daily-0")
    assert [hour["lead_time_hours"] for hour in body["hours"]] == list(range(1, 49))
    first = body["hours"][0]
    assert first["time"] == "2023-10-30T15:00:00Z"
    assert first["local_time"] == "2023-10-31T00:00:00+09:00"
    assert first["lower_mw"] < first["forecast_mw"] < first["upper_mw"]


def test_a_region_without_a_forecast_says_how_to_get_one(reader: httpx.Client) -> None:
    answer = reader.get("/api/predictions/latest?region=GR")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith(":no-forecast")
    assert "daily_forecast_GR" in answer.json()["mend"]


def test_components_add_up_to_the_forecast_of_each_hour_of_the_local_day(reader: httpx.Client) -> None:
    body = reader.get("/api/predictions/components?region=KR&date=2023-10-30").json()
    assert len(body["hours"]) == 24
    assert body["hours"][0]["local_time"] == "2023-10-30T00:00:00+09:00"
    for hour in body["hours"]:
        parts = hour["trend_mw"] + hour["seasonality_mw"] + hour["residual_mw"]
        assert parts == pytest.approx(hour["forecast_mw"])
        assert hour["forecast_mw"] - hour["actual_mw"] == pytest.approx(100)


def test_components_of_the_future_have_no_actual(reader: httpx.Client) -> None:
    hours = reader.get("/api/predictions/components?region=KR&date=2023-11-01").json()["hours"]
    assert [hour["actual_mw"] for hour in hours] == [None] * 24
    assert {hour["lead_time_hours"] for hour in hours} == set(range(25, 49))


def test_components_of_a_day_without_a_forecast_are_empty(reader: httpx.Client) -> None:
    assert reader.get("/api/predictions/components?region=KR&date=2020-01-01").json()["hours"] == []


def test_actuals_stand_beside_the_newest_forecast_of_each_hour(reader: httpx.Client) -> None:
    path = "/api/actual-vs-forecast?region=KR&start=2023-10-30T00:00&end=2023-11-01T00:00"
    hours = reader.get(path).json()["hours"]
    assert len(hours) == 48
    known, ahead = hours[:24], hours[24:]
    assert all(hour["error_mw"] == pytest.approx(100) for hour in known)
    assert all(hour["actual_mw"] is None and hour["error_mw"] is None for hour in ahead)
    assert all(hour["lead_time_hours"] <= 24 for hour in hours)


def test_the_operator_s_own_forecast_stands_beside_ours_before_there_is_an_actual(
    reader: httpx.Client,
) -> None:
    path = "/api/actual-vs-forecast?region=KR&start=2023-10-28T00:00&end=2023-11-02T00:00"
    hours = reader.get(path).json()["hours"]
    assert [hour["reference_mw"] is not None for hour in hours] == [False] * 24 + [True] * 72 + [False] * 24
    assert hours[24]["reference_mw"] - hours[24]["actual_mw"] == pytest.approx(250)
    latest = reader.get("/api/predictions/latest?region=KR").json()["hours"]
    assert [hour["reference_mw"] is not None for hour in latest] == [True] * 24 + [False] * 24
    assert latest[0]["reference_mw"] - latest[0]["forecast_mw"] == pytest.approx(150)
    day = reader.get("/api/predictions/components?region=KR&date=2023-10-30").json()["hours"]
    assert day[0]["reference_mw"] - day[0]["actual_mw"] == pytest.approx(250)


def test_accuracy_tells_both_on_their_common_hours(reader: httpx.Client) -> None:
    body = reader.get("/api/metrics/performance?region=KR&days=7").json()
    assert [day["beside_reference"] is not None for day in body["by_day"]] == [False] * 5 + [True] * 2
    assert body["by_day"][-1]["beside_reference"] == {
        "hours": 12,
        "reference_mae_mw": 1800,
        "reference_mape_percent": 3,
        "mae_mw": 50,
        "mape_percent": pytest.approx(100 / 1200),
    }
    week = body["rolling"][-1]["beside_reference"]
    assert (week["hours"], week["mae_mw"], week["reference_mape_percent"]) == (24, 75, 3)
    assert {lead["beside_reference"] for lead in body["by_lead_time"]} == {None}


def test_an_hour_that_nobody_forecast_still_has_its_actual(
    database_url: str, filled_url: str, read_client: Callable[[str], httpx.Client]
) -> None:
    with connect(database_url) as connection:
        connection.execute("DELETE FROM predictions")
    path = "/api/actual-vs-forecast?region=KR&start=2023-10-30&end=2023-10-31"
    hours = read_client(database_url).get(path).json()["hours"]
    assert len(hours) == 24
    assert all(hour["actual_mw"] > 0 and hour["forecast_mw"] is None for hour in hours)


@pytest.mark.parametrize(
    ("start", "end"),
    [("2023-10-31", "2023-10-31"), ("2023-10-31", "2023-10-30"), ("2023-01-01", "2023-10-31")],
)
def test_a_range_that_is_empty_or_too_long_is_refused(reader: httpx.Client, start: str, end: str) -> None:
    answer = reader.get(f"/api/actual-vs-forecast?region=KR&start={start}&end={end}")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":range-refused")
    assert "92 days" in answer.json()["mend"]


def test_a_plus_sign_that_arrived_as_a_space_is_explained(reader: httpx.Client) -> None:
    path = "/api/actual-vs-forecast?region=KR&start=2023-10-30T00:00+09:00&end=2023-10-31"
    answer = reader.get(path)
    assert answer.status_code == 422
    assert [fault["where"] for fault in answer.json()["faults"]] == ["query.start"]
    assert "%2B09:00" in answer.json()["faults"][0]["what"]


def test_performance_counts_its_days_back_from_the_last_scored_one(reader: httpx.Client) -> None:
    body = reader.get("/api/metrics/performance?region=KR&days=7").json()
    assert (body["start"], body["until"]) == ("2023-10-24", "2023-10-30")
    assert [day["date"] for day in body["by_day"]] == [f"2023-10-{day}" for day in range(24, 31)]
    assert body["by_day"][-1]["mae_mw"] == 100


def test_rolling_figures_are_means_over_hours_and_rmse_the_root_of_the_mean_square(
    reader: httpx.Client,
) -> None:
    rolling = reader.get("/api/metrics/performance?region=KR&days=7").json()["rolling"]
    assert [window["days"] for window in rolling] == [1, 7]
    week = rolling[-1]
    assert week["hours"] == 7 * 24
    assert week["mae_mw"] == pytest.approx(400)
    assert week["rmse_mw"] == pytest.approx((sum((100 * n) ** 2 for n in range(1, 8)) / 7) ** 0.5)


def test_lead_times_are_taken_together_over_the_days(reader: httpx.Client) -> None:
    leads = reader.get("/api/metrics/performance?region=KR").json()["by_lead_time"]
    assert [(lead["lead_time_hours"], lead["hours"]) for lead in leads] == [(1, 2), (2, 2)]
    assert [lead["mae_mw"] for lead in leads] == pytest.approx([100, 200])


def test_a_window_longer_than_a_day_is_not_counted_beside_its_days(
    filled_url: str, own_reader: httpx.Client
) -> None:
    before = own_reader.get("/api/metrics/performance?region=KR").json()
    row = scores(0, error=9_999.0)
    longer = {**row.__dict__, "window_start": row.window_end - timedelta(days=7)}
    with connect(filled_url) as connection:
        upsert_metrics(connection, [type(row)(**longer)])
    assert own_reader.get("/api/metrics/performance?region=KR").json() == before


def test_a_region_that_was_never_scored_has_empty_figures(reader: httpx.Client) -> None:
    body = reader.get("/api/metrics/performance?region=GR").json()
    assert (body["until"], body["by_day"], body["rolling"]) == (None, [], [])


def test_models_tell_the_champion_and_every_decision_with_its_reason(reader: httpx.Client) -> None:
    body = reader.get("/api/models?region=KR").json()
    assert body["champion"]["version"] == "KR-second"
    told = [(row["run_id"], row["status"], row["reason"]) for row in body["deployments"]]
    assert told == [
        ("third", "rejected", "why third"),
        ("second", "active", "why second"),
        ("first", "archived", "why first"),
    ]
    assert body["deployments"][0]["metrics"] == {"challenger": {"mape": 1.5}}
    assert body["champion"]["mlflow_run_id"] == "mlflow-second"
    assert body["next_before"] is None


def test_models_come_in_pages(filled_url: str, own_reader: httpx.Client) -> None:
    with connect(filled_url) as connection:
        decide(connection, "fourth")
    first = own_reader.get("/api/models?region=KR&limit=2").json()
    rest = own_reader.get(f"/api/models?region=KR&limit=2&before={first['next_before']}").json()
    assert [row["run_id"] for row in first["deployments"]] == ["fourth", "third"]
    assert [row["run_id"] for row in rest["deployments"]] == ["second", "first"]
    assert rest["champion"]["run_id"] == "fourth"


@pytest.mark.parametrize(
    "query",
    [
        "predictions/latest",
        "predictions/latest?region=K%00R",
        "predictions/components?region=KR&date=yesterday",
        "predictions/components?region=KR&date=0001-01-01",
        "metrics/performance?region=KR&days=0",
        "metrics/performance?region=KR&days=401",
        "actual-vs-forecast?region=KR&start=1&end=2",
        "models?region=KR&limit=201",
        "models?region=KR&before=99999999999999999999",
    ],
)
def test_what_a_request_may_not_say_is_named(reader: httpx.Client, query: str) -> None:
    answer = reader.get(f"/api/{query}")
    assert answer.status_code == 422
    body = answer.json()
    assert body["type"].endswith(":invalid-request")
    assert body["faults"]
    assert "OpenAPI" in body["mend"]


def test_a_database_without_tables_says_which_command_makes_them(
    postgres_url: str, read_client: Callable[[str], httpx.Client]
) -> None:
    answer = read_client(postgres_url).get("/api/predictions/latest?region=KR")
    assert answer.status_code == 503
    assert "python -m trainer migrate" in answer.json()["mend"]
    assert answer.headers["retry-after"]


def test_a_database_that_is_away_is_told_without_its_address(
    read_client: Callable[[str], httpx.Client],
) -> None:
    answer = read_client("postgresql://who:secret@127.0.0.1:9/none").get("/api/models?region=KR")
    assert answer.status_code == 503
    assert answer.json()["type"].endswith(":database-unavailable")
    assert "secret" not in answer.text
    assert "127.0.0.1" not in answer.text


def test_reads_go_on_after_the_server_ended_their_connections(
    postgres_url: str, filled_url: str, own_reader: httpx.Client
) -> None:
    assert own_reader.get("/api/models?region=KR").status_code == 200
    with connect(postgres_url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s "
            "AND pid <> pg_backend_pid()",
            (filled_url.rsplit("/", 1)[-1].split("?", maxsplit=1)[0],),
        )
    assert own_reader.get("/api/models?region=KR").status_code == 200


def test_a_summer_time_day_has_the_hours_that_the_clocks_have(
    database_url: str, read_client: Callable[[str], httpx.Client]
) -> None:
    index = pd.date_range(datetime(2020, 10, 24, 12, tzinfo=UTC), periods=48, freq="h", name="time")
    with connect(database_url) as connection:
        frame = pd.DataFrame({"demand": 5_000.0}, index=index)
        upsert_actuals(connection, frame, region="GR", source="test")
    client = read_client(database_url)
    path = "/api/actual-vs-forecast?region=GR&start=2020-10-25&end=2020-10-26"
    hours = client.get(path).json()["hours"]
    assert len(hours) == 25
    assert len({hour["local_time"] for hour in hours}) == 25


def test_no_read_can_change_anything(filled_url: str) -> None:
    """The page's routes and the service's take their connections from here."""
    database = Database(filled_url, size=1)
    try:
        for change in ("DELETE FROM raw_demand", "DELETE FROM predictions", "CREATE TABLE t ()"):
            with database.connect() as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute(change)
    finally:
        database.close()


def test_the_quality_of_clean_demand_is_whole(reader: httpx.Client) -> None:
    body = reader.get("/api/data-quality?region=KR").json()
    assert (body["measured_share"], body["suspect"]) == (1.0, [])
    assert body["last"] == "2023-10-30T14:00:00Z"


def test_a_region_without_demand_has_no_share(reader: httpx.Client) -> None:
    body = reader.get("/api/data-quality?region=GR").json()
    assert (body["last"], body["hours"], body["measured_share"], body["suspect"]) == (None, 0, None, [])


def test_nothing_is_owed_where_all_was_delivered(reader: httpx.Client) -> None:
    body = reader.get("/api/delivery?region=KR").json()
    assert (body["owed"], body["hours"], body["since"]) == (0, 0, None)


def test_what_influxdb_is_owed_is_told_of_the_region_with_its_hours_and_the_oldest_moment(
    filled_url: str, own_reader: httpx.Client
) -> None:
    behind = datetime(2023, 10, 30, 15, 5, tzinfo=UTC)
    with connect(filled_url) as connection:
        owe(connection, "KR", "forecast", [LAST_MIDNIGHT])
        owe_actuals(connection, "KR", since=LAST_MIDNIGHT - timedelta(days=1))
        owe(connection, "KR", "metrics", [LAST_MIDNIGHT - timedelta(days=1)])
        connection.execute("UPDATE influx_deliveries SET enqueued_at = %s WHERE kind = 'forecast'", (behind,))
        owe(connection, "GR", "forecast", [LAST_MIDNIGHT - timedelta(days=9)])
    body = own_reader.get("/api/delivery?region=KR").json()
    # The newest forecast's 48 hours; of October ten days of demand and the operator's forecast of one more.
    assert (body["owed"], body["hours"]) == (3, 48 + 11 * 24)
    assert datetime.fromisoformat(body["since"]) == behind
    assert own_reader.get("/api/delivery?region=GR").json()["owed"] == 1


def test_suspect_hours_are_told_in_stretches_and_are_no_actuals(
    filled_url: str, own_reader: httpx.Client
) -> None:
    with connect(filled_url) as connection:
        connection.execute(
            "UPDATE raw_demand SET verdict = 'suspect', verdict_reason = 'spike' WHERE region = 'KR'"
            " AND time IN ('2023-10-29T20:00Z', '2023-10-29T21:00Z', '2023-10-30T02:00Z')"
        )
    body = own_reader.get("/api/data-quality?region=KR").json()
    told = [(one["first"], one["last"], one["hours"], one["reason"]) for one in body["suspect"]]
    assert told == [
        ("2023-10-30T02:00:00Z", "2023-10-30T02:00:00Z", 1, "spike"),
        ("2023-10-29T20:00:00Z", "2023-10-29T21:00:00Z", 2, "spike"),
    ]
    assert body["measured_share"] == 1 - 3 / body["hours"]
    day = own_reader.get("/api/predictions/components?region=KR&date=2023-10-30").json()["hours"]
    assert sum(hour["actual_mw"] is None for hour in day) == 3
