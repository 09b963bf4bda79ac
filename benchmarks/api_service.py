"""A service to measure: filled with the sample of Greece and a model, and run as it is run for good."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from stack import process
from stack.state import REPOSITORY, State
from trainer.contract import Env, Region, load_regions, model_folder
from trainer.data.sources import read_source
from trainer.data.validation import canonical
from trainer.database.actuals import upsert_actuals
from trainer.database.connection import connect
from trainer.database.predictions import upsert_predictions
from trainer.database.schema import migrate
from trainer.model.artifact import save_artifact
from trainer.model.config import ModelConfig
from trainer.model.training.fitting import fit
from trainer.store import folder_url

VERSION = "GR-benchmark"
DAYS = 420


def fill(url: str, store: Path) -> pd.DataFrame:
    """Tables with DAYS of actuals, 60 days of forecasts and a champion; returns the actuals."""
    region: Region = load_regions({})["GR"]
    migrate(url)
    history = canonical(read_source(region), region).frame.iloc[-24 * DAYS :]
    index = pd.DatetimeIndex(history.index)
    midnights = index[index.tz_convert(region.zone).hour == 0]
    # One epoch and one regression: a forecast takes as long with a model that learnt little.
    forecaster = fit(
        history,
        region,
        ModelConfig(epochs=1, stride=24),
        train_until=midnights[-90],
        device="cpu",
        origin_hours=(0,),
    )
    checksum = save_artifact(forecaster, store / model_folder("GR", VERSION), {"version": VERSION})
    forecasts = forecaster.forecast_many(history, midnights[-60:], 24)
    with connect(url) as connection:
        upsert_actuals(connection, history, region="GR", source="sample:greece")
        for _, forecast in forecasts.groupby("origin"):
            frame = forecast.set_index("time").assign(model_version=VERSION, fallback="none")
            upsert_predictions(connection, frame, region="GR", run_id="benchmark")
        connection.execute(
            """
            INSERT INTO model_deployments (region, version, run_id, status, artifact_path, artifact_checksum,
                reason, trained_from, trained_to) VALUES ('GR', %s, 'benchmark', 'active', %s, %s,
                'first model', %s, %s)
            """,
            (VERSION, model_folder("GR", VERSION), checksum, history.index[0], midnights[-90]),
        )
        connection.execute("ANALYZE")
    return history


@contextmanager
def serving(state: State, url: str, store: Path, processes: int) -> Iterator[tuple[int, str, int]]:
    """The service as it is run for good: a process of its own. Yields its port, a token and its pid."""
    port, token = process.free_port(), secrets.token_hex(32)
    command = [sys.executable, "-m", "trainer", "serve", "--port", str(port), "--processes", str(processes)]
    environ = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        Env.POSTGRES_URL: url,
        Env.STORE_URL: folder_url(store),
        Env.API_TOKEN: token,
    }
    with state.log("api").open("wb") as log:
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 180
        while not _healthy(port):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the service did not start:\n{state.log('api').read_text()}")
            time.sleep(0.2)
        yield port, token, server.pid
    finally:
        server.terminate()
        server.wait(60)


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5) as answer:
            return bool(json.load(answer)["models"]["GR"] == "champion")
    except OSError:
        return False
