"""Airflow's REST API, as much of it as the demo and chaos need."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from trainer.errors import InfrastructureError

FINISHED: Final = frozenset({"success", "failed"})
"""States of a DAG run that do not change any more."""
PARSED_WITHIN: Final = 180.0
"""Seconds that Airflow has to load the DAG files."""
PAUSE: Final = 1.0
"""Seconds between two looks at what it has loaded."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task of a DAG run, as Airflow tells it. `state` is None before it is scheduled."""

    task_id: str
    map_index: int = -1
    """Which of a mapped task's instances; -1 for a task of one instance."""
    state: str | None
    attempt: int
    seconds: float | None

    @property
    def name(self) -> str:
        return self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"


class AirflowApi:
    """Logged in as one user. Methods raise InfrastructureError when Airflow does not answer or refuses."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url
        self._log_in = {"username": user, "password": password}
        self._client = httpx.Client(base_url=url, timeout=60)

    def close(self) -> None:
        self._client.close()

    def import_errors(self) -> list[str]:
        """DAG files that Airflow could not load, each with its traceback."""
        found = self._call("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace']}" for error in found]

    def has_dag(self, dag_id: str, since: datetime | None = None) -> bool:
        """Whether Airflow can run the DAG. It lists one a moment before that; its details come with it.
        `since` (aware): as it was parsed then or later, not as other variables made it before."""
        try:
            details = self._call("GET", f"/api/v2/dags/{dag_id}/details")
        except InfrastructureError as error:
            cause = error.__cause__
            if (
                isinstance(cause, httpx.HTTPStatusError)
                and cause.response.status_code == httpx.codes.NOT_FOUND
            ):
                return False
            raise
        return since is None or datetime.fromisoformat(details["last_parsed_time"]) >= since

    def wait_for_dags(
        self,
        dag_ids: Sequence[str],
        *,
        log: Path,
        since: datetime | None = None,
        check: Callable[[], None] = lambda: None,
        seconds: float = PARSED_WITHIN,
    ) -> None:
        """Returns once Airflow has loaded them all, as `has_dag` says. Raises InfrastructureError for DAG
        files that cannot be loaded, and after `seconds`, with the DAG processor's `log` to look into; and
        what `check`, called at each look, raises."""
        deadline = time.monotonic() + seconds
        while not all(self.has_dag(dag_id, since) for dag_id in dag_ids):
            if errors := self.import_errors():
                raise InfrastructureError("Airflow cannot load the DAG files:\n" + "\n".join(errors))
            if time.monotonic() > deadline:
                raise InfrastructureError(
                    f"Airflow did not load {' and '.join(dag_ids)} within {seconds:.0f} s; see {log}"
                )
            check()
            time.sleep(PAUSE)

    def unpause(self, dag_id: str) -> None:
        self._call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str, conf: Mapping[str, Any], *, run_after: datetime) -> str:
        """Starts a run without a logical date; its run id.

        Of the runs that wait for their turn Airflow takes the one with the earliest `run_after` first.
        """
        now = datetime.now(UTC)
        run_id = f"demo__{now:%Y-%m-%dT%H-%M-%S}"
        body = {
            "dag_run_id": run_id,
            "logical_date": None,
            "run_after": min(run_after, now).isoformat(),
            "conf": dict(conf),
        }
        return str(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def clear_failed(self, dag_id: str, run_id: str) -> None:
        """Has the failed tasks of a run go again, and those that waited for them."""
        body = {"dag_run_id": run_id, "only_failed": True, "reset_dag_runs": True, "dry_run": False}
        self._call("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", json=body)

    def run_state(self, dag_id: str, run_id: str) -> str:
        return str(self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def run_seconds(self, dag_id: str, run_id: str) -> float:
        """From the request for a run that has ended to its end."""
        run = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")
        asked, ended = (datetime.fromisoformat(run[name]) for name in ("queued_at", "end_date"))
        return (ended - asked).total_seconds()

    def tasks(self, dag_id: str, run_id: str) -> list[Task]:
        """The run's tasks, those that started first in the order of their start."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        found = self._call("GET", path, params={"limit": 100})["task_instances"]
        found.sort(key=lambda task: (task["start_date"] is None, task["start_date"] or ""))
        return [
            Task(
                task_id=task["task_id"],
                map_index=task["map_index"],
                state=task["state"],
                attempt=task["try_number"],
                seconds=task["duration"],
            )
            for task in found
        ]

    def log(self, dag_id: str, run_id: str, task: Task, attempt: int) -> list[str]:
        """The lines that one attempt of a task wrote, the oldest first."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs/{attempt}"
        wanted = {"map_index": task.map_index, "full_content": True}
        said = self._call("GET", path, params=wanted, headers={"Accept": "application/json"})["content"]
        return [line if isinstance(line, str) else str(line.get("event", "")) for line in said]

    def end_run(self, dag_id: str, run_id: str) -> None:
        """Marks a run failed, which ends its running tasks; what went wrong on the way is of no interest."""
        with suppress(InfrastructureError):
            self._call("PATCH", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}", json={"state": "failed"})

    def _call(self, method: str, path: str, **options: Any) -> Any:
        try:
            answer = self._client.request(method, path, **options)
            if answer.status_code == httpx.codes.UNAUTHORIZED:  # the first call, or the token has expired
                log_in = self._client.post("/auth/token", json=self._log_in).raise_for_status()
                self._client.headers["Authorization"] = f"Bearer {log_in.json()['access_token']}"
                answer = self._client.request(method, path, **options)
            answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            raise InfrastructureError(
                f"Airflow refused {method} {path}: {error.response.status_code} {error.response.text[:500]}"
            ) from error
        except httpx.HTTPError as error:
            raise InfrastructureError(f"Airflow at {self._url} does not answer: {error!r}") from error
        return answer.json()
