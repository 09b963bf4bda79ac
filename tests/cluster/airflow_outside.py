"""Airflow on this machine, its trainer verbs in pods, with the rights that the chart grants."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stack import airflow, process
from stack.airflow_api import FINISHED, AirflowApi
from stack.release import Release
from stack.state import State
from trainer.contract import Env, Manifest, manifest_path


def variables(release: Release, postgres_url: str, folder: Path, region: Mapping[str, Any]) -> dict[str, str]:
    """What the DAGs read: what the release tells Airflow, and the suite's region and database.

    postgres_url: the project's database as Airflow reaches it.
    """
    return {
        **release.airflow_variables(folder),
        Env.REGIONS: json.dumps(region),
        airflow.CONNECTION_VARIABLE: airflow.connection_uri(postgres_url),
        # Two cores that also run the pods parse slowly; a site's DAG processor has cores of its own.
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "180",
        "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "240",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",  # nothing changes here
        # A DAG that other variables made within the last 30 s would stay as it is till the next hour.
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
    }


@dataclass(frozen=True)
class Run:
    """One run of a DAG."""

    api: AirflowApi
    dag_id: str
    run_id: str

    def states(self) -> dict[str, str | None]:
        """By task id; of a mapped task by `search[0]`, `search[1]`, ..."""
        return {task.name: task.state for task in self.api.tasks(self.dag_id, self.run_id)}

    def attempts(self, name: str) -> int:
        (task,) = [t for t in self.api.tasks(self.dag_id, self.run_id) if t.name == name]
        return task.attempt

    def account(self) -> str:
        """Why it went wrong: each task's state, and how each attempt of a failed one ended."""
        ends = [f"{self.dag_id}: {self.states()}"]
        for task in self.api.tasks(self.dag_id, self.run_id):
            for attempt in range(1, task.attempt + 1) if task.state == "failed" else ():
                said = self.api.log(self.dag_id, self.run_id, task, attempt)[-12:]
                ends.append("\n  ".join([f"{task.name}, attempt {attempt}:", *said]))
        return "\n".join(ends)

    def wait(self, seconds: float) -> str:
        """The run's final state."""
        until = time.monotonic() + seconds
        while (state := self.api.run_state(self.dag_id, self.run_id)) not in FINISHED:
            assert time.monotonic() < until, f"after {seconds} s {self.account()}"
            time.sleep(1)
        return state

    def wait_for(self, task_id: str, *wanted: str, seconds: float = 300) -> str:
        """Waits till a task is in one of the wanted states."""
        until = time.monotonic() + seconds
        while (state := self.states().get(task_id)) not in wanted:
            assert time.monotonic() < until, f"{task_id} is {state} after {seconds} s: {self.account()}"
            time.sleep(0.5)
        assert state is not None
        return state

    def manifest(self, release: Release, region: str, step: str) -> Manifest:
        """The step's manifest, read from the host's side of the volume."""
        run_id = f"{self.dag_id}/{self.run_id}"
        path = release.store / manifest_path(region, run_id, step)
        return Manifest.from_json(path.read_text(encoding="utf-8"), place=str(path), run_id=run_id)


class AirflowOutside:
    """Airflow's four processes with the given variables; started anew where those change."""

    def __init__(self, state: State, base: Mapping[str, str], values: Mapping[str, str]) -> None:
        self._state = state
        self._environ = {**base, **values}
        components = airflow.start(state, self._environ)
        airflow.wait(components)
        self.api = AirflowApi(components[0].url, airflow.USER, airflow.password(state))

    def close(self) -> None:
        """Closes the connection; Airflow ends with the session, or where other variables ask for another."""
        self.api.close()

    def trigger(self, dag_id: str, conf: Mapping[str, Any], seconds: float = 240) -> Run:
        """Starts a run once Airflow has parsed the DAG with these variables: the database may hold it as
        those of another module made it, with other retries."""
        processor = self._state.service("airflow-dag-processor")
        assert processor is not None
        since = datetime.fromtimestamp(processor.started, UTC)
        log = self._state.log("airflow-dag-processor")
        self.api.wait_for_dags([dag_id], log=log, since=since, seconds=seconds)
        # Unpausing after the trigger keeps the schedule's own run behind this one.
        run = Run(self.api, dag_id, self.api.trigger(dag_id, conf, run_after=datetime.now(UTC)))
        self.api.unpause(dag_id)
        return run

    def restart(self, component: str) -> None:
        """Kills one component without warning and starts it again."""
        service = self._state.service(component)
        assert service is not None
        found = process.process_of(service)
        assert found is not None
        for child in found.children(recursive=True):
            child.kill()
        found.kill()
        process.stop(service)
        airflow.start(self._state, self._environ)

    def kill_workers(self) -> None:
        """Kills without warning what runs tasks now: LocalExecutor's busy processes, their children too."""
        service = self._state.service("airflow-scheduler")
        assert service is not None
        scheduler = process.process_of(service)
        assert scheduler is not None
        busy = [worker for worker in scheduler.children() if worker.children()]
        assert busy, "no task runs"
        for worker in busy:
            for task in (*worker.children(recursive=True), worker):
                task.kill()


def states_until_done(run: Run, seconds: float = 1800) -> set[str | None]:
    """The states that the run's tasks were seen in until it ended."""
    seen: set[str | None] = set()
    until = time.monotonic() + seconds
    while run.api.run_state(run.dag_id, run.run_id) not in FINISHED:
        assert time.monotonic() < until, run.account()
        seen.update(run.states().values())
        time.sleep(1)
    return seen
