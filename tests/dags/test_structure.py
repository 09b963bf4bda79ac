"""The shape of each DAG: what follows what, and what happens where ways part or meet."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.standard.operators.python import BranchPythonOperator
from airflow.sdk import DAG, Asset
from airflow.sdk.exceptions import ParamValidationError
from jinja2 import Template

from demand_forecast.promotion.operators import PostgresOperator
from demand_forecast.promotion.sql import RECORD_DEPLOYMENT, statement
from demand_forecast.settings import Settings
from stack.state import REPOSITORY
from trainer.commands.arguments import build_parser

CRONS = {
    "weekly_retrain_KR": "0 3 * * 0",
    "daily_forecast_KR": "30 0 * * *",
    "data_ingestion_KR": "10 * * * *",
    "housekeeping_KR": "0 5 * * 6",
}


@pytest.mark.parametrize(("dag_id", "cron"), CRONS.items())
def test_each_dag_runs_at_its_time(dags: dict[str, DAG], dag_id: str, cron: str) -> None:
    assert dags[dag_id].timetable.expression == cron  # type: ignore[attr-defined]


def test_a_task_s_process_parses_the_dags_of_its_region_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "weekly_retrain_KR")
    assert set(DagBag(str(REPOSITORY / "dags")).dags) == {
        f"{dag}_KR"
        for dag in (
            *("weekly_retrain", "daily_forecast", "data_ingestion"),
            *("rollback_model", "shadow_model", "refit_model", "housekeeping"),
        )
    }


def edges(dag: DAG) -> set[tuple[str, str]]:
    return {(task.task_id, after) for task in dag.tasks for after in task.downstream_task_ids}


def test_weekly_retrain_goes_from_snapshot_to_a_decision_and_back_together(dags: dict[str, DAG]) -> None:
    straight = ["plan_search", "snapshot", "search", "train", "active_model", "evaluate", "decide_promotion"]
    promoted = ["decide_promotion", "promote", "verify_promotion", "record_deployment", "announce", "notify"]
    kept = ["decide_promotion", "keep_production", "notify"]
    ways = [list(pairwise(way)) for way in (straight, promoted, kept)]
    dry_run = ("decide_promotion", "notify")
    mapped_over = ("plan_search", "search")
    # The version to announce comes from the manifest, too.
    refitted = {("record_deployment", "refit"), ("keep_production", "refit")}
    found = edges(dags["weekly_retrain_KR"])
    assert found == {edge for way in ways for edge in way} | {dry_run, mapped_over} | refitted


def test_a_model_is_trained_for_the_hours_of_the_setting(dags: dict[str, DAG]) -> None:
    assert "--origin-hours=0,6,12,18" in dags["weekly_retrain_KR"].get_task("train").arguments  # type: ignore[attr-defined]


def test_the_decision_is_a_branch_whose_ways_meet_again(dags: dict[str, DAG]) -> None:
    dag = dags["weekly_retrain_KR"]
    assert isinstance(dag.get_task("decide_promotion"), BranchPythonOperator)
    assert dag.get_task("notify").trigger_rule == "none_failed_min_one_success"


def test_only_a_recorded_promotion_is_an_event_of_the_model_s_asset(dags: dict[str, DAG]) -> None:
    emitting = {
        task.task_id: task.outlets
        for dag in dags.values()
        if dag.dag_id.endswith("_KR")
        for task in dag.tasks
        if task.outlets
    }
    assert list(emitting) == ["record_deployment"]
    (asset,) = emitting["record_deployment"]
    assert isinstance(asset, Asset)
    assert asset.name == "demand_forecast_model_KR"


def test_the_promotion_is_recorded_in_one_transaction(dags: dict[str, DAG]) -> None:
    record = dags["weekly_retrain_KR"].get_task("record_deployment")
    assert isinstance(record, PostgresOperator)
    assert record.autocommit is False
    assert list(record.sql) == [statement(name) for name in RECORD_DEPLOYMENT]


def test_a_forecast_neither_waits_for_ingest_to_succeed_nor_for_scores(dags: dict[str, DAG]) -> None:
    dag = dags["daily_forecast_KR"]
    assert dag.get_task("snapshot").trigger_rule == "all_done"
    assert edges(dag) == {
        ("ingest", "snapshot"),
        ("snapshot", "pin_model"),
        ("pin_model", "forecast"),
        ("forecast", "report_forecast"),
        ("forecast", "publish"),
        ("ingest", "score"),
        ("score", "watch_drift"),
        ("watch_drift", "retrain"),
    }


def test_a_forecast_takes_no_time_for_a_picture(dags: dict[str, DAG]) -> None:
    assert "--no-plot" in dags["daily_forecast_KR"].get_task("forecast").arguments  # type: ignore[attr-defined]


def test_a_source_that_hangs_holds_the_forecast_back_for_less_than_half_an_hour(dags: dict[str, DAG]) -> None:
    ingest = dags["daily_forecast_KR"].get_task("ingest")
    assert ingest.execution_timeout is not None
    assert (1 + ingest.retries) * ingest.execution_timeout + ingest.retry_delay < timedelta(minutes=30)


def test_a_daily_run_is_over_before_the_next_and_says_so(dags: dict[str, DAG]) -> None:
    dag = dags["daily_forecast_KR"]
    shortest_day = timedelta(hours=23)  # clocks put forward
    assert dag.dagrun_timeout is not None
    assert dag.dagrun_timeout < shortest_day
    assert dag.on_failure_callback


@pytest.mark.parametrize("horizon", [0, 169, 24.5, "24"])
def test_a_horizon_out_of_range_is_refused_by_the_form(dags: dict[str, DAG], horizon: object) -> None:
    with pytest.raises(ParamValidationError):
        dags["daily_forecast_KR"].params.get_param("horizon").resolve(horizon)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trials", 0),
        ("margin", 1),
        ("margin", -0.1),
        ("lookback_days", 5),
        ("search_pods", 0),
        ("search_pods", 17),
    ],
)
def test_a_training_that_cannot_work_is_refused_by_the_form(
    dags: dict[str, DAG], name: str, value: float
) -> None:
    with pytest.raises(ParamValidationError):
        dags["weekly_retrain_KR"].params.get_param(name).resolve(value)


@pytest.mark.parametrize("dag_id", ["weekly_retrain_KR", "daily_forecast_KR"])
def test_no_setting_is_a_default_that_the_form_would_refuse(dags: dict[str, DAG], dag_id: str) -> None:
    # Airflow drops a DAG whose default does not fit, for every region.
    params = dags[dag_id].params
    read = Settings.model_json_schema()["properties"]
    asked = set(params) & set(read)
    assert asked
    for name in asked:
        schema = params.get_param(name).schema
        for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            assert read[name].get(bound) == schema.get(bound), name


def test_a_rollback_asks_for_a_version_and_a_reason_and_tells_mlflow(dags: dict[str, DAG]) -> None:
    dag = dags["rollback_model_KR"]
    assert edges(dag) == {("roll_back", "announce")}
    with pytest.raises(ParamValidationError):
        dag.params.get_param("version").resolve()
    assert dag.get_task("announce").arguments[-1] == "--model-version={{ params.version }}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("dry_run", [True, False])
def test_housekeeping_removes_unless_the_form_says_dry_run(dags: dict[str, DAG], dry_run: bool) -> None:
    dag = dags["housekeeping_KR"]
    given = {name: dag.params.get_param(name).resolve() for name in dag.params} | {"dry_run": dry_run}
    words = [
        Template(word).render(params=given)
        for word in dag.get_task("housekeeping").arguments  # type: ignore[attr-defined]
        if "dag_run" not in word
    ]
    options = build_parser().parse_args(words)
    assert (options.dry_run, options.keep_champions, options.keep_run_days) == (dry_run, 8, 28)
