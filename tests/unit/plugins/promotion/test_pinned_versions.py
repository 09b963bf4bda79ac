"""The version that one task pins is the one that a later task's verb is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import jinja2
import pytest

from demand_forecast.forecasting import pinning
from demand_forecast.promotion import refit, retrain, search_plan
from demand_forecast.promotion.pinned_versions import pinned
from demand_forecast.tasks.run_arguments import without_empty_options

ROW: Any = SimpleNamespace(version="KR-7", artifact_checksum="a" * 64)


def told(options: dict[str, str], left: Any) -> list[str]:
    """The arguments that the verb is given where the task before left `left` as its XCom."""
    ti = SimpleNamespace(xcom_pull=lambda **_: left)
    rendered = [f"--{name}={jinja2.Template(value).render(ti=ti)}" for name, value in options.items()]
    return without_empty_options(rendered)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (retrain.champion_options("active_model"), "champion"),
        (search_plan.parameters_options(), "parameters"),
        (refit.model_options("champion"), "model"),
    ],
)
def test_a_verb_is_told_the_version_and_its_checksum(options: dict[str, str], name: str) -> None:
    assert told(options, pinned(ROW)) == [f"--{name}-version=KR-7", f"--{name}-checksum={'a' * 64}"]


@pytest.mark.parametrize(
    "options", [retrain.champion_options("active_model"), search_plan.parameters_options()]
)
def test_where_no_version_was_pinned_a_verb_is_told_none(options: dict[str, str]) -> None:
    assert told(options, None) == []


def test_a_forecast_is_told_what_to_fall_back_to_only_where_there_is_one() -> None:
    left = {"model": pinned(ROW), "fallback": None, "shadows": ""}
    assert told(pinning.model_options("pin_model"), left) == [
        "--model-version=KR-7",
        f"--model-checksum={'a' * 64}",
    ]


@pytest.mark.parametrize("options", [refit.model_options("champion"), pinning.model_options("pin_model")])
def test_a_verb_that_needs_a_version_is_not_run_without_one(options: dict[str, str]) -> None:
    with pytest.raises(jinja2.UndefinedError):
        told(options, None)
