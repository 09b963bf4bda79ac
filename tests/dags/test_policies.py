"""What holds for every DAG and every task, whoever adds the next one."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, BaseOperator, CronTriggerTimetable
from airflow.sdk.definitions.taskgroup import MappedTaskGroup
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables import trigger

from stack.state import REPOSITORY
from trainer.contract import load_regions

REGIONS = load_regions({})
FILES = sorted((REPOSITORY / "dags").glob("*.py"))


def tasks(dags: dict[str, DAG]) -> list[BaseOperator]:
    return [task for dag in dags.values() for task in dag.tasks]  # type: ignore[misc]


def test_every_file_parses(dagbag: DagBag) -> None:
    assert dagbag.import_errors == {}


def test_no_dag_is_slow_to_parse(dagbag: DagBag) -> None:
    # The first file pays for importing Airflow; its import timeout is 30 s.
    assert all(stat.duration < timedelta(seconds=25) for stat in dagbag.dagbag_stats)


def test_every_region_has_its_seven_dags(dags: dict[str, DAG]) -> None:
    kinds = (
        "weekly_retrain",
        "daily_forecast",
        "data_ingestion",
        "rollback_model",
        "shadow_model",
        "refit_model",
        "housekeeping",
    )
    assert set(dags) == {f"{kind}_{region}" for kind in kinds for region in REGIONS}


def test_every_dag_says_what_it_is(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        assert "demand-forecast" in dag.tags
        assert any(region in dag.tags for region in REGIONS)
        assert dag.doc_md
        assert dag.description


def test_every_dag_runs_once_at_a_time_in_its_region_s_timezone(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        assert dag.max_active_runs == 1
        if dag.dag_id.startswith(("rollback_model_", "shadow_model_", "refit_model_")):
            assert dag.schedule is None
            continue
        region = REGIONS[dag.dag_id.rpartition("_")[2]]
        assert isinstance(dag.timetable, CronTriggerTimetable)
        assert (
            str(dag.timetable.timezone) == region.timezone or dag.timetable.timezone.name == region.timezone
        )
        assert dag.catchup is False


def test_every_task_has_an_owner_a_time_limit_and_another_try(dags: dict[str, DAG]) -> None:
    for task in tasks(dags):
        assert task.owner == "demand-forecast", task.task_id
        assert task.execution_timeout is not None, task.task_id
        assert task.retries, task.task_id
        assert task.on_failure_callback, task.task_id


def test_every_param_has_a_valid_default_and_an_explanation(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        for name in dag.params:
            param = dag.params.get_param(name)
            if dag.schedule is not None:
                param.resolve()
            assert param.description, f"{dag.dag_id}: {name}"
            assert param.schema["type"], f"{dag.dag_id}: {name}"


# Airflow's own reading of .airflowignore uses a name that pathspec deprecates.
@pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")
def test_every_dag_survives_the_way_to_the_scheduler(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        there = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
        assert set(there.task_dict) == set(dag.task_ids)


def test_no_branch_is_mapped(dags: dict[str, DAG]) -> None:
    # In Airflow 3.3.2 a branch in a mapped task group runs both of its ways.
    mapped = [task for task in tasks(dags) if task.is_mapped]
    assert {task.task_id for task in mapped} == {"search"}
    assert not any(isinstance(task.task_group, MappedTaskGroup) for task in tasks(dags))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_dag_file_holds_wiring_only(file) -> None:
    source = file.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 130
    calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}
    forbidden = ("Variable.get", "BaseHook.get_connection", "open", "datetime.now", "requests.get")
    assert calls.isdisjoint(forbidden)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_template_takes_the_day_from_ds(file) -> None:
    # `ds` is missing in runs without a logical date.
    assert "{{ ds" not in file.read_text(encoding="utf-8")


def first_run(dag: DAG, now: datetime, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """When a DAG that has no runs yet is to have its first, by a parse at `now`."""
    monkeypatch.setattr(trigger, "utcnow", lambda: now)
    scheduled = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dag))
    info = scheduled.next_dagrun_info(last_automated_run_info=None)
    assert info is not None
    assert info.run_after is not None
    return info.run_after


SCHEDULED = ("data_ingestion_KR", "daily_forecast_KR", "weekly_retrain_KR", "housekeeping_KR")


@pytest.mark.parametrize("dag_id", SCHEDULED)
@pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")
def test_a_dag_s_first_run_outlives_a_parse_soon_after_it_was_due(
    dags: dict[str, DAG], dag_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = first_run(dags[dag_id], datetime.now(UTC) + timedelta(days=1), monkeypatch)
    for late in (timedelta(seconds=1), timedelta(minutes=9)):
        assert first_run(dags[dag_id], due + late, monkeypatch) == due


@pytest.mark.parametrize("dag_id", SCHEDULED)
@pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")
def test_unpausing_a_dag_later_starts_nothing_before_its_next_hour(
    dags: dict[str, DAG], dag_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = first_run(dags[dag_id], datetime.now(UTC), monkeypatch)
    later = due + timedelta(minutes=11)
    assert first_run(dags[dag_id], later, monkeypatch) > later
