"""A DAG run is told line by line, and a failure ends with the task's own words and the way on.

Airflow's answers are scripted here: a real run that fails in a given task takes minutes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from stack import watch
from stack.airflow_api import AirflowApi, Task
from stack.watch import RunFailedError, Watch
from trainer.errors import InfrastructureError


class Script:
    """Answers like AirflowApi, one look after another; the last one stays."""

    def __init__(self, *looks: tuple[str, dict[str, str | None]]) -> None:
        self._looks = list(looks)

    def run_state(self, dag_id: str, run_id: str) -> str:
        return self._looks[0][0]

    def tasks(self, dag_id: str, run_id: str) -> list[Task]:
        states = (self._looks.pop(0) if len(self._looks) > 1 else self._looks[0])[1]
        return [_task(name, state) for name, state in states.items()]


def _task(name: str, state: str | None) -> Task:
    """`search[1]` is the second instance of a mapped task."""
    task_id, _, index = name.partition("[")
    map_index = int(index.rstrip("]")) if index else -1
    return Task(task_id=task_id, map_index=map_index, state=state, attempt=1, seconds=2.0)


@pytest.fixture
def follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Follows a script to its end; the lines that were printed, without their time."""
    monkeypatch.setattr(watch, "PAUSE", 0.0)

    def run(script: Script, check: Callable[[], None] = lambda: None) -> list[str]:
        output = io.StringIO()
        api = cast(AirflowApi, script)
        Watch(api, Console(file=output, width=40), tmp_path, check).follow("retrain_GR", "r1")
        return [line.partition(" ")[2] for line in output.getvalue().splitlines()]

    return run


def log(folder: Path, task: str, *records: dict[str, object]) -> None:
    """`task` is its id, and for the second instance of a mapped one its id and `/map_index=1`."""
    path = folder / "dag_id=retrain_GR" / "run_id=r1" / f"task_id={task}" / "attempt=1.log"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def test_each_change_is_one_line_however_narrow_the_output(follow: Callable[..., list[str]]) -> None:
    lines = follow(
        Script(
            ("running", {"snapshot": "queued", "train": None}),
            ("running", {"snapshot": "running", "train": None}),
            ("running", {"snapshot": "running", "train": None}),
            ("running", {"snapshot": "success", "train": "running"}),
            ("success", {"snapshot": "success", "train": "success"}),
        )
    )
    assert lines == [
        "retrain_GR snapshot running 2 s",
        "retrain_GR snapshot success 2 s",
        "retrain_GR train running 2 s",
        "retrain_GR train success 2 s",
    ]


def test_a_long_task_is_heard_of_by_its_last_line(
    follow: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "QUIET", -1.0)
    log(tmp_path, "train", {"event": "2026-01-01T00:00:00Z INFO final fit, epoch 3 of 10: [train 0.1]"})
    lines = follow(Script(("running", {"train": "running"}), ("success", {"train": "success"})))
    assert "retrain_GR train: final fit, epoch 3 of 10: [train 0.1]" in lines


def test_instances_of_a_mapped_task_are_told_apart(follow: Callable[..., list[str]], tmp_path: Path) -> None:
    log(tmp_path, "search/map_index=0", {"event": "2026-01-01T00:00:00Z INFO done"})
    log(tmp_path, "search/map_index=1", {"event": "2026-01-01T00:00:00Z ERROR no GPU"})
    with pytest.raises(RunFailedError) as caught:
        follow(Script(("failed", {"search[0]": "success", "search[1]": "failed"})))
    assert "in task search[1]" in str(caught.value)
    assert "no GPU" in str(caught.value)


def test_a_failure_ends_with_the_tasks_words_and_the_way_on(
    follow: Callable[..., list[str]], tmp_path: Path
) -> None:
    error = {"exc_type": "AirflowFailException", "exc_value": "train ended with exit code 3"}
    log(
        tmp_path,
        "train",
        {"event": "2026-01-01T00:00:00Z ERROR less history than a model needs"},
        {"event": "Task failed with exception", "error_detail": [error]},
    )
    states: dict[str, str | None] = {"snapshot": "success", "train": "failed", "notify": "upstream_failed"}
    with pytest.raises(RunFailedError) as caught:
        follow(Script(("failed", states)))
    text = str(caught.value)
    assert "in task train" in text
    assert "less history than a model needs\n" in text
    assert "AirflowFailException: train ended with exit code 3" in text
    assert "make demo" in text
    assert "make demo-down" in text


def test_a_server_that_died_ends_the_waiting(follow: Callable[..., list[str]]) -> None:
    def dead() -> None:
        raise InfrastructureError("airflow-scheduler has ended.")

    with pytest.raises(InfrastructureError, match="airflow-scheduler has ended"):
        follow(Script(("running", {"train": "running"})), dead)
