"""Servers are kept while they run, used where they are the user's own, and ended by pid."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from stack import influxdb as influxdb_server
from stack import mlflow, postgres, process, servers
from stack.__main__ import main
from stack.state import REPOSITORY, STATE_VARIABLE, Service, State
from tests.conftest import Influx
from trainer.contract import Env, ExitCode
from trainer.errors import InfrastructureError, UsageError
from trainer.store import Store

pytestmark = pytest.mark.integration


@pytest.fixture
def state() -> Iterator[State]:
    """A stack of the test's own, in a folder that root's account for PostgreSQL can reach."""
    with tempfile.TemporaryDirectory(prefix="demand-forecast-stack-") as folder:
        Path(folder).chmod(0o711)
        state = State(Path(folder) / "state")
        yield state
        servers.stop(state, state.services())
        servers.purge(state)


def test_a_running_postgres_is_kept_and_a_stopped_one_keeps_its_data(state: State) -> None:
    first = postgres.ensure(state, environ={}, port=0)
    assert postgres.ensure(state, environ={}, port=0) == first
    postgres.create_database(first.details["url"], "kept")
    process.stop(first)
    second = postgres.ensure(state, environ={}, port=0)
    assert second.pid != first.pid
    psycopg.connect(postgres.with_database(second.details["url"], "kept")).close()


def test_postgres_asks_for_the_password(postgres_url: str) -> None:
    password = urlsplit(postgres_url).password or ""
    reason = postgres.refusal(postgres_url.replace(password, "wrong"))
    assert reason is not None
    assert "password authentication failed" in reason


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL under another account")
def test_root_in_a_closed_folder_keeps_the_cluster_elsewhere(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    state = State(tmp_path / "state")
    try:
        service = postgres.ensure(state, environ={}, port=0)
        assert postgres.home(state).is_relative_to(postgres.ROOT_HOME)
        assert postgres.refusal(service.details["url"]) is None
        assert tmp_path.stat().st_mode & 0o777 == 0o700, "nobody's way in must not be opened"
    finally:
        servers.stop(state, state.services())
        servers.purge(state)
    assert not postgres.home(state).exists()


def test_the_users_own_postgres_is_used_and_left_running(state: State, postgres_url: str) -> None:
    service = postgres.ensure(state, environ={Env.POSTGRES_URL: postgres_url})
    assert service.pid is None
    servers.stop(state, state.services())
    assert postgres.refusal(postgres_url) is None


def test_the_users_own_postgres_takes_the_place_of_ours(state: State, postgres_url: str) -> None:
    ours = postgres.ensure(state, environ={}, port=0)
    theirs = postgres.ensure(state, environ={Env.POSTGRES_URL: postgres_url})
    assert state.services() == [theirs]
    assert process.process_of(ours) is None, "nothing would ever stop it"


def test_the_users_own_postgres_that_refuses_is_named_without_its_password(state: State) -> None:
    url = f"postgresql://someone:secret@127.0.0.1:{process.free_port()}/demand_forecast"
    with pytest.raises(InfrastructureError, match=r"someone:\*\*\*@127.0.0.1.*unset the variable") as caught:
        postgres.ensure(state, environ={Env.POSTGRES_URL: url})
    assert "secret" not in str(caught.value)
    assert state.services() == []


def test_a_role_that_may_not_create_databases_is_told_the_command(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE humble LOGIN PASSWORD 'humble'")
    host = postgres_url.rpartition("@")[2]
    with pytest.raises(InfrastructureError, match="CREATE DATABASE theirs"):
        postgres.create_database(f"postgresql://humble:humble@{host}", "theirs")


def test_the_users_own_influxdb_is_used_and_left_running(state: State, influxdb: Influx) -> None:
    service = _influxdb_of(state, influxdb.environ)
    assert (service.pid, service.url) == (None, influxdb.url)


def test_an_influxdb_without_its_token_is_refused_by_name(state: State) -> None:
    with pytest.raises(UsageError, match="INFLUXDB_TOKEN, INFLUXDB_ORG, INFLUXDB_BUCKET"):
        _influxdb_of(state, {Env.INFLUXDB_URL: "http://127.0.0.1:1"})


def test_an_influxdb_that_does_not_answer_is_named(state: State, influxdb: Influx) -> None:
    nowhere = {**influxdb.environ, Env.INFLUXDB_URL: f"http://127.0.0.1:{process.free_port()}"}
    with pytest.raises(InfrastructureError, match="does not answer /health"):
        _influxdb_of(state, nowhere)


def test_an_influxdb_is_known_by_its_variables_before_it_runs(state: State) -> None:
    told = influxdb_server.environment(state, environ={}, port=0)
    assert influxdb_server.environment(state, environ={}, port=0) == told
    assert set(told) == {Env.INFLUXDB_URL, Env.INFLUXDB_TOKEN, Env.INFLUXDB_ORG, Env.INFLUXDB_BUCKET}


def test_mlflow_and_the_store_keep_their_files_in_a_folder_of_any_name(tmp_path: Path) -> None:
    state = State(tmp_path / "50%41 of 전력 수요")
    Store(servers.store_url(state)).write("x", b"content")
    assert (state.folder / "store" / "x").read_bytes() == b"content"
    service = mlflow.ensure(state, environ={}, port=0)
    try:
        assert (state.folder / "mlflow" / "mlflow.db").exists()
        artifacts = f"{service.url}/api/2.0/mlflow-artifacts/artifacts"
        httpx.put(f"{artifacts}/x", content=b"content").raise_for_status()
        assert (state.folder / "mlflow" / "artifacts" / "x").read_bytes() == b"content"
    finally:
        process.stop(service)


def test_status_tells_the_truth_and_down_stops_what_runs(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(state.folder))
    service = postgres.ensure(state, environ={}, port=0)
    assert main(["status"]) == ExitCode.DONE
    assert "well" in capsys.readouterr().out
    process.stop(service)
    assert main(["status"]) == ExitCode.INFRASTRUCTURE
    assert "stopped" in capsys.readouterr().out
    again = postgres.ensure(state, environ={}, port=0)
    assert main(["down", "--purge"]) == ExitCode.DONE
    assert "stopped postgres" in capsys.readouterr().out
    assert process.process_of(again) is None
    assert not state.folder.exists()


def test_a_demo_that_cannot_read_its_data_starts_nothing(state: State) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stack", "demo", "--csv", "nowhere.csv", "--region", "KR"],
        env={**os.environ, STATE_VARIABLE: str(state.folder)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, state.services()) == (ExitCode.USAGE, [])
    assert "nowhere.csv does not exist" in done.stderr


def _influxdb_of(state: State, environ: dict[str, str]) -> Service:
    return influxdb_server.ensure(state, None, environ=environ)


def test_a_build_that_fails_beside_the_training_ends_nothing(
    state: State, monkeypatch: pytest.MonkeyPatch, postgres_url: str, mlflow_uri: str, tmp_path: Path
) -> None:
    """Neither the vendor can be reached, nor is there a compiler."""
    monkeypatch.setenv(Env.POSTGRES_URL, postgres_url)
    monkeypatch.setenv(Env.MLFLOW_TRACKING_URI, mlflow_uri)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    started = servers.Servers(state, said.append)
    try:
        sentence = started.influxdb()
        assert isinstance(sentence, str)
        assert "neither downloaded nor built" in sentence
        assert sentence in said
        started.check()
    finally:
        started.stop_started()


def test_without_influxdb_the_sentence_stands_for_the_server(
    state: State, monkeypatch: pytest.MonkeyPatch, postgres_url: str, mlflow_uri: str
) -> None:
    monkeypatch.setenv(Env.POSTGRES_URL, postgres_url)
    monkeypatch.setenv(Env.MLFLOW_TRACKING_URI, mlflow_uri)
    started = servers.Servers(state, lambda _: None, no_influxdb="install cargo")
    try:
        assert started.influxdb() == "install cargo"
        started.check()
        assert state.service(influxdb_server.NAME) is None
    finally:
        started.stop_started()
