"""What a stack remembers survives the command, belongs to its owner, and is never half written."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from stack.state import STATE_VARIABLE, Service, State


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state")


def test_a_service_is_read_back_as_it_was_put_on_record(state: State) -> None:
    service = Service(name="x", url="http://127.0.0.1:1", pid=1, started=2.5, details={"token": "t"})
    state.remember(service)
    assert State(state.folder).service("x") == service


def test_a_forgotten_service_is_off_the_record(state: State) -> None:
    state.remember(Service(name="x", url=""))
    state.forget("x")
    state.forget("x")
    assert state.services() == []


def test_a_secret_stays_the_same_for_later_commands(state: State) -> None:
    first = state.secret("token")
    assert State(state.folder).secret("token") == first
    assert state.secret("other") != first
    assert len(first) >= 32


def test_only_the_owner_can_read_records_and_secrets(state: State) -> None:
    state.secret("token")
    state.remember(Service(name="x", url="", details={"password": "p"}))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in state.folder.rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_a_file_is_replaced_whole_and_leaves_no_draft(state: State) -> None:
    state.write("a/b.txt", "old")
    state.write("a/b.txt", "new")
    assert [path.name for path in (state.folder / "a").iterdir()] == ["b.txt"]
    assert (state.folder / "a" / "b.txt").read_text() == "new"


def test_the_state_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "elsewhere"))
    assert State.default().folder == tmp_path / "elsewhere"
