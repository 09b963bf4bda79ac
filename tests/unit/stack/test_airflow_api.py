"""Waiting till Airflow has loaded DAG files, and what it says where that does not come.

Airflow's answers are scripted here, one look after another.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stack import airflow_api
from stack.airflow_api import AirflowApi
from trainer.errors import InfrastructureError

LOG = Path("state/airflow-dag-processor.log")


class Loading(AirflowApi):
    """Knows one DAG more after each look, and has the files that cannot be loaded."""

    def __init__(self, dag_ids: list[str], errors: list[str]) -> None:
        super().__init__("http://127.0.0.1:9", "nobody", "")
        self._to_come, self._known, self._errors = dag_ids, set[str](), errors

    def has_dag(self, dag_id: str) -> bool:
        return dag_id in self._known

    def import_errors(self) -> list[str]:
        self._known.update(self._to_come[:1])
        del self._to_come[:1]
        return self._errors


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Loading]:
    monkeypatch.setattr(airflow_api, "PAUSE", 0.0)
    return lambda *dag_ids, errors=(): Loading([*dag_ids], [*errors])


def test_it_waits_till_every_dag_is_there_and_looks_after_the_servers_meanwhile(
    loading: Callable[..., Loading],
) -> None:
    looks: list[str] = []
    loading("one", "other").wait_for_dags(["other", "one"], log=LOG, check=lambda: looks.append("look"))
    assert looks == ["look", "look"]


def test_files_that_cannot_be_loaded_end_the_wait_with_their_tracebacks(
    loading: Callable[..., Loading],
) -> None:
    with pytest.raises(InfrastructureError, match=r"cannot load the DAG files:\nbroken\.py: SyntaxError"):
        loading(errors=["broken.py: SyntaxError"]).wait_for_dags(["one"], log=LOG)


def test_dags_that_do_not_come_end_it_with_the_log_to_look_into(loading: Callable[..., Loading]) -> None:
    with pytest.raises(InfrastructureError, match=f"did not load one and other within 0 s; see {LOG}"):
        loading("one").wait_for_dags(["one", "other"], log=LOG, seconds=0.0)


def test_a_server_that_has_ended_ends_it(loading: Callable[..., Loading]) -> None:
    def ended() -> None:
        raise InfrastructureError("the scheduler has ended")

    with pytest.raises(InfrastructureError, match="the scheduler has ended"):
        loading("one").wait_for_dags(["one"], log=LOG, check=ended)
