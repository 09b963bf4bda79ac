"""Faults happen and are mended, and the table counts what came of them."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.chaos import faults
from benchmarks.chaos.faults import Injection, killed
from benchmarks.chaos.page import table
from benchmarks.year.site import Site
from stack.state import State
from tests.unit.data.series import KOREA


@pytest.fixture
def one(tmp_path: Path) -> Injection:
    source = tmp_path / "source.csv"
    source.write_text("time,demand\n" + "2023-01-01,5\n" * 50)
    return Injection(
        Site(State(tmp_path), KOREA, pd.DataFrame(), "", None, source),
        random.Random(1),
    )


def test_a_source_is_cut_and_whole_again(one: Injection) -> None:
    before = one.here.source.read_bytes()
    with faults.source_cut(one):
        assert len(one.here.source.read_bytes()) < len(before)
    assert one.here.source.read_bytes() == before


def test_one_byte_of_the_champion_is_flipped_and_put_back(
    one: Injection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "champion"
    folder.mkdir()
    (folder / "config.json").write_bytes(b"0123456789")
    monkeypatch.setattr(faults, "champion_folder", lambda _: folder)
    with faults.byte_flipped(one):
        content = (folder / "config.json").read_bytes()
        assert sum(now != then for now, then in zip(content, b"0123456789", strict=True)) == 1
    assert (folder / "config.json").read_bytes() == b"0123456789"


def test_the_process_of_the_verb_is_killed_and_no_other(one: Injection) -> None:
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)", "trainer"]
    with killed("forecast")(one):
        other = subprocess.Popen([*sleeps, "publish"])
        verb = subprocess.Popen([*sleeps, "forecast"])
        assert verb.wait(timeout=50) == -9
    assert other.poll() is None
    other.kill()
    other.wait()
    assert one.hit
    assert one.notes == ["forecast killed"]


def test_a_verb_that_never_ran_is_told_as_missed(one: Injection) -> None:
    with killed("forecast")(one):
        pass
    assert not one.hit


def test_the_table_counts_by_fault() -> None:
    fault = {
        **{"fault": "train killed", "injected": 3, "lost": [], "doubled": ["two"], "half_done": []},
        **{"secrets": [], "seconds": [10.0, 30.0, 20.0], "told": ["train failed"]},
    }
    machine = {"processor": "a processor", "cores": 2, "date": "2023-12-31"}
    text = table({"machine": machine, "seed": 7, "faults": [fault]})
    assert "Seed 7, a processor, 2 cores, 2023-12-31." in text
    assert "| train killed | 3 | 0 | 1 | 0 | 0 | 20 | train failed |" in text
