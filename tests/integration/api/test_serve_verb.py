"""`python -m trainer serve`, as it is run for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from stack import process
from stack.state import REPOSITORY
from tests.integration.api.running import Models, starter
from tests.integration.api.sample import EVERYTHING, LAST_MIDNIGHT
from trainer.contract import Env, ExitCode

pytestmark = pytest.mark.integration

ORDER = {"region": "KR", "as_of": LAST_MIDNIGHT.isoformat(), "horizon_hours": 168}


def begin(*options: str, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "trainer", "serve", *options],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environ},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, Env.POSTGRES_URL),
        ({Env.POSTGRES_URL: "postgresql://x:y@127.0.0.1/z"}, Env.API_TOKEN),
        ({Env.POSTGRES_URL: "postgresql://x:y@127.0.0.1/z", Env.API_TOKEN: "short"}, "at least 16"),
        (
            {Env.POSTGRES_URL: "postgresql://x:y%zz@127.0.0.1/z", Env.API_TOKEN: EVERYTHING},
            "no PostgreSQL URL",
        ),
    ],
)
def test_it_does_not_start_without_what_it_needs_and_names_it(environ: dict[str, str], said: str) -> None:
    server = begin(**environ)
    _, errors = server.communicate(timeout=60)
    assert server.returncode == ExitCode.USAGE
    assert said in errors
    assert "Traceback" not in errors


def test_told_to_end_it_answers_the_forecast_under_way_and_leaves_no_process(
    database_url: str, tmp_path: Path, models: Models
) -> None:
    port = process.free_port()
    with starter(database_url, tmp_path / "store", models) as start:
        start()  # fills the database and publishes KR-v1
    environ = {Env.POSTGRES_URL: database_url, Env.API_TOKEN: EVERYTHING, "TMPDIR": str(tmp_path)}
    server = begin("--port", str(port), "--store", str(tmp_path / "store"), **environ)
    try:
        _until_healthy(server, port)
        answers: list[httpx.Response] = []
        asking = threading.Thread(
            target=lambda: answers.append(
                httpx.post(
                    f"http://127.0.0.1:{port}/api/predict",
                    json=ORDER,
                    headers={"Authorization": f"Bearer {EVERYTHING}"},
                    timeout=60,
                )
            )
        )
        asking.start()
        _until(lambda: _in_hand(port) > 0 or bool(answers))
        children = psutil.Process(server.pid).children(recursive=True)
        server.send_signal(signal.SIGTERM)
        asking.join(60)
        assert [answer.status_code for answer in answers] == [200]
        server.wait(60)
        psutil.wait_procs(children, timeout=20)
        assert not [child for child in children if child.is_running()]
        assert list(tmp_path.glob("demand-forecast-models-*")) == []
    finally:
        server.kill()
        server.communicate()


def _until_healthy(server: subprocess.Popen[str], port: int) -> None:
    def healthy() -> bool:
        assert server.poll() is None
        try:
            return httpx.get(f"http://127.0.0.1:{port}/api/health", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    _until(healthy)


def _in_hand(port: int) -> float:
    headers = {"Authorization": f"Bearer {EVERYTHING}"}
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", headers=headers, timeout=10).text
    lines = [line for line in text.splitlines() if line.startswith("demand_forecast_api_forecasts_in_hand ")]
    return float(lines[0].split()[1])


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
