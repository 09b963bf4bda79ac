"""What the shadows that a run pinned become on the command line of its forecast."""

from __future__ import annotations

from typing import Any

from jinja2.sandbox import SandboxedEnvironment

from demand_forecast.forecasting import pinning
from demand_forecast.tasks.run_arguments import without_empty_options
from trainer.commands.arguments import build_parser
from trainer.contract import Shadow, ShadowKind, shadows_to_json


def parsed(pinned: dict[str, Any]) -> Any:
    """As Airflow renders the option and the trainer reads it."""

    class TaskInstance:
        def xcom_pull(self, task_ids: str) -> dict[str, Any]:
            assert task_ids == "pin_model"
            return pinned

    template = f"--shadows={pinning.model_options('pin_model')['shadows']}"
    rendered = SandboxedEnvironment().from_string(template).render(ti=TaskInstance())
    return build_parser().parse_args(["forecast", "--region=KR", *without_empty_options([rendered])]).shadows


def test_each_one_reaches_the_forecast_as_it_is_on_record() -> None:
    live = (
        Shadow(name="lost", kind=ShadowKind.VERSION, version="KR-20260104T0300-1a2b3c4d", checksum="0" * 64),
        Shadow(name="naive", kind=ShadowKind.BASELINE),
    )
    assert parsed({"shadows": shadows_to_json(live)}) == live


def test_without_any_the_option_is_left_out() -> None:
    assert parsed({"shadows": ""}) == ()


def test_a_run_that_was_pinned_before_an_update_has_none() -> None:
    assert parsed({"model": {}, "fallback": None}) == ()
