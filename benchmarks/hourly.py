"""What a run of an hourly product takes, from its first task to published rows: python -m benchmarks.hourly

Trains a small model on servers of its own, then runs the product's DAG hour by hour as the local runtime
does, each verb in a process of its own; then in this process, where modules are imported already; and then by
Airflow's own processes, whose part is what a run takes there beyond its verb.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from benchmarks.airflow_runs import airflow_runs
from benchmarks.report import say
from benchmarks.series import Source, add_options
from benchmarks.year.dag_run import Ended, in_this_process, run_dag
from benchmarks.year.replay import EFFORT
from benchmarks.year.site import Site, site
from demand_forecast.dag_defaults import retrain_dag_id
from demand_forecast.tasks.local import LocalTrainerOperator
from stack.state import REPOSITORY
from trainer.contract import Product
from trainer.contract.products import product_dag_id
from trainer.data.validation import last_actual

PRODUCT: Final = Product(name="intraday", every=1, hours=12)
ROUNDS: Final = 5


@dataclass(frozen=True)
class Round:
    """One run; seconds."""

    tasks: int
    wall: float
    cpu: float
    """Of this process and of those that it has started."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    history, region = Source.of(parser.parse_args()).read()
    region = replace(region, forecasts=(PRODUCT,))
    with (
        tempfile.TemporaryDirectory(prefix="demand-forecast-benchmark-") as folder,
        site(Path(folder), region, history) as here,
    ):
        moment = last_actual(history).floor("D").to_pydatetime()
        dags = DagBag(str(REPOSITORY / "dags")).dags
        say("training a small model, with a regression for each hour of the day")
        with patch.object(LocalTrainerOperator, "_run", in_this_process):
            here.write_source(moment)
            _quietly(here, dags[f"data_ingestion_{region.name}"], moment)
            _quietly(here, dags[retrain_dag_id(region)], moment, EFFORT)
        hourly = dags[product_dag_id(region.name, PRODUCT.name)]
        before = {path for path in here.store.rglob("*") if path.is_file()}
        say("hour by hour")
        cold = _rounds(here, hourly, moment)
        with patch.object(LocalTrainerOperator, "_run", in_this_process):
            warm = _rounds(here, hourly, moment + timedelta(hours=ROUNDS))
        say("by Airflow's own processes")
        in_airflow = _by_airflow(here, hourly.dag_id, moment + timedelta(hours=2 * ROUNDS))
        left = {path for path in here.store.rglob("*") if path.is_file()} - before
    print(f"each verb in a process of its own: {_told(cold)}")
    print(f"in this process, modules imported: {_told(warm[1:])}")
    print(f"by Airflow: {in_airflow:.2f} s from the request for a run to its end (median of {ROUNDS})")
    print(f"left in the store by {3 * ROUNDS} runs: {len(left)} files")
    return 0


def _rounds(here: Site, dag: DAG, moment: datetime) -> list[Round]:
    rounds = []
    for hour in range(ROUNDS):
        at = moment + timedelta(hours=hour)
        here.write_source(at)
        wall, cpu = time.perf_counter(), _cpu_seconds()
        ended = _quietly(here, dag, at)
        taken = time.perf_counter() - wall, _cpu_seconds() - cpu
        rounds.append(Round(len(ended.states), *taken))
    return rounds


def _by_airflow(here: Site, dag_id: str, moment: datetime) -> float:
    """Seconds, the median. Raises RuntimeError where a run failed."""
    seconds = []
    with airflow_runs(here, [dag_id]) as runs:
        for hour in range(ROUNDS):
            at = moment + timedelta(hours=hour)
            here.write_source(at)
            if failures := runs.run(dag_id, at, {}).failures:
                raise RuntimeError(f"{dag_id}: {failures}")
            seconds.append(runs.seconds)
    return statistics.median(seconds)


def _quietly(here: Site, dag: DAG, moment: datetime, conf: Mapping[str, Any] | None = None) -> Ended:
    """Raises RuntimeError where a task failed."""
    log = here.state.log("hourly")
    with log.open("a") as file, redirect_stdout(file), redirect_stderr(file):
        ended = run_dag(dag, moment, conf=conf)
    if ended.failures:
        raise RuntimeError(f"{dag.dag_id}: {ended.failures}\n{log.read_text()[-3000:]}")
    return ended


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _told(rounds: list[Round]) -> str:
    wall, cpu = (statistics.median(getattr(one, name) for one in rounds) for name in ("wall", "cpu"))
    return f"{rounds[0].tasks} tasks, {wall:.2f} s, {cpu:.2f} CPU-seconds (medians of {len(rounds)})"


if __name__ == "__main__":
    sys.exit(main())
