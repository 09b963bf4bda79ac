"""A year's replay: a DAG's tasks run as the DAG has them, and the page holds what was found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from benchmarks.year.dag_run import Ended, Started, run_dag
from benchmarks.year.page import page, picture
from benchmarks.year.sizes import Units, store_by_formula
from demand_forecast.tasks.local import LocalTrainerOperator
from trainer.contract import Verb, load_regions

MOMENT = datetime(2023, 1, 1, tzinfo=UTC)


def raises(error: Exception) -> Any:
    def task() -> None:
        raise error

    return task


def ended(first: Any, *, rule: str = "all_success", branch: str = "left") -> Ended:
    """first >> branch >> [left, right]; both >> last, by the trigger rule."""
    with DAG("example", schedule=None) as dag:
        begin = PythonOperator(task_id="first", python_callable=first)
        fork = BranchPythonOperator(task_id="fork", python_callable=lambda: branch)
        left = PythonOperator(task_id="left", python_callable=lambda params: params["asked"])
        right = PythonOperator(task_id="right", python_callable=lambda: None)
        last = TriggerDagRunOperator(
            task_id="last", trigger_dag_id="other", conf={"as_of": "now"}, trigger_rule=rule
        )
        begin >> fork >> [left, right] >> last
    return run_dag(dag, MOMENT, conf={"asked": 7})


def test_a_branch_is_followed_and_the_other_one_passed_over() -> None:
    found = ended(lambda: None, rule="none_failed_min_one_success")
    assert found.states == dict.fromkeys(("first", "fork", "left", "last"), "success") | {"right": "skipped"}
    assert found.results["left"] == 7
    assert found.started == [Started("other", {"as_of": "now"})]


def test_a_task_that_wants_all_before_it_is_skipped_with_one_of_them() -> None:
    assert ended(lambda: None).states["last"] == "skipped"


def test_what_follows_a_failure_does_not_run_unless_it_wants_to() -> None:
    found = ended(raises(AirflowFailException("away")))
    assert found.failures == {
        "first": "failed: away",
        **dict.fromkeys(("fork", "left", "right", "last"), "upstream_failed"),
    }
    assert ended(raises(AirflowFailException("away")), rule="all_done").states["last"] == "success"


def test_a_skip_is_no_failure() -> None:
    found = ended(raises(AirflowSkipException()))
    assert found.failures == {}
    assert set(found.states.values()) == {"skipped"}


@pytest.mark.parametrize(("rule", "state"), [("all_success", "skipped"), ("none_failed", "success")])
def test_a_task_that_is_mapped_over_nothing_is_skipped(rule: str, state: str) -> None:
    with DAG("example", schedule=None) as dag:
        plan = PythonOperator(task_id="plan", python_callable=list)
        mapped = LocalTrainerOperator.partial(
            **{"verb": Verb.SEARCH, "region": load_regions({})["GR"], "store_url": "file:///none"},
            **{"arguments": [], "env": {}, "postgres_conn_id": None, "python": "none"},
            task_id="mapped",
        ).expand(step=plan.output)
        mapped >> PythonOperator(task_id="last", python_callable=lambda: None, trigger_rule=rule)
    assert run_dag(dag, MOMENT).states == {"plan": "success", "mapped": "skipped", "last": state}


SAMPLE = {
    **{"day": 0, "resident": 2**30, "open_files": 10, "connections": 0},
    **{"store": 8 * 2**20, "tables": 2**24, "influxdb": 2**25, "mlflow": 2**22},
}
FOUND = {
    "machine": {"processor": "a processor", "cores": 2, "date": "2023-12-31"},
    **{"region": "Greece", "first": "2023-01-01", "days": 365},
    **{"trainings": 53, "promotions": 10, "refits": 53, "failures": {}},
    "samples": [{**SAMPLE, "day": 7 * week, "store": (8 + week) * 2**20} for week in range(53)],
    "mape_by_week": {"2023-01-01": 1.0, "2023-01-08": 2.0, "2023-01-15": 1.2},
    "units": {"model": 2.5 * 2**20, "training": 3 * 2**20, "refit": 2**20, "daily": 70_000},
    "kept": {"keep_champions": 8, "keep_training_days": 28, "keep_run_days": 28},
}


def test_the_page_says_what_stayed_flat_what_grows_and_what_the_formula_gives() -> None:
    text = page(FOUND)
    assert "MAPE by week 1.00 to 2.00 %, median 1.20 %" in text
    assert "| Resident memory, MB | 1024 | 1024 |" in text
    assert "| Store | 60.0 | 146.3 |" in text
    assert "53 trainings, 10 promotions, 53 refits, 0 runs with a failed task" in text


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    picture(FOUND, tmp_path / "year.png")
    assert (tmp_path / "year.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("kept", "versions", "trainings", "refits", "daily"),
    [
        ({"keep_champions": 8, "keep_training_days": 28, "keep_run_days": 28}, 11, 5, 11, 29),
        ({"keep_champions": 2, "keep_training_days": 70, "keep_run_days": 7}, 5, 11, 5, 8),
    ],
)
def test_where_nothing_is_promoted_each_kept_version_is_a_refit(
    kept: dict[str, int], versions: int, trainings: int, refits: int, daily: int
) -> None:
    units = Units(model=1, training=100, refit=1e4, daily=1e6)
    found = store_by_formula(units, kept, weeks=52, promotions=0)
    assert found == versions + 100 * trainings + 1e4 * refits + 1e6 * daily
