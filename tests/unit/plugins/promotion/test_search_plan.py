"""Which retraining searches, and which keeps the champion's parameters, by what is on record."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from jinja2 import Template

from demand_forecast.promotion import search_plan
from demand_forecast.promotion.search_plan import SHARDS, plan_search
from trainer.contract import load_regions

KR = load_regions({})["KR"]
MOMENT = datetime(2026, 3, 29, 3, tzinfo=UTC)
RUN: Any = SimpleNamespace(
    dag_id="weekly_retrain_KR", run_id="scheduled__1", logical_date=MOMENT, run_after=MOMENT
)
CHAMPION = SimpleNamespace(version="KR-7", artifact_checksum="a" * 64)


class Pushed(dict[str, Any]):
    """What a task pushed as XComs, by key."""

    def xcom_push(self, *, key: str, value: Any) -> None:
        self[key] = value


@pytest.fixture
def on_record(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the champion that the run may use and the moment of the region's last search."""

    def record(*, champion: Any = CHAMPION, searched: datetime | None) -> None:
        monkeypatch.setattr(search_plan, "connection", nullcontext)
        monkeypatch.setattr(search_plan.deployments, "usable_at", lambda *_: champion)
        monkeypatch.setattr(search_plan.searches, "last_search", lambda *_, **__: searched)

    return record


def planned(*, pods: int = 1, trials: int = 3, every: int = 90) -> tuple[list[str], Pushed]:
    pushed = Pushed()
    params = {"search_pods": pods, "trials": trials, "epochs": 50, "search_every_days": every}
    return plan_search(KR, dag_run=RUN, params=params, ti=pushed), pushed


@pytest.mark.parametrize(
    ("pods", "steps"), [(1, ["search"]), (3, ["search-0of3", "search-1of3", "search-2of3"])]
)
def test_a_search_has_one_manifest_per_pod(on_record: Any, pods: int, steps: list[str]) -> None:
    on_record(champion=None, searched=None)
    assert planned(pods=pods) == (steps, {})


def test_pods_that_would_have_no_trial_are_refused_before_anything_runs() -> None:
    with pytest.raises(AirflowFailException, match="search_pods 4 is more than the 3 trials"):
        planned(pods=4)


@pytest.mark.parametrize(
    ("days", "every", "searches"),
    [(7, 90, False), (89, 90, False), (90, 90, True), (7, 7, True), (1, 0, True)],
)
def test_parameters_are_kept_until_the_last_search_is_old(
    on_record: Any, days: int, every: int, searches: bool
) -> None:
    on_record(searched=MOMENT - timedelta(days=days))
    steps, pushed = planned(every=every)
    assert steps == (["search"] if searches else [])
    assert pushed == ({} if searches else {"kept": {"version": "KR-7", "checksum": "a" * 64}})


def test_where_no_search_is_on_record_there_is_one(on_record: Any) -> None:
    on_record(searched=None)
    assert planned() == (["search"], {})


def test_without_a_champion_there_is_nothing_to_keep(on_record: Any) -> None:
    on_record(champion=None, searched=MOMENT - timedelta(days=7))
    assert planned() == (["search"], {})


@pytest.mark.parametrize(("pods", "steps"), [(1, []), (2, ["search-0of2", "search-1of2"])])
def test_the_pod_of_train_makes_the_search_of_one_pod_where_it_is_told_to(
    on_record: Any, configure: Any, pods: int, steps: list[str]
) -> None:
    configure(SEARCH_WITH_TRAIN="true")
    on_record(searched=None)
    assert planned(pods=pods) == (steps, {})


@pytest.mark.parametrize(
    ("planned_steps", "shards"), [([], "0"), (["search"], "1"), (["search-0of2", "search-1of2"], "2")]
)
def test_train_chooses_from_as_many_searches_as_were_planned(planned_steps: list[str], shards: str) -> None:
    ti = SimpleNamespace(xcom_pull=lambda *, task_ids: {"plan_search": planned_steps}[task_ids])
    assert Template(SHARDS["shards"]).render(ti=ti) == shards


def test_train_is_not_started_where_the_plan_is_lost() -> None:
    with pytest.raises(TypeError):
        Template(SHARDS["shards"]).render(ti=SimpleNamespace(xcom_pull=lambda *, task_ids: None))
