"""A region's products each have a DAG: a schedule of their own, the daily tasks without the daily rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, CronTriggerTimetable

from demand_forecast.settings import regions, settings
from stack.state import REPOSITORY
from tests.dags import test_policies as policies
from trainer.commands.arguments import build_parser
from trainer.contract import Product, load_regions

PRODUCTS = {
    "day_ahead": {"at": "10:00", "covers": "tomorrow"},
    "week": {"at": "00:30", "hours": 168},
    "intraday": {"every": "1h", "hours": 12},
    "shifts": {"every": "8h", "hours": 8},
}
CRONS = {"day_ahead": "0 10 * * *", "week": "30 0 * * *", "intraday": "0 */1 * * *", "shifts": "0 */8 * * *"}
EVERY_DAG = (
    policies.test_every_dag_says_what_it_is,
    policies.test_every_task_has_an_owner_a_time_limit_and_another_try,
    policies.test_every_param_has_a_valid_default_and_an_explanation,
    policies.test_every_dag_survives_the_way_to_the_scheduler,
)


@pytest.fixture(scope="module")
def bag() -> Iterator[DagBag]:
    """Of KR with all of these products, of a region whose name a product of KR ends with, and of India."""
    shipped = load_regions({})
    forecasts = tuple(Product.parse("KR", name, values) for name, values in PRODUCTS.items())
    korea = replace(shipped["KR"], forecasts=forecasts)
    india = replace(shipped["GR"], name="IN", timezone="Asia/Kolkata", country="IN")
    configured = {"KR": korea.to_dict(), "ahead": shipped["GR"].to_dict(), "IN": india.to_dict()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEMAND_FORECAST_REGIONS", json.dumps(configured))
        patch.setenv("DEMAND_FORECAST_FORECAST_DEADLINE_MINUTES", "45")
        for cached in (regions, settings):
            cached.cache_clear()
        yield DagBag(str(REPOSITORY / "dags"))
    for cached in (regions, settings):
        cached.cache_clear()


@pytest.fixture(scope="module")
def products(bag: DagBag) -> dict[str, DAG]:
    assert bag.import_errors == {}
    return {
        dag_id.removeprefix("forecast_KR_"): dag
        for dag_id, dag in bag.dags.items()
        if dag_id.startswith("forecast_")
    }


def test_each_product_of_each_region_has_a_dag_and_the_daily_one_stays(
    bag: DagBag, products: dict[str, DAG]
) -> None:
    assert set(products) == set(PRODUCTS)
    assert {"daily_forecast_KR", "daily_forecast_ahead"} <= set(bag.dags)


def test_the_daily_one_begins_with_the_day_where_midnight_is_half_past_an_hour_of_utc(bag: DagBag) -> None:
    assert bag.dags["daily_forecast_IN"].timetable.expression == "20 0 * * *"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "cron"), CRONS.items())
def test_it_is_made_when_the_product_says_in_the_region_s_time(
    products: dict[str, DAG], name: str, cron: str
) -> None:
    timetable = products[name].timetable
    assert isinstance(timetable, CronTriggerTimetable)
    assert timetable.expression == cron  # type: ignore[attr-defined]
    assert str(timetable.timezone) == "Asia/Seoul"  # type: ignore[attr-defined]


def test_one_of_a_day_goes_from_ingest_to_publish_and_leaves_what_is_daily_to_the_daily_one(
    products: dict[str, DAG],
) -> None:
    for dag in (products["day_ahead"], products["week"]):
        assert {(task.task_id, after) for task in dag.tasks for after in task.downstream_task_ids} == {
            ("ingest", "snapshot"),
            ("snapshot", "pin_model"),
            ("pin_model", "forecast"),
            ("forecast", "report_forecast"),
            ("forecast", "publish"),
        }
        assert dag.get_task("snapshot").trigger_rule == "all_done"
        assert set(dag.params) == {"as_of"}


def test_one_of_every_few_hours_is_one_task_that_need_not_wait_for_its_source(
    products: dict[str, DAG],
) -> None:
    for name in ("intraday", "shifts"):
        (task,) = products[name].tasks
        words = [word for word in task.arguments if "{{" not in word]  # type: ignore[attr-defined]
        options = build_parser().parse_args(words)
        assert (task.task_id, options.verb, options.product) == ("intraday", "intraday", name)
        assert (options.lookback_days, options.ingest_seconds) == (60, 60)
        assert timedelta(seconds=options.ingest_seconds) < task.execution_timeout
        assert set(products[name].params) == {"as_of"}


def test_the_verb_is_asked_for_the_product_s_hours(products: dict[str, DAG]) -> None:
    words = [
        word
        for word in products["day_ahead"].get_task("forecast").arguments  # type: ignore[attr-defined]
        if "{{" not in word
    ]
    options = build_parser().parse_args(words)
    assert (options.verb, options.product, options.plot) == ("forecast", "day_ahead", False)


def test_a_run_ends_before_the_next_one_and_says_so(products: dict[str, DAG]) -> None:
    longest = {name: dag.dagrun_timeout for name, dag in products.items()}
    assert longest == {
        "day_ahead": timedelta(hours=22),
        "week": timedelta(hours=22),
        "intraday": timedelta(minutes=55),
        "shifts": timedelta(hours=7, minutes=55),
    }
    for dag in products.values():
        assert dag.on_failure_callback
        assert dag.max_active_runs == 1
        assert dag.catchup is False
        assert [alert.interval for alert in dag.deadline or []] == [timedelta(minutes=45)]


@pytest.mark.parametrize("policy", EVERY_DAG, ids=lambda policy: policy.__name__)
@pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")
def test_the_policies_of_all_dags_hold(products: dict[str, DAG], policy) -> None:  # type: ignore[no-untyped-def]
    policy(products)


def test_a_task_s_process_parses_the_product_s_own_region_whatever_others_are_called(
    bag: DagBag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "forecast_KR_day_ahead")
    found = set(DagBag(str(REPOSITORY / "dags")).dags)
    assert "forecast_KR_day_ahead" in found
    assert "daily_forecast_KR" in found
