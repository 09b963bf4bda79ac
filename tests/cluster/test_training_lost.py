"""One long training, and all that may happen to its pod, its GPU and its task on the way.

The tests follow one run and build on each other, since each start of a training takes a minute.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from optuna.study import get_all_study_summaries, load_study
from optuna.trial import TrialState

from stack.node.kubectl import get, kubectl
from stack.node.layout import GPU_RESOURCE
from stack.release import Release
from stack.series import Series
from stack.state import State
from tests.cluster.airflow_outside import AirflowOutside, Run
from trainer.database.studies import study_storage

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

LONG = {"lookback_days": 420, "holdout_days": 14, "trials": 900, "epochs": 1, "dry_run": True}
SEARCH = "search[0]"
"""The one pod that these searches take."""
GRACE = 5
"""Seconds from SIGTERM to SIGKILL in the release's values."""
TOO_MUCH = 2_560 * 2**20
"""Bytes: well over the 2 GiB of disk that the two containers of a pod may have together."""
SLACK = 20
"""Seconds that Airflow takes to tell its triggerer, on two busy cores."""


@pytest.fixture(scope="module")
def given(dag_variables: dict[str, str]) -> dict[str, str]:
    quick = {
        # A worker that died is found dead after this long; Airflow's own 300 s would be the test's length.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        # More than the pods that are taken away here: a busy machine may cost a task a heartbeat too.
        "DEMAND_FORECAST_RETRIES": "5",
    }
    return {**dag_variables, **quick}


@pytest.fixture(scope="module")
def start(
    given: dict[str, str],
    stack_state: State,
    airflow_environment: dict[str, str],
    release: Release,
    sample: Series,
) -> Iterator[Callable[..., tuple[AirflowOutside, Run]]]:
    """A training whose search pod is at work, under changed settings."""

    begun: list[AirflowOutside] = []

    def started(**changes: str) -> tuple[AirflowOutside, Run]:
        airflow = AirflowOutside(stack_state, airflow_environment, {**given, **changes})
        begun.append(airflow)
        as_of = {"as_of": sample.as_of.isoformat()}
        assert airflow.trigger("data_ingestion_GR", as_of).wait(600) == "success"
        run = airflow.trigger("weekly_retrain_GR", {**as_of, **LONG})
        until = time.monotonic() + 600
        while not any(running(pod) for pod in searches(release)):
            assert time.monotonic() < until, run.states()
            time.sleep(1)
        return airflow, run

    yield started
    for airflow in begun:
        airflow.close()


@pytest.fixture(scope="module")
def deferred(start: Callable[..., tuple[AirflowOutside, Run]]) -> tuple[AirflowOutside, Run]:
    airflow, run = start()
    run.wait_for(SEARCH, "deferred")
    return airflow, run


def searches(release: Release) -> list[dict[str, Any]]:
    """The search pods that are there now."""
    chosen = get("pods", "-n", release.namespace, "-l", "app.kubernetes.io/component=search")["items"]
    return [pod for pod in chosen if "deletionTimestamp" not in pod["metadata"]]


def running(pod: dict[str, Any]) -> bool:
    return bool(pod["status"]["phase"] == "Running")


def gpus_in_use(release: Release) -> str:
    used = get("resourcequota", "demand-forecast", "-n", release.namespace)["status"]["used"]
    return str(used[f"requests.{GPU_RESOURCE}"])


def test_a_restarted_triggerer_goes_on_waiting_for_the_same_pod(
    deferred: tuple[AirflowOutside, Run], release: Release
) -> None:
    airflow, run = deferred
    (before,) = searches(release)
    airflow.restart("airflow-triggerer")
    time.sleep(20)
    (after,) = searches(release)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert run.states()[SEARCH] == "deferred"
    assert run.attempts(SEARCH) == 1


def finished_trials(database: str) -> int:
    """Trials that the searches of this database have finished and keep."""
    with study_storage(database) as storage:
        states = (TrialState.COMPLETE, TrialState.PRUNED)
        studies = get_all_study_summaries(storage)
        loaded = [load_study(study_name=found.study_name, storage=storage) for found in studies]
        return sum(len(study.get_trials(deepcopy=False, states=states)) for study in loaded)


def test_a_pod_that_was_taken_away_is_started_again_and_keeps_the_finished_trials(
    deferred: tuple[AirflowOutside, Run], release: Release, database: str
) -> None:
    _, run = deferred
    until = time.monotonic() + 420
    while (kept := finished_trials(database)) < 2:
        assert time.monotonic() < until, run.states()
        time.sleep(1)
    (before,) = searches(release)
    kubectl("delete", "pod", before["metadata"]["name"], "-n", release.namespace, "--wait=false")
    assert trials_taken_over(release, before, run, until) >= kept
    assert run.attempts(SEARCH) >= 2


def test_so_is_one_that_its_node_evicted(
    deferred: tuple[AirflowOutside, Run], release: Release, database: str
) -> None:
    """By the kubelet itself: the pod takes more of the node's disk than it may."""
    _, run = deferred
    kept = finished_trials(database)
    (before,) = searches(release)
    name = before["metadata"]["name"]
    fill = (
        "python",
        "-c",
        f"import os; os.posix_fallocate(os.open('/tmp/fill', os.O_CREAT | os.O_WRONLY), 0, {TOO_MUCH})",
    )
    kubectl("exec", name, "-n", release.namespace, "-c", "base", "--", *fill)
    until = time.monotonic() + 420
    assert trials_taken_over(release, before, run, until) >= kept
    assert run.attempts(SEARCH) >= 3
    assert "Evicted" in {event["reason"] for event in events_of(release, name)}


def events_of(release: Release, pod: str) -> list[dict[str, Any]]:
    chosen = f"--field-selector=involvedObject.name={pod}"
    return list(get("events", "-n", release.namespace, chosen)["items"])


def trials_taken_over(release: Release, before: dict[str, Any], run: Run, until: float) -> int:
    """How many finished trials the pod found that took the place of `before`."""
    while "trials are finished already" not in (said := log_of_second_pod(release, before)):
        given_up = time.monotonic() > until or run.states()[SEARCH] == "failed"
        assert not given_up, (run.account(), said, what_the_node_says(release))
        time.sleep(1)
    (told,) = re.findall(r"(\d+) of \d+ trials are finished already", said)
    return int(told)


def what_the_node_says(release: Release) -> list[str]:
    """Why a pod does not run, where the cluster knows: the state of its nodes, and what it warned of."""
    nodes = [
        f"{node['metadata']['name']} {condition['type']}: {condition['message']}"
        for node in get("nodes")["items"]
        for condition in node["status"]["conditions"]
        if (condition["type"] == "Ready") is not (condition["status"] == "True")
    ]
    events = get("events", "-n", release.namespace)["items"]
    return [*nodes, *(f"{e['reason']}: {e['message']}" for e in events if e["type"] == "Warning")][-20:]


def log_of_second_pod(release: Release, before: dict[str, Any]) -> str:
    """What the pod said that took the place of `before`; nothing until it runs."""
    others = [pod for pod in searches(release) if pod["metadata"]["uid"] != before["metadata"]["uid"]]
    if not others or not running(others[0]):
        return ""
    return kubectl("logs", others[0]["metadata"]["name"], "-n", release.namespace, "-c", "base")


def test_marking_the_run_failed_frees_the_gpu(deferred: tuple[AirflowOutside, Run], release: Release) -> None:
    airflow, run = deferred
    run.wait_for(SEARCH, "deferred")
    assert gpus_in_use(release) == "1"
    airflow.api.end_run(run.dag_id, run.run_id)
    until = time.monotonic() + GRACE + SLACK
    while gpus_in_use(release) != "0":
        assert time.monotonic() < until, run.states()
        time.sleep(0.5)


def test_a_killed_worker_s_retry_finds_its_pod_and_trains_once(
    start: Callable[..., tuple[AirflowOutside, Run]], deferred: tuple[AirflowOutside, Run], release: Release
) -> None:
    airflow, run = start(DEMAND_FORECAST_POD__DEFERRABLE="false")
    run.wait_for(SEARCH, "running")
    (before,) = searches(release)
    airflow.kill_workers()
    until = time.monotonic() + 300
    while run.attempts(SEARCH) < 2 or run.states()[SEARCH] != "running":
        assert time.monotonic() < until, run.states()
        time.sleep(1)
    time.sleep(20)
    (after,) = searches(release)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    airflow.api.end_run(run.dag_id, run.run_id)
