"""When a refit is started: by whom, for which moment, and when it is not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from airflow.dag_processing.dagbag import DagBag

from demand_forecast.dag_defaults import regions_to_parse
from demand_forecast.settings import regions, settings
from stack.state import REPOSITORY
from tests.dags.replay import Outcome, Replay, replay
from tests.dags.site import Site

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

AS_OF = "2026-01-04T00:30:00+00:00"
POLICIES = {"DAILY": "daily", "WEEKLY": "weekly", "NEVER": "never", "PAUSED": "daily"}


def run_of(dag: str, region: str) -> Replay:
    return Replay(
        dag_id=f"{dag}_{region}",
        logical_date=AS_OF,
        run_after=AS_OF,
        conf={"as_of": AS_OF},
        done="(?!(refit|plan_search)$).*",
    )


RUNS = [
    run_of("daily_forecast", "DAILY"),
    run_of("daily_forecast", "DAILY"),
    run_of("daily_forecast", "PAUSED"),
    run_of("weekly_retrain", "WEEKLY"),
]


@dataclass(frozen=True)
class Started:
    outcomes: dict[str, Outcome]
    metadata_url: str

    def refits(self, region: str) -> list[dict[str, Any]]:
        """The conf of each that was started."""
        with psycopg.connect(self.metadata_url) as connection:
            rows = connection.execute(
                "SELECT conf FROM dag_run WHERE dag_id = %s", (f"refit_model_{region}",)
            ).fetchall()
        return [conf if isinstance(conf, dict) else json.loads(conf) for (conf,) in rows]


@pytest.fixture(scope="module")
def started(site: Site) -> Started:
    environ = {
        **site.environ_of(POLICIES, "daily_forecast.py", "weekly_retrain.py", "refit_model.py"),
        "DEMAND_FORECAST_REFIT": "weekly",
        "DEMAND_FORECAST_REFIT_BY_REGION": json.dumps(
            {region: policy for region, policy in POLICIES.items() if policy != "weekly"}
        ),
    }
    metadata = site.airflow["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg", "")
    replay([run_of("daily_forecast", "WEEKLY")], environ)  # now Airflow knows the DAGs
    with psycopg.connect(metadata) as connection:
        connection.execute("UPDATE dag SET is_paused = true WHERE dag_id = 'refit_model_PAUSED'")
    outcomes, _ = replay(RUNS, environ)
    return Started({run.dag_id: one for run, one in zip(RUNS, outcomes, strict=True)}, metadata)


def test_a_daily_refit_follows_ingest_for_the_run_s_own_moment_once(started: Started) -> None:
    assert [conf["as_of"] for conf in started.refits("DAILY")] == [AS_OF]


def test_a_weekly_refit_follows_the_decision_and_no_daily_run(started: Started) -> None:
    assert started.outcomes["weekly_retrain_WEEKLY"].tasks["refit"] == "success"
    assert [conf["as_of"] for conf in started.refits("WEEKLY")] == [AS_OF]


def test_while_the_refits_are_paused_none_is_queued(started: Started) -> None:
    outcome = started.outcomes["daily_forecast_PAUSED"]
    assert (outcome.state, outcome.tasks["refit"]) == ("success", "skipped")
    assert started.refits("PAUSED") == []


@pytest.mark.parametrize(
    ("policy", "refitting"),
    [("daily", ["daily_forecast", "weekly_retrain"]), ("weekly", ["weekly_retrain"]), ("never", [])],
)
def test_a_region_s_own_policy_decides_which_dags_refit(
    monkeypatch: pytest.MonkeyPatch, policy: str, refitting: list[str]
) -> None:
    monkeypatch.setenv("DEMAND_FORECAST_REFIT", "never" if policy != "never" else "daily")
    monkeypatch.setenv("DEMAND_FORECAST_REFIT_BY_REGION", json.dumps({"KR": policy}))
    settings.cache_clear()
    regions.cache_clear()
    try:
        found = {
            name: DagBag(str(REPOSITORY / "dags" / f"{name}.py")).dags[f"{name}_KR"]
            for name in ("daily_forecast", "weekly_retrain")
        }
    finally:
        settings.cache_clear()
        regions.cache_clear()
    assert [name for name, dag in found.items() if dag.has_task("refit")] == refitting


def test_a_policy_for_a_region_that_there_is_none_of_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DEMAND_FORECAST_REFIT_BY_REGION", json.dumps({"KRR": "never"}))
    settings.cache_clear()
    try:
        regions_to_parse()
    finally:
        settings.cache_clear()
    assert "DEMAND_FORECAST_REFIT_BY_REGION names no region" in caplog.text
    assert "KRR" in caplog.text
