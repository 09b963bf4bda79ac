"""All servers of one stack: started side by side, told apart by health, stopped in order."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from stack import airflow, influxdb, influxdb_binary, kubernetes, mlflow, postgres, process
from stack.influxdb_build import Say
from stack.state import REPOSITORY, Service, State
from trainer.contract import Env
from trainer.errors import InfrastructureError
from trainer.store import folder_url

FETCH: Final = "influxdb-fetch"
SETTINGS_PREFIX: Final = "DEMAND_FORECAST_"


class Servers:
    """The servers of `state`, each available as soon as it answers.

    Airflow takes longest, so all that it does not need happens beside it. InfluxDB may have to be built
    first, which takes minutes: nothing waits for it but the first publish.
    """

    def __init__(
        self, state: State, say: Say, *, in_pods: bool = False, no_influxdb: str | None = None
    ) -> None:
        """`in_pods`: Airflow runs trainer verbs in pods of this machine's cluster, which must be up.
        `no_influxdb`: the sentence on why none can be had; forecasts then go to PostgreSQL alone."""
        self.state = state
        self._in_pods = in_pods
        self._say = say
        self._before = {(service.name, service.pid) for service in state.services()}
        self._pool = ThreadPoolExecutor(max_workers=4)
        self._postgres = self._pool.submit(self._timed, "PostgreSQL", partial(postgres.ensure, state))
        self._mlflow = self._pool.submit(self._timed, "MLflow", partial(mlflow.ensure, state))
        self._no_influxdb = no_influxdb
        self._influxdb = self._pool.submit(self._influxdb_if_any)
        self._airflow: Future[Service] | None = None

    def postgres(self) -> Service:
        return self._postgres.result()

    def mlflow(self) -> Service:
        return self._mlflow.result()

    def influxdb(self) -> Service | str:
        """The server, or the sentence on why there is none and how to get one."""
        return self._influxdb.result()

    def airflow(self) -> Service:
        """The api-server; the other three are well by then."""
        if self._airflow is None:
            raise RuntimeError("start_airflow comes first")
        return self._airflow.result()

    def start_airflow(self, regions_file: Path, *, reparse: bool) -> None:
        """Starts Airflow once PostgreSQL answers. `reparse`: the regions file has changed."""
        environ = self._airflow_environment(regions_file)
        start = partial(self._start_airflow, environ, reparse=reparse)
        self._airflow = self._pool.submit(self._timed, "Airflow", start)

    def check(self) -> None:
        """Raises InfrastructureError when a server of ours has died or InfluxDB does not start."""
        if self._influxdb.done():
            self._influxdb.result()
        for service in self.state.services():
            if service.pid is not None and service.name != FETCH and process.process_of(service) is None:
                raise InfrastructureError(f"{service.name} has ended.\n{process.log_tail(service)}")

    def stop_started(self) -> None:
        """Ends what this object started and leaves what ran before."""
        for _ in range(2):  # a start that was under way may still add a server after the first sweep
            started = [s for s in self.state.services() if (s.name, s.pid) not in self._before]
            stop(self.state, started)
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _timed(self, name: str, start: Callable[[], Service]) -> Service:
        began = time.monotonic()
        service = start()
        self._say(f"{name} answers at {service.url} ({time.monotonic() - began:.0f} s)")
        return service

    def _influxdb_if_any(self) -> Service | str:
        if self._no_influxdb:
            return self._no_influxdb
        try:
            return self._timed("InfluxDB", self._start_influxdb)
        except influxdb_binary.NotToBeHadError as error:
            self._say(str(error))
            return str(error)

    def _start_influxdb(self) -> Service:
        influxd = None if os.environ.get(Env.INFLUXDB_URL) else influxdb_binary.found() or self._fetch()
        return influxdb.ensure(self.state, influxd)

    def _fetch(self) -> Path:
        """Downloads or builds in a process of its own, which Ctrl-C can end with all that it started."""
        self._say("InfluxDB is not on this machine; downloading it, else building it beside the training")
        command = [sys.executable, "-m", "stack.influxdb_binary"]
        fetch = process.start(self.state, FETCH, command, url="", cwd=REPOSITORY)
        code = process.result(fetch)
        self.state.forget(FETCH)
        if code != 0:
            raise influxdb_binary.NotToBeHadError(
                f"InfluxDB could be neither downloaded nor built ({fetch.log}): {influxdb_binary.OTHER_WAYS}"
            )
        return Path(Path(fetch.log).read_text(encoding="utf-8").splitlines()[-1])

    def _airflow_environment(self, regions_file: Path) -> dict[str, str]:
        url = self.postgres().details["url"]
        metadata = postgres.create_database(url, f"{urlsplit(url).path.strip('/')}_airflow")
        variables = {
            # A demo's user waits: where a retry helps at all, it helps soon.
            f"{SETTINGS_PREFIX}RETRIES": "1",
            f"{SETTINGS_PREFIX}RETRY_DELAY_SECONDS": "5",
            # The summary at the end shows it.
            f"{SETTINGS_PREFIX}PLOT_FORECASTS": "true",
            **{key: value for key, value in os.environ.items() if key.startswith(SETTINGS_PREFIX)},
            Env.STORE_URL: store_url(self.state),
            Env.REGIONS_FILE: str(regions_file),
            Env.MLFLOW_TRACKING_URI: mlflow.address(self.state),
            **(influxdb.environment(self.state) if not self._no_influxdb else {}),
            airflow.CONNECTION_VARIABLE: airflow.connection_uri(url),
        }
        if self._in_pods:
            variables |= kubernetes.airflow_variables(self.state, url, variables)
        for name in (Env.POSTGRES_URL, Env.REGIONS):  # the connection and the file speak for these
            variables.pop(name, None)
        port = process.reserve(self.state, airflow.API_SERVER, airflow.PORT)
        return airflow.environment(self.state, metadata_url=metadata, port=port, variables=variables)

    def _start_airflow(self, environ: Mapping[str, str], *, reparse: bool) -> Service:
        parser = self.state.service("airflow-dag-processor")
        if reparse and parser:
            process.stop(parser)
        if not airflow.running(self.state, environ):
            airflow.migrate(self.state, environ)
        components = airflow.start(self.state, environ)
        airflow.wait(components)
        return components[0]


def store_url(state: State) -> str:
    """Where the demo's runs keep snapshots, models and forecasts."""
    return folder_url(state.folder / "store")


def run_trainer(state: State, words: list[str], regions_file: Path, postgres_url: str) -> None:
    """Runs one verb as `python -m trainer`, its output in the state's logs.

    Raises InfrastructureError with the end of the log.
    """
    environ = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        Env.POSTGRES_URL: postgres_url,
        Env.REGIONS_FILE: str(regions_file),
        Env.STORE_URL: store_url(state),
    }
    environ.pop(Env.REGIONS, None)
    command = [sys.executable, "-m", "trainer", *words]
    service = process.start(state, f"trainer-{words[0]}", command, url="", environ=environ, cwd=REPOSITORY)
    code = process.result(service)
    state.forget(service.name)
    if code != 0:
        raise InfrastructureError(
            f"`python -m trainer {words[0]}` ended with {code}.\n{process.log_tail(service)}"
        )


def health(service: Service) -> str:
    """One word on a service on record: well, unwell, starting or stopped."""
    if service.pid is not None and process.process_of(service) is None:
        return "stopped"
    checks: dict[str, Callable[[], bool]] = {
        postgres.NAME: lambda: postgres.refusal(service.details["url"]) is None,
        influxdb.NAME: lambda: influxdb.healthy(service.url),
        mlflow.NAME: lambda: mlflow.healthy(service.url),
        kubernetes.NAME: kubernetes.healthy,
        kubernetes.LENT: lambda: True,  # the servers behind it have lines of their own
    }
    if service.name in airflow.COMPONENTS:
        return "well" if airflow.healthy(service) else "unwell"
    check = checks.get(service.name)
    return "busy" if check is None else "well" if check() else "unwell"


def stop(state: State, services: list[Service]) -> None:
    """Stops them, Airflow before the servers that it talks to, and forgets them."""
    clients = [
        service for service in services if service.name not in (postgres.NAME, influxdb.NAME, mlflow.NAME)
    ]
    for group in (clients, [service for service in services if service not in clients]):
        if not group:
            continue
        with ThreadPoolExecutor(max_workers=len(group)) as pool:
            list(pool.map(process.stop, group))
        for service in group:
            state.forget(service.name)


def purge(state: State) -> None:
    """Removes everything the stack has kept; its servers must be stopped."""
    shutil.rmtree(postgres.home(state), ignore_errors=True)
    shutil.rmtree(state.folder, ignore_errors=True)
