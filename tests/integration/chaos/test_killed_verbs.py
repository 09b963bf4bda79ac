"""A short, seeded part of `make chaos`: each verb of a daily run killed once, with servers of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.chaos.kinds import DAILY
from stack.state import REPOSITORY

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]


def test_nothing_is_lost_doubled_or_half_done_and_readers_read_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.chaos", "--seed", "7", "--out", str(tmp_path)]
    command += ["--faults", "killed", "--injections", "1", "--trainings", "0"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "chaos.json").read_text())
    assert {fault["fault"] for fault in found["faults"]} == {name for name in DAILY if "killed" in name}
    assert found["reader"]["forecasts"] > 0
