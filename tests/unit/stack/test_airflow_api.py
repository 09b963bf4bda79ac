"""Waiting till Airflow has loaded DAG files, and what it says where that does not come.

Airflow's answers are scripted here, one look after another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from stack import airflow_api
from stack.airflow_api import AirflowApi
from trainer.errors import InfrastructureError

LOG = Path("state/airflow-dag-processor.log")
PARSED = datetime(2026, 1, 2, tzinfo=UTC)


class Loading(AirflowApi):
    """Knows one DAG more after each look, and has the files that cannot be loaded."""

    def __init__(self, dag_ids: list[str], errors: list[str]) -> None:
        super().__init__("http://127.0.0.1:9", "nobody", "")
        self._to_come, self._known, self._errors = dag_ids, set[str](), errors

    def _call(self, method: str, path: str, **_: object) -> dict[str, str]:
        dag_id = path.split("/")[-2]
        if dag_id in self._known:
            return {"last_parsed_time": PARSED.isoformat()}
        request = httpx.Request(method, path)
        cause = httpx.HTTPStatusError("", request=request, response=httpx.Response(404, request=request))
        raise InfrastructureError("no such DAG") from cause

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


@pytest.mark.parametrize(("later", "there"), [(-1, True), (0, True), (1, False)])
def test_a_dag_as_it_was_parsed_before_is_not_taken_for_that_of_other_variables(
    loading: Callable[..., Loading], later: int, there: bool
) -> None:
    api = loading("one")
    api.import_errors()
    assert api.has_dag("one", PARSED + timedelta(seconds=later)) is there


def test_a_server_that_has_ended_ends_it(loading: Callable[..., Loading]) -> None:
    def ended() -> None:
        raise InfrastructureError("the scheduler has ended")

    with pytest.raises(InfrastructureError, match="the scheduler has ended"):
        loading("one").wait_for_dags(["one"], log=LOG, check=ended)
