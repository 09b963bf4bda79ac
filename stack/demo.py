"""The main job end to end: servers, series, weekly_retrain, daily_forecast, and what came of it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from stack import airflow, influxdb_binary, kubernetes, summary
from stack.airflow_api import AirflowApi
from stack.series import Series, choose, describe, write_regions
from stack.servers import Servers, run_trainer, store_url
from stack.state import State
from stack.watch import Watch
from trainer.database.schema import migrate
from trainer.errors import UsageError

HOLDOUT_DAYS: Final = 60
"""Days that the metrics table speaks for."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the user may choose."""

    csv: str | None
    region: str | None
    trials: int
    epochs: int
    runtime: str
    """local or kubernetes: where trainer verbs run."""


class Demo:
    """One run of the demo on the servers of `state`."""

    def __init__(self, state: State, wishes: Wishes, console: Console) -> None:
        self._state = state
        self._wishes = wishes
        self._console = console
        self._began = time.monotonic()
        self._under_way: tuple[str, str] | None = None

    def run(self) -> None:
        """Servers stay up at the end. Raises what the rooms below raise; KeyboardInterrupt stops what this
        run started."""
        with _alone(self._state):
            series = choose(self._wishes.csv, self._wishes.region)
            self.say(f"{series.region.title}: {describe(series.region)}, as of {series.as_of.isoformat()}")
            no_influxdb = self._announce_influxdb()
            if self._in_pods:
                kubernetes.bring_up(self._state, self.say)
                series = replace(series, region=kubernetes.region_of_pods(self._state, series.region))
            servers = Servers(self._state, self.say, in_pods=self._in_pods, no_influxdb=no_influxdb)
            try:
                api = self._prepare(servers, series)
            except BaseException:
                self.say("stopping what was started")
                servers.stop_started()
                raise
            with closing(api):
                try:
                    self._retrain_and_forecast(servers, api, series)
                except KeyboardInterrupt:
                    self.say("stopping what was started")
                    if self._under_way:
                        api.end_run(*self._under_way)
                    servers.stop_started()
                    raise

    @property
    def _in_pods(self) -> bool:
        return self._wishes.runtime == "kubernetes"

    def say(self, text: str) -> None:
        self._console.print(f"{time.strftime('%H:%M:%S')} {escape(text)}", soft_wrap=True, highlight=False)

    def _announce_influxdb(self) -> str | None:
        """The sentence on why it cannot be had; the demo then goes on with PostgreSQL alone."""
        try:
            self.say(f"InfluxDB: {influxdb_binary.prospect()}")
        except influxdb_binary.NotToBeHadError as error:
            self.say(f"forecasts go to PostgreSQL alone. {error}")
            return str(error)
        return None

    def _prepare(self, servers: Servers, series: Series) -> AirflowApi:
        """Everything up to the first DAG run, side by side where nothing forbids it."""
        regions_file, changed = write_regions(self._state, series.region)
        url = servers.postgres().details["url"]
        migrate(url)
        servers.start_airflow(regions_file, reparse=changed)
        if not self._in_pods:
            self._ingest(series, regions_file, url)
        service = servers.airflow()
        servers.mlflow()
        api = AirflowApi(service.url, airflow.USER, airflow.password(self._state))
        dags = ("data_ingestion", "weekly_retrain", "daily_forecast")
        wanted = [f"{dag}_{series.region.name}" for dag in dags]
        api.wait_for_dags(wanted, log=self._state.log("airflow-dag-processor"), check=servers.check)
        return api

    def _ingest(self, series: Series, regions_file: Path, postgres_url: str) -> None:
        """Beside the start of Airflow, which takes longer."""
        moment = series.as_of.isoformat()
        words = ["ingest", "--region", series.region.name, "--as-of", moment]
        words += ["--store", store_url(self._state), "--run-id", f"demo-ingest-{moment}"]
        run_trainer(self._state, words, regions_file, postgres_url)
        self.say(f"{describe(series.region)} is in the table raw_demand")

    def _retrain_and_forecast(self, servers: Servers, api: AirflowApi, series: Series) -> None:
        region = series.region
        watch = Watch(api, self._console, self._state.folder / "airflow" / "logs", servers.check)
        effort = {"trials": self._wishes.trials, "epochs": self._wishes.epochs, "holdout_days": HOLDOUT_DAYS}
        if self._in_pods:
            self._follow(api, watch, f"data_ingestion_{region.name}", series.as_of, {})
        retrain = self._follow(api, watch, f"weekly_retrain_{region.name}", series.as_of, effort)
        # The decision has started it.
        watch.follow(f"refit_model_{region.name}", f"refit__{retrain.replace('/', '__', 1)}")
        influx = servers.influxdb()  # built beside the training, where it had to be built
        forecast = self._follow(api, watch, f"daily_forecast_{region.name}", series.as_of, {})
        self.say(f"first forecast after {time.monotonic() - self._began:.0f} s")
        results = summary.Summary(self._state, region, retrain=retrain, forecast=forecast)
        results.show(self._console, servers.postgres().details["url"], influx)
        summary.show_urls(self._state, self._console)
        self._console.print("The servers stay up; `make status` shows them, `make demo-down` stops them.")

    def _follow(
        self, api: AirflowApi, watch: Watch, dag_id: str, as_of: datetime, conf: Mapping[str, object]
    ) -> str:
        """Runs the DAG to its end; the trainer's run id."""
        # Unpaused soon after its weekly or daily hour, a DAG starts a scheduled run of its own, which speaks
        # for today and has no data. Triggered before that, and for as_of, ours has its turn first.
        run_id = api.trigger(dag_id, {"as_of": as_of.isoformat(), **conf}, run_after=as_of)
        self._under_way = (dag_id, run_id)
        api.unpause(dag_id)
        self.say(f"{dag_id}: run {run_id}")
        watch.follow(dag_id, run_id)
        self._under_way = None
        return f"{dag_id}/{run_id}"


@contextmanager
def _alone(state: State) -> Iterator[None]:
    """Raises UsageError while another demo works on the same state folder."""
    with (state.make() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"another demo works on {state.folder}; wait for it, or name another folder in "
                "DEMAND_FORECAST_STACK_STATE"
            ) from error
        lock.write(str(os.getpid()))
        yield
