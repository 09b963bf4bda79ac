"""MLflow: the server that MLFLOW_TRACKING_URI names, else one of the demo's own that serves its artifacts."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import httpx

from stack import process
from stack.node.layout import HOST_ADDRESS
from stack.process import LOOPBACK
from stack.state import Service, State
from trainer.contract import Env
from trainer.errors import InfrastructureError

NAME: Final = "mlflow"
PORT: Final = 15000


def ensure(state: State, *, environ: Mapping[str, str] = os.environ, port: int = PORT) -> Service:
    """An MLflow server that answers. A first start migrates its SQLite file, some 15 s on two cores.

    Raises InfrastructureError when the user's own refuses or ours does not start.
    """
    if url := environ.get(Env.MLFLOW_TRACKING_URI):
        if url.startswith("http") and not healthy(url):
            raise InfrastructureError(
                f"MLflow at {url} ({Env.MLFLOW_TRACKING_URI}) does not answer /health; start it, mend the "
                "URL, or unset the variable to get one of the demo's own"
            )
        return process.use(state, Service(name=NAME, url=url))
    known = state.service(NAME)
    if known and known.pid and process.process_of(known) and healthy(known.url):
        return known
    return _start(state, port)


def address(state: State, *, environ: Mapping[str, str] = os.environ, port: int = PORT) -> str:
    """The tracking URI of the MLflow of `state`, also before it runs."""
    return environ.get(Env.MLFLOW_TRACKING_URI) or f"http://{LOOPBACK}:{process.reserve(state, NAME, port)}"


def healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url.rstrip('/')}/health", timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _start(state: State, preferred_port: int) -> Service:
    folder = state.make("mlflow")
    port = process.reserve(state, NAME, preferred_port)
    url = f"http://{LOOPBACK}:{port}"
    command = [sys.executable, "-m", "mlflow", "server", "--host", LOOPBACK, "--port", str(port)]
    command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{quote(str(folder / 'mlflow.db'))}"]
    command += ["--artifacts-destination", (folder / "artifacts").as_uri(), "--serve-artifacts"]
    environ = {
        **os.environ,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # By its own defaults it answers to loopback and private addresses only; pods use the node's link.
        "MLFLOW_SERVER_ALLOWED_HOSTS": f"{LOOPBACK}:*,localhost:*,{HOST_ADDRESS}:*",
        # The job workers serve features that a demand forecast has no use for; each is a process of its own.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    service = process.start(state, NAME, command, url=url, environ=environ, cwd=folder)
    process.wait_until(lambda: healthy(url), service, timeout=180, pause=0.25)
    return service
