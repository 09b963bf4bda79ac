"""What daily_forecast does around its forecast, through the real DAG on a real PostgreSQL.

Each case is a region of its own. The trainer's steps are marked successful; what they would have left lies in
the store and in the database.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import psycopg
import pytest

from tests.dags.daily_cases import CASES, TODAY, World, crown_in_turn, leave_forecast, run_of, score
from tests.dags.replay import replay
from tests.dags.site import Site
from trainer.contract import Shadow, ShadowKind
from trainer.database.connection import connect
from trainer.database.shadows import store_shadow

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


SHADOW = Shadow(name="naive", kind=ShadowKind.BASELINE)


@pytest.fixture(scope="module")
def world(site: Site, alerts: tuple[str, list[dict[str, Any]]]) -> World:
    with psycopg.connect(site.database) as connection:
        for region, case in CASES.items():
            leave_forecast(site.store, region, case)
            if case.champion:
                crown_in_turn(connection, region, case)
            if case.mape is not None:
                score(connection, region, case)
    with connect(site.database) as connection:
        store_shadow(connection, "STEADY", SHADOW, added_by="Kim", reason="to compare")
    environ = {
        **site.environ_of(CASES, "daily_forecast.py", "weekly_retrain.py"),
        "DEMAND_FORECAST_DRIFT_MAPE": "5",
        "DEMAND_FORECAST_RETRAIN_COOLDOWN_DAYS": "3",
        "DEMAND_FORECAST_NOTIFY_URLS": json.dumps([alerts[0]]),
        "DEMAND_FORECAST_AIRFLOW_URL": "https://airflow.example/af/",
    }
    metadata = site.airflow["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg", "")
    (paused,), _ = replay([run_of("PAUSED")], environ)  # as all DAGs are that Airflow has just found
    with psycopg.connect(metadata) as connection:
        connection.execute("UPDATE dag SET is_paused = false WHERE dag_id <> 'weekly_retrain_PAUSED'")
    others = [region for region in CASES if region != "PAUSED"]
    outcomes, log = replay([run_of(region) for region in [*others, "DRIFTING"]], environ)
    return World(dict(zip(others, outcomes, strict=False)) | {"PAUSED": paused}, log, alerts[1], metadata)


def test_a_drifting_region_is_retrained_once_for_the_same_moment(world: World) -> None:
    assert world.outcomes["DRIFTING"].tasks["retrain"] == "success"
    ((run_id, conf),) = world.retrainings("DRIFTING")  # after two runs for the same day
    assert run_id == f"drift__{TODAY.date()}"
    assert datetime.fromisoformat(conf["as_of"]) == TODAY


def test_drift_alerts_with_the_figure_and_a_link(world: World) -> None:
    alert = world.alerts_of("DRIFTING")[0]
    assert alert["title"] == "Test: the forecast drifts"
    assert "8.00 % over 168 h" in alert["message"]
    assert "https://airflow.example/af/dags/daily_forecast_DRIFTING/runs/manual__" in alert["message"]


def test_drift_while_the_retraining_is_paused_starts_nothing_and_says_so(world: World) -> None:
    assert world.outcomes["PAUSED"].tasks["retrain"] == "skipped"
    assert world.retrainings("PAUSED") == []
    (alert,) = world.alerts_of("PAUSED")
    assert "weekly_retrain_PAUSED is paused, so no retraining is started" in alert["message"]


@pytest.mark.parametrize("region", ["STEADY", "UNSCORED"])
def test_without_drift_nothing_is_started_or_told(world: World, region: str) -> None:
    assert world.outcomes[region].state == "success"
    assert world.outcomes[region].tasks["retrain"] == "skipped"
    assert world.retrainings(region) == []
    assert world.alerts_of(region) == []


@pytest.mark.parametrize("region", ["COOLING", "REPLAYED"])
def test_drift_soon_after_a_decision_or_in_a_replay_alerts_only(world: World, region: str) -> None:
    assert world.outcomes[region].tasks["retrain"] == "skipped"
    assert world.retrainings(region) == []
    assert [alert["title"] for alert in world.alerts_of(region)] == ["Test: the forecast drifts"]


def test_a_forecast_is_made_with_the_champion_and_falls_back_to_the_one_before(world: World) -> None:
    assert world.pinned("REPLAYED") == ("the-champion", None)


def test_live_shadows_are_handed_on_to_the_forecast(world: World) -> None:
    assert world.shadows("STEADY") == (SHADOW,)
    assert world.shadows("UNSCORED") == ()


def test_a_day_before_the_champion_s_training_ended_is_forecast_by_the_one_before_it(world: World) -> None:
    assert world.pinned("BACKFILLED") == ("the-one-before", None)


def test_a_day_before_every_training_is_left_to_the_verb_to_turn_away(world: World) -> None:
    assert world.pinned("TOO_EARLY") == ("the-champion", None)


def test_a_region_without_a_model_says_how_to_get_one(world: World) -> None:
    tasks = world.outcomes["NEW"].tasks
    assert tasks["pin_model"] == "failed"
    assert tasks["forecast"] == "upstream_failed"
    assert world.outcomes["NEW"].state == "failed"
    assert "train one first: airflow dags trigger weekly_retrain_NEW" in world.log


def test_a_failed_task_alerts(world: World) -> None:
    (alert,) = [alert for alert in world.alerts_of("NEW") if "pin_model" in alert["title"]]
    assert "has no model yet" in alert["message"]


def test_a_fallback_forecast_alerts_with_its_reason(world: World) -> None:
    (alert,) = world.alerts_of("FALLEN_BACK")
    assert alert["title"] == "Test: the forecast is a fallback (previous)"
    assert "the-champion cannot forecast: damaged" in alert["message"]


def test_a_forecast_from_actuals_older_than_a_day_alerts(world: World) -> None:
    (alert,) = world.alerts_of("STALE")
    assert alert["title"] == "Test: the forecast is made from old actuals"
    assert "The last 25 h before" in alert["message"]


def test_a_forecast_from_actuals_of_the_day_before_does_not(world: World) -> None:
    assert world.alerts_of("LATE") == []
