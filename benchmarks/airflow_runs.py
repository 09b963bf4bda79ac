"""Runs by Airflow's own processes, on the servers of a site."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from typing import Any, Final

from benchmarks.year.dag_run import Ended
from benchmarks.year.site import Site
from stack import airflow, postgres, process
from stack.airflow_api import FINISHED, AirflowApi
from trainer.errors import InfrastructureError

METADATA: Final = "airflow_of_runs"
"""Airflow's database, beside the trainer's."""
PAUSE: Final = 1.0
"""Seconds between two looks at a run and at the processes that make it."""
_ENDS_WITHIN: Final = 600.0
_OURS: Final = ("DEMAND_FORECAST_", "INFLUXDB_", "MLFLOW_", airflow.CONNECTION_VARIABLE)
"""Prefixes of what the site tells its tasks."""
_SOONER: Final = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
    "DEMAND_FORECAST_RETRIES": "2",
    "DEMAND_FORECAST_RETRY_DELAY_SECONDS": "5",
}
"""Airflow's own defaults take five minutes to notice what has died: the same, only later."""


class AirflowRuns:
    """Airflow's four processes, each started anew when it has ended, as a container's is."""

    def __init__(self, here: Site, environ: Mapping[str, str], api: AirflowApi) -> None:
        self._state = here.state
        self._environ = environ
        self._api = api
        self._runs: dict[tuple[str, datetime], str] = {}
        self.tried_again: list[str] = []
        """Tasks of the last run that took more than one attempt."""
        self.seconds = 0.0
        """Of the last run, by Airflow's clock: from its request to its end, a wait for its turn included."""

    def run(self, dag_id: str, moment: datetime, conf: Mapping[str, Any]) -> Ended:
        """The run of `dag_id` for `moment`, to its end. Where it has been before, what failed goes again."""
        known = self._runs.get((dag_id, moment))
        began = time.monotonic()
        if known is None:
            self._api.unpause(dag_id)
            known = self._api.trigger(dag_id, {"as_of": moment.isoformat(), **conf}, run_after=moment)
            self._runs[dag_id, moment] = known
        else:
            self._api.clear_failed(dag_id, known)
        while (state := self._state_of(dag_id, known)) not in FINISHED:
            if time.monotonic() - began > _ENDS_WITHIN:
                return Ended(moment, {"run": f"did not end: {state}"})
            self._start_what_ended()
            time.sleep(PAUSE)
        airflow.wait(airflow.start(self._state, self._environ))
        tasks = self._api.tasks(dag_id, known)
        self.tried_again = [task.name for task in tasks if task.attempt > 1]
        self.seconds = self._api.run_seconds(dag_id, known)
        return Ended(moment, {task.name: str(task.state) for task in tasks})

    def _state_of(self, dag_id: str, run_id: str) -> str:
        """Unknown while the API server is away."""
        with suppress(InfrastructureError):
            return self._api.run_state(dag_id, run_id)
        return "unknown"

    def _start_what_ended(self) -> None:
        known = [self._state.service(name) for name in airflow.COMPONENTS]
        if not all(service and process.process_of(service) for service in known):
            airflow.start(self._state, self._environ)


@contextmanager
def airflow_runs(here: Site, dag_ids: Sequence[str]) -> Iterator[AirflowRuns]:
    """Airflow on the servers of `here`, once it knows the DAGs."""
    metadata = postgres.create_database(here.database, METADATA)
    port = process.reserve(here.state, airflow.API_SERVER)
    told = {name: value for name, value in os.environ.items() if name.startswith(_OURS)}
    environ = airflow.environment(here.state, metadata_url=metadata, port=port, variables={**told, **_SOONER})
    airflow.migrate(here.state, environ)
    services = airflow.start(here.state, environ)
    airflow.wait(services)
    with closing(AirflowApi(services[0].url, airflow.USER, airflow.password(here.state))) as api:
        api.wait_for_dags(dag_ids, log=here.state.log("airflow-dag-processor"))
        yield AirflowRuns(here, environ, api)
