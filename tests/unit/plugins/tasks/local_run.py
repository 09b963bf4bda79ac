"""One task of the local runtime, executed as Airflow does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from demand_forecast.tasks.local import LocalTrainerOperator
from tests.unit.plugins.tasks.weekly_run import RUN

Make = Callable[..., LocalTrainerOperator]
"""Of the fixture `make`: an operator whose verb is the given shell script."""


def run(operator: LocalTrainerOperator) -> Any:
    return operator.execute({"dag_run": RUN})  # type: ignore[typeddict-item]
