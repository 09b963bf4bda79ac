"""What may go wrong with a pod, and what becomes of the task that waits for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

import pytest

from stack.node.kubectl import kubectl
from stack.node.layout import NODE_NAME
from stack.release import Release
from stack.series import choose
from tests.cluster.pods_seen import PodsSeen
from tests.dags.replay import Outcome, Replay, replay

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

POD = "DEMAND_FORECAST_POD__"


@pytest.fixture(scope="module")
def environ(dag_variables: dict[str, str], airflow_environment: dict[str, str]) -> dict[str, str]:
    return {**airflow_environment, **dag_variables, "DEMAND_FORECAST_RETRIES": "1"}


@pytest.fixture
def ingest(
    release: Release, environ: dict[str, str], pods_seen: PodsSeen
) -> Callable[..., tuple[Outcome, str, int]]:
    """Runs the DAG of one pod with changed settings: outcome, log, number of pods that it took."""

    def run(**changes: str) -> tuple[Outcome, str, int]:
        now = datetime.now(UTC).isoformat()
        conf = {"as_of": choose(None, "GR").as_of.isoformat()}
        before = len(pods_seen.of(release.namespace))
        asked = Replay(dag_id="data_ingestion_GR", logical_date=None, run_after=now, conf=conf)
        (outcome,), log = replay([asked], {**environ, **changes}, timeout=600)
        return outcome, log, len(pods_seen.of(release.namespace)) - before

    return run


@contextmanager
def cordoned() -> Iterator[None]:
    kubectl("cordon", NODE_NAME)
    try:
        yield
    finally:
        kubectl("uncordon", NODE_NAME)


@contextmanager
def tainted() -> Iterator[None]:
    kubectl("taint", "nodes", NODE_NAME, "maintenance=planned:NoSchedule")
    try:
        yield
    finally:
        kubectl("taint", "nodes", NODE_NAME, "maintenance-")


Ingest = Callable[..., tuple[Outcome, str, int]]


@pytest.mark.parametrize(
    ("closed", "why"),
    [
        (cordoned, r"1 node\(s\) were unschedulable"),
        (tainted, r"1 node\(s\) had untolerated taint"),
    ],
    ids=["cordoned", "tainted"],
)
def test_a_pod_that_no_node_takes_ends_in_a_timeout_that_says_why(
    ingest: Ingest, closed: Callable[[], AbstractContextManager[None]], why: str
) -> None:
    timeouts = {f"{POD}SCHEDULE_TIMEOUT_SECONDS": "6", f"{POD}STARTUP_TIMEOUT_SECONDS": "15"}
    with closed():
        outcome, log, _ = ingest(**timeouts)
    assert outcome.state == "failed"
    waited = r"ingest was lost: its pod did not start \(it may wait 6 s for a node, .*"
    assert re.search(rf"{waited}FailedScheduling: 0/1 nodes are available: {why}", log)


def test_an_image_that_cannot_be_pulled_is_named(ingest: Ingest) -> None:
    missing = "localhost/demand-forecast-trainer:missing"
    outcome, log, _ = ingest(**{f"{POD}IMAGE": missing, f"{POD}STARTUP_TIMEOUT_SECONDS": "30"})
    assert outcome.state == "failed"
    said = re.findall(r"ingest was lost: its pod did not start .*", log)
    assert said
    assert all(missing in line and "ErrImage" in line for line in said), said


def test_a_pod_that_ran_out_of_memory_says_so(ingest: Ingest, release: Release) -> None:
    (release.store / "large.csv").write_text("time,demand\n" + "2019-01-01 00:00,5000\n" * 8_000_000)
    outcome, log, pods = ingest(
        **{f"{POD}LIGHT__MEMORY": "220Mi"}, DEMAND_FORECAST_REGIONS=_region_with_source("/models/large.csv")
    )
    assert outcome.state == "failed"
    assert "OOMKilled" in log
    assert pods == 2, "lost to the machine, so tried again"


def test_a_fault_of_the_run_itself_is_not_tried_again(ingest: Ingest) -> None:
    outcome, log, pods = ingest(DEMAND_FORECAST_REGIONS=_region_with_source("/nowhere.csv"))
    assert outcome.state == "failed"
    assert "not retried" in log
    assert pods == 1


def _region_with_source(source: str) -> str:
    region = choose(None, "GR").region
    return json.dumps({region.name: {**region.to_dict(), "source": source}})
