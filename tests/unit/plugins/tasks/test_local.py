"""A verb as a process: what it sees, how its end is read, and that it never outlives its task.

The process is a script in the trainer's place, since no real verb ends badly on demand.
"""

from __future__ import annotations

import inspect
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG, Connection
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.sdk.execution_time.supervisor import WatchedSubprocess
from psycopg.conninfo import conninfo_to_dict

from demand_forecast.tasks.local import LocalTrainerOperator, postgres_url
from demand_forecast.tasks.runtime import trainer_task
from trainer.contract import Manifest, Verb, load_regions, manifest_path

KR = load_regions({})["KR"]
RUN = SimpleNamespace(dag_id="weekly_retrain_KR", run_id="manual__1")
RUN_ID = "weekly_retrain_KR/manual__1"

Make = Callable[..., LocalTrainerOperator]


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
            postgres_conn_id="demand_forecast_postgres",
            python=str(program),
            allow_nested_operators=True,
        )

    return make


def run(operator: LocalTrainerOperator) -> Any:
    return operator.execute({"dag_run": RUN})  # type: ignore[typeddict-item]


def leave_manifest(tmp_path: Path, *, run_id: str = RUN_ID, step: str = "train") -> Manifest:
    manifest = Manifest(
        step=step,
        region="KR",
        run_id=run_id,
        as_of="2026-01-01T00:00:00+00:00",
        parameters={},
        facts={"version": "v"},
    )
    path = tmp_path / "store" / manifest_path("KR", RUN_ID, step)
    path.parent.mkdir(parents=True)
    path.write_text(manifest.to_json(), encoding="utf-8")
    return manifest


def said_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_the_result_is_the_manifest_s(make: Make, tmp_path: Path) -> None:
    manifest = leave_manifest(tmp_path)
    assert run(make("exit 0")) == {
        "manifest": manifest_path("KR", RUN_ID, "train"),
        "checksum": manifest.checksum,
        "facts": {"version": "v"},
        "metrics": {},
    }


def test_a_verb_that_ends_well_without_a_manifest_has_failed(make: Make) -> None:
    with pytest.raises(AirflowException, match="no result though it ended well"):
        run(make("exit 0"))


def test_another_run_s_manifest_is_no_result(make: Make, tmp_path: Path) -> None:
    leave_manifest(tmp_path, run_id="weekly_retrain_KR/manual__0")
    with pytest.raises(AirflowException, match="is of run"):
        run(make("exit 0"))


def test_a_manifest_other_than_the_one_just_written_is_no_result(make: Make, tmp_path: Path) -> None:
    leave_manifest(tmp_path)
    said = json.dumps({"checksum": "0" * 64})
    with pytest.raises(AirflowException, match="see the same store"):
        run(make(f"echo '{said}' > $DEMAND_FORECAST_RESULT_FILE"))


@pytest.mark.parametrize(
    ("code", "kind"), [(2, AirflowFailException), (3, AirflowFailException), (4, AirflowException)]
)
def test_the_exit_code_decides_whether_it_is_tried_again(
    make: Make, code: int, kind: type[Exception]
) -> None:
    with pytest.raises(AirflowException) as failed:
        run(make(f"exit {code}"))
    assert type(failed.value) is kind


def test_options_without_a_value_are_left_to_the_verb(make: Make, tmp_path: Path) -> None:
    leave_manifest(tmp_path)
    run(make(f'echo "$@" > {tmp_path}/arguments'))
    assert (tmp_path / "arguments").read_text().split() == ["-m", "trainer", "train", "--region=KR"]


def environment_of(operator: LocalTrainerOperator, tmp_path: Path) -> dict[str, str]:
    leave_manifest(tmp_path, step=operator.step)
    run(operator)
    lines = (tmp_path / "environment").read_text().split("\0")
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_the_worker_s_secrets_stay_with_the_worker(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "secret")
    monkeypatch.setenv("INFLUXDB_TOKEN", "secret")
    environ = environment_of(make(f"env -0 > {tmp_path}/environment"), tmp_path)
    assert "secret" not in environ.values()
    assert environ["DEMAND_FORECAST_DEVICE"] == "cpu"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "no_proxy", "SSL_CERT_FILE", "AWS_ENDPOINT_URL"])
def test_the_way_to_servers_outside_reaches_the_verb(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "as-the-worker-has-it")
    environ = environment_of(make(f"env -0 > {tmp_path}/environment"), tmp_path)
    assert environ[name] == "as-the-worker-has-it"


def test_verbs_of_the_database_and_of_influxdb_get_their_credentials(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES", "postgres://me:p%40ss@db:5433/demand?sslmode=require"
    )
    monkeypatch.setenv("INFLUXDB_TOKEN", "token")
    environ = environment_of(make(f"env -0 > {tmp_path}/environment", verb=Verb.PUBLISH), tmp_path)
    assert environ["DEMAND_FORECAST_POSTGRES_URL"] == "postgresql://me:p%40ss@db:5433/demand?sslmode=require"
    assert environ["INFLUXDB_TOKEN"] == "token"


@pytest.mark.parametrize("verb", [Verb.SEARCH, Verb.SNAPSHOT])
def test_a_role_for_studies_alone_takes_the_database_s_place_in_search(configure, verb: Verb) -> None:
    configure(STUDY_CONN_ID="studies")
    with DAG("weekly_retrain_KR"):
        task = trainer_task(verb, KR)
    assert isinstance(task, LocalTrainerOperator)
    assert task.postgres_conn_id == ("studies" if verb is Verb.SEARCH else "demand_forecast_postgres")


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("postgres://db/demand", "postgresql://db/demand"),
        ("postgres://me@db:1/demand", "postgresql://me@db:1/demand"),
        ("postgres://a%2Fb:c%3Ad@db/demand", "postgresql://a%2Fb:c%3Ad@db/demand"),
    ],
)
def test_a_connection_becomes_the_url_that_libpq_reads(uri: str, url: str) -> None:
    assert postgres_url(Connection.from_uri(uri, conn_id="x")) == url


def test_the_extras_of_a_connection_arrive_as_libpq_reads_them() -> None:
    extra = {
        **{"options": "-c statement_timeout=3000", "sslmode": "require"},
        **{"cursor": "dictcursor", "iam": False, "sqlalchemy_scheme": "postgresql+psycopg"},
    }
    url = postgres_url(Connection(conn_id="x", conn_type="postgres", host="db", extra=json.dumps(extra)))
    assert conninfo_to_dict(url) == {
        "host": "db",
        "options": "-c statement_timeout=3000",
        "sslmode": "require",
    }


def test_a_connection_by_tokens_that_a_verb_outlives_is_refused_by_name() -> None:
    connection = Connection(conn_id="by_token", conn_type="postgres", host="db", extra='{"iam": true}')
    with pytest.raises(AirflowFailException, match="connection by_token has the extra `iam`"):
        postgres_url(connection)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def awaited(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def killed(operator: LocalTrainerOperator, started: Path) -> BaseException:
    """How the task ends that Airflow kills once its verb has made the file `started`."""
    failures: list[BaseException] = []

    def execute() -> None:
        try:
            run(operator)
        except AirflowException as error:
            failures.append(error)

    thread = threading.Thread(target=execute)
    thread.start()
    assert awaited(started.exists)
    operator.on_kill()
    thread.join(timeout=20)
    (failure,) = failures
    return failure


def test_a_killed_task_takes_the_verb_and_its_children_along(make: Make, tmp_path: Path) -> None:
    child = tmp_path / "child"
    failure = killed(make(f"sleep 300 & echo $! > {child}.new; mv {child}.new {child}; wait"), child)
    assert awaited(lambda: not alive(int(child.read_text())))
    assert "exit code -15" in str(failure)
    assert type(failure) is AirflowException  # so that it is tried again


def test_a_child_that_heeds_no_sigterm_ends_with_the_verb_that_does(make: Make, tmp_path: Path) -> None:
    child = tmp_path / "child"
    deaf = f"sh -c 'trap \"\" TERM; echo $$ > {child}.new; mv {child}.new {child}; sleep 300' >&- 2>&-"
    killed(make(f"{deaf} &\nwait"), child)
    assert awaited(lambda: not alive(int(child.read_text())), seconds=5)


def test_a_verb_that_heeds_no_sigterm_is_gone_before_airflow_ends_the_task(
    make: Make, tmp_path: Path
) -> None:
    verb = tmp_path / "verb"
    begun = time.monotonic()
    operator = make(f"trap '' TERM; echo $$ > {verb}.new; mv {verb}.new {verb}; sleep 300")
    failure = killed(operator, verb)
    patience = inspect.signature(WatchedSubprocess.kill).parameters["escalation_delay"].default
    assert time.monotonic() - begun < patience
    assert not alive(int(verb.read_text()))
    assert "exit code -9" in str(failure)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_a_worker_killed_outright_leaves_no_verb_behind(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    worker = tmp_path / "worker.py"
    worker.write_text(
        textwrap.dedent(f"""
            import subprocess, sys
            from demand_forecast.tasks.local import _die_with_parent
            verb = subprocess.Popen(["sleep", "300"], start_new_session=True, preexec_fn=_die_with_parent)
            open({str(pid_file)!r}, "w").write(str(verb.pid) + "\\n")
            verb.wait()
        """),
        encoding="utf-8",
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, str(worker)], env=environ) as process:
        try:
            assert awaited(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"), 60)
        finally:
            process.send_signal(signal.SIGKILL)
    assert awaited(lambda: not alive(int(pid_file.read_text())))
