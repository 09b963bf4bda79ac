"""How long a forecast of 24 hours takes, warm and cold: python -m benchmarks.latency

Trains a model of the default size by the command line (one trial of one epoch: a forecast takes as long with
a model that learnt little), then forecasts with it on one core. Its training ends four weeks before, at the
days that it would be judged on; so each forecast makes those of the last two weeks again, as in production.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.child import in_a_process
from benchmarks.machine import machine
from benchmarks.peers.lightgbm import LightGBM
from benchmarks.protocol import Day, Window, known_days
from benchmarks.report import add_json_option, keep, say
from benchmarks.series import Source, add_options
from trainer.contract import Env, model_folder
from trainer.model.artifact import load_artifact
from trainer.redaction import without_secrets

WARM_ROUNDS: Final = 50
COLD_ROUNDS: Final = 3
_PEER_DAYS: Final = 500
"""Of history that the peer is fitted on; how many do not change how long a forecast takes."""
_LOOK_BACK_DAYS: Final = 60
"""Of history that a warm process holds, as `python -m trainer forecast` looks back."""
REPOSITORY: Final = Path(__file__).parents[1]

Round = tuple[float, float]
"""Wall time and processor time of one forecast, seconds; the latter does not grow on a busy machine."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    add_json_option(parser)
    options = parser.parse_args()
    source = Source.of(options)
    with tempfile.TemporaryDirectory(prefix="demand-forecast-benchmark-") as store:
        rows = measure(source, Path(store))
    result = {"machine": machine(), "rows": rows}
    show(result)
    keep(result, options.json)
    return 0


def measure(source: Source, store: Path) -> list[dict[str, Any]]:
    """Wall time and processor time in seconds: medians of each figure's rounds, and the slowest."""
    history, region = source.read()
    origin = Window.latest(history, region, days=1).midnights(region)[0]
    as_of = origin.isoformat()
    say("training a model to forecast with")
    command_line(source, store, "train", "--trials", "1", "--epochs", "1", "--as-of", as_of)
    say("cold: the command line, from its start to the written file")
    cold = [
        timed(partial(command_line, source, store, "forecast", "--as-of", as_of, "--no-plot"))
        for _ in range(COLD_ROUNDS)
    ]
    say("warm: in a process that has forecast before, on one core")
    (model,) = (store / model_folder(region.name, "")).iterdir()
    warm = in_a_process(warm_forecasts, source, model, origin, threads=1).result
    peer = in_a_process(warm_peer, source, threads=1).result
    return [
        _row("warm", "load and forecast 24 h, warm, one core", warm),
        _row("peer", "the same of LightGBM (direct, 24 rows)", peer),
        _row("cold", "python -m trainer forecast --no-plot, cold, import to written file", cold),
    ]


def _row(key: str, what: str, rounds: list[Round]) -> dict[str, Any]:
    return {
        "key": key,
        "what": what,
        "median": statistics.median(wall for wall, _ in rounds),
        "slowest": max(wall for wall, _ in rounds),
        "cpu": statistics.median(cpu for _, cpu in rounds),
        "rounds": len(rounds),
    }


def timed(call: Callable[[], object]) -> Round:
    wall, cpu = time.perf_counter(), _cpu_seconds()
    call()
    return time.perf_counter() - wall, _cpu_seconds() - cpu


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def command_line(source: Source, store: Path, verb: str, *words: str) -> None:
    """One verb in a process of its own. Raises RuntimeError with what it said when it fails."""
    command = [sys.executable, "-m", "trainer", verb, "--csv", source.csv, "--region", source.region]
    command += ["--store", str(store), *words, "--json", str(store / f"{verb}.json")]
    done = subprocess.run(command, cwd=REPOSITORY, env=_quiet(), capture_output=True, text=True, check=False)
    if done.returncode:
        said = without_secrets(" ".join(command), source.csv)
        raise RuntimeError(f"{said} ended with {done.returncode}:\n{done.stderr}")


def _quiet() -> dict[str, str]:
    """The environment without the servers that it may name: their answers are not what is measured."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MLFLOW_", "INFLUXDB_", Env.POSTGRES_URL))
    }
    return {**kept, "PYTHONPATH": str(REPOSITORY)}


def warm_forecasts(source: Source, model: Path, origin: pd.Timestamp) -> list[Round]:
    history, _ = source.read()
    begin = origin - pd.Timedelta(days=_LOOK_BACK_DAYS)
    history = history[(history.index >= begin) & (history.index < origin + pd.Timedelta(days=7))]

    def forecast() -> pd.DataFrame:
        return load_artifact(model).forecast(history, origin, 24)

    forecast()
    return [timed(forecast) for _ in range(WARM_ROUNDS)]


def warm_peer(source: Source) -> list[Round]:
    """The booster is read from a file each time too."""
    import lightgbm  # noqa: PLC0415

    history, region = source.read()
    history = history.iloc[-24 * _PEER_DAYS :]
    days: list[Day] = known_days(history, region, Window.latest(history, region, days=1), "perfect", 0)
    peer = LightGBM(region, derived=False, trials=1)
    peer.fit(history[history.index < days[0].origin])
    assert peer.booster is not None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "booster.txt"
        peer.booster.save_model(file)

        def forecast() -> object:
            peer.booster = lightgbm.Booster(model_file=file)
            return peer.forecast(days)

        forecast()
        return [timed(forecast) for _ in range(WARM_ROUNDS)]


def show(result: dict[str, Any]) -> None:
    facts = result["machine"]
    table = Table(title=f"a forecast of 24 h: {facts['cores']} cores, load average {facts['load_average']}")
    for name in ("what", "median", "slowest", "processor time", "rounds"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in result["rows"]:
        table.add_row(*cells(row))
    Console(width=130).print(table)


def cells(row: dict[str, Any]) -> list[str]:
    times = [seconds_text(row[name]) for name in ("median", "slowest", "cpu")]
    return [row["what"], *times, str(row["rounds"])]


def seconds_text(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


if __name__ == "__main__":
    sys.exit(main())
