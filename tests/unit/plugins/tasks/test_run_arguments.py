"""From a DAG run to a verb's command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from airflow.sdk.exceptions import AirflowFailException
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from demand_forecast.tasks.run_arguments import (
    as_of,
    command_line,
    hours_ahead,
    local_day,
    params,
    trainer_run_id,
    without_empty_options,
)
from trainer.commands.arguments import build_parser
from trainer.contract import Verb, load_regions

SEOUL = "Asia/Seoul"
KR = load_regions({})["KR"]
GR = load_regions({})["GR"]


@dataclass(frozen=True)
class Run:
    dag_id: str = "weekly_retrain_KR"
    run_id: str = "scheduled__2026-01-03T18:00:00+00:00"
    logical_date: datetime | None = datetime(2026, 1, 3, 18, tzinfo=UTC)
    run_after: datetime = datetime(2026, 2, 1, tzinfo=UTC)


def test_a_run_speaks_for_its_logical_date() -> None:
    assert as_of(Run(), {"as_of": None}, SEOUL) == "2026-01-03T18:00:00+00:00"


def test_a_run_without_a_logical_date_speaks_for_when_it_was_to_start() -> None:
    assert as_of(Run(logical_date=None), {}, SEOUL) == "2026-02-01T00:00:00+00:00"


def test_the_moment_asked_for_comes_first() -> None:
    assert as_of(Run(), {"as_of": "2025-12-31T00:00:00Z"}, SEOUL) == "2025-12-31T00:00:00+00:00"


def test_a_moment_without_an_offset_is_local() -> None:
    assert as_of(Run(), {"as_of": "2025-12-31T09:00"}, SEOUL) == "2025-12-31T00:00:00+00:00"


def test_what_is_no_moment_fails_without_a_retry() -> None:
    with pytest.raises(AirflowFailException, match="'yesterday' is no moment"):
        as_of(Run(), {"as_of": "yesterday"}, SEOUL)


@pytest.mark.parametrize("asked", ["0001-01-01T00:00", "9999-12-31T23:59-05:00"])
def test_a_moment_that_no_calendar_here_reaches_fails_without_a_retry(asked: str) -> None:
    with pytest.raises(AirflowFailException, match=r"is not within the years 1970\.\.2199"):
        as_of(Run(), {"as_of": asked}, SEOUL)


@pytest.mark.parametrize(
    ("asked", "horizon", "hours"),
    [
        ("2020-10-25T00:30+03:00", 24, "25"),  # clocks are put back on this day
        ("2020-10-25T00:30+03:00", 6, "6"),
        ("2020-10-25T00:30+03:00", 48, "48"),
        ("2020-10-26T00:30+02:00", 24, "24"),
    ],
)
def test_a_day_ahead_reaches_the_end_of_its_local_day(asked: str, horizon: int, hours: str) -> None:
    assert hours_ahead(Run(), {"as_of": asked, "horizon": horizon}, GR) == hours


def test_the_local_day_is_the_region_s() -> None:
    assert local_day(Run(), {}, SEOUL) == "2026-01-04"


def test_runs_of_two_dags_with_one_name_are_two_runs() -> None:
    assert trainer_run_id(Run(dag_id="a")) != trainer_run_id(Run(dag_id="b"))


@given(st.lists(st.sampled_from(["--a=1", "--b=", "--c=None", "verb", "--flag", "--d=x=y"])))
def test_options_without_a_value_are_left_out_and_all_others_stay(arguments: list[str]) -> None:
    assert without_empty_options(arguments) == [a for a in arguments if a not in ("--b=", "--c=None")]


def rendered(verb: Verb, options: Mapping[str, str | None], values: dict[str, object]) -> list[str]:
    jinja = Environment(autoescape=False)
    context = {"dag_run": Run(), "params": values, "trainer_run_id": trainer_run_id, "as_of": as_of}
    templates = command_line(verb, KR, "file:///s", options)
    return without_empty_options(jinja.from_string(one).render(context) for one in templates)


def test_params_become_the_verb_s_options() -> None:
    assert rendered(Verb.SEARCH, params("trials", "lookback_days"), {"trials": 3, "lookback_days": None}) == [
        "search",
        "--region=KR",
        "--run-id=weekly_retrain_KR/scheduled__2026-01-03T18:00:00+00:00",
        "--as-of=2026-01-03T18:00:00+00:00",
        "--store=file:///s",
        "--trials=3",
    ]


def test_an_option_may_have_another_name_than_its_param() -> None:
    assert params("seed", shards="search_pods") == {
        "seed": "{{ params.seed }}",
        "shards": "{{ params.search_pods }}",
    }


def test_an_option_may_take_no_value() -> None:
    arguments = rendered(Verb.FORECAST, {"no-plot": None}, {})
    assert arguments[-1] == "--no-plot"
    assert build_parser().parse_args(arguments).plot is False


@pytest.mark.parametrize("verb", list(Verb))
def test_the_trainer_s_command_line_understands_every_verb(verb: Verb) -> None:
    required = {Verb.ANNOUNCE: {"model-version": "KR-1"}, Verb.INTRADAY: {"product": "intraday"}}.get(
        verb, {}
    )
    parsed = build_parser().parse_args(rendered(verb, required, {}))
    assert (parsed.verb, parsed.region, parsed.store) == (verb.value, "KR", "file:///s")
