"""A result is whole or not there."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from trainer.store import write_whole


def test_folders_are_made_and_what_was_there_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "results" / "today" / "result.json"
    write_whole(target, b"first")
    write_whole(target, b"second")
    assert target.read_bytes() == b"second"
    assert [path.name for path in target.parent.iterdir()] == ["result.json"]


def test_what_cannot_be_written_to_its_end_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "result.json"
    write_whole(target, b"first")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(target, b"second")
    assert target.read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_a_pipe_is_written_into_and_stays_one(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_whole(pipe, b"result")
    reader.join(10)
    assert read == [b"result"]
    assert pipe.is_fifo()
