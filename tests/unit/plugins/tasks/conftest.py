"""A verb of the local runtime whose program the test writes."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from demand_forecast.tasks.local import LocalTrainerOperator
from tests.unit.plugins.tasks.local_run import Make
from tests.unit.plugins.tasks.weekly_run import KR
from trainer.contract import DATABASE_VERBS, Verb


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """An operator whose verb is the given shell script."""

    def make(script: str, *, verb: Verb = Verb.TRAIN) -> LocalTrainerOperator:
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\n{textwrap.dedent(script)}\n", encoding="utf-8")
        program.chmod(0o755)
        return LocalTrainerOperator(
            task_id=verb.value,
            verb=verb,
            region=KR,
            step=verb.value,
            store_url=(tmp_path / "store").as_uri(),
            arguments=[verb.value, "--region=KR", "--epochs=None"],
            env={"DEMAND_FORECAST_DEVICE": "cpu"},
            postgres_conn_id="demand_forecast_postgres" if verb in DATABASE_VERBS else None,
            python=str(program),
            allow_nested_operators=True,
        )

    return make
