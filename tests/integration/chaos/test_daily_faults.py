"""A short, seeded part of `make chaos`: faults of each sort done to daily runs, with servers of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Final

import pytest

from stack import servers
from stack.state import REPOSITORY, Service, State

pytestmark = [pytest.mark.integration, pytest.mark.chaos, pytest.mark.timeout(1800)]

FAULTS: Final = (
    "publish killed",
    "PostgreSQL restarted",
    "InfluxDB stopped",
    "a byte of the champion flipped",
    "two daily runs at once",
    "announcement of a rollback killed",
    "Airflow's scheduler killed",
)


@pytest.fixture(scope="module")
def found(influxdb_service: Service, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What chaos.json says. The suite's InfluxDB is not used: that there is one, is what matters."""
    out = tmp_path_factory.mktemp("chaos")
    command = [sys.executable, "-m", "benchmarks.chaos", "--seed", "7", "--out", str(out)]
    command += ["--faults", ",".join(FAULTS), "--injections", "1", "--trainings", "0", "--airflow", "1"]
    environ = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'plugins'}"}
    servers_of_its_own = State(out / "servers")
    try:
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environ, capture_output=True, text=True, check=False, timeout=1700
        )
        assert (out / "chaos.json").exists(), done.stdout + done.stderr
        answer: dict[str, Any] = json.loads((out / "chaos.json").read_text(encoding="utf-8"))
        answer |= {"code": done.returncode, "by_fault": {one["fault"]: one for one in answer["faults"]}}
        return answer
    finally:
        servers.stop(servers_of_its_own, servers_of_its_own.services())
        servers.purge(servers_of_its_own)


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_doubled_half_done_told_or_unread(found: dict[str, Any], fault: str) -> None:
    one = found["by_fault"][fault]
    assert one["injected"] == 1
    wrong = {kind: one[kind] for kind in ("lost", "doubled", "half_done", "secrets", "unread")}
    assert not any(wrong.values()), wrong


def test_the_operator_is_told_of_what_did_not_come_to_pass(found: dict[str, Any]) -> None:
    told = {fault: one["told"] for fault, one in found["by_fault"].items()}
    assert "publish failed" in told["publish killed"]
    assert "InfluxDB is behind" in told["InfluxDB stopped"]
    assert "fallback previous" in told["a byte of the champion flipped"]
    assert "announce failed" in told["announcement of a rollback killed"]


def test_the_reader_forecasts_all_the_while(found: dict[str, Any]) -> None:
    assert found["reader"]["forecasts"] > 0


def test_sound_ends_end_with_0(found: dict[str, Any]) -> None:
    assert found["code"] == 0
