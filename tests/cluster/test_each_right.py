"""Each right that the chart grants is needed: without it, something that Airflow does with a pod breaks."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from airflow.sdk.exceptions import AirflowException
from kubernetes.client import ApiException  # type: ignore[import-untyped]

from stack.node.kubectl import get, kubectl
from stack.release import CHART, Release
from stack.series import Series
from tests.cluster.one_pod import IN_VAIN, TRIGGERER, WORKER, OnePod, pods_of
from tests.cluster.rights import (
    ACCOUNTS,
    ASKED_INSIDE,
    NO_RESULT_WITHOUT,
    OF_THE_TRIGGERER,
    OF_WORKERS,
    forbidden,
    without,
)

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]
MakePod = Callable[[], OnePod]
Said = Callable[[], str]
WHY = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector"
TRY_AGAIN = "exit 4"
"""A verb's exit code for a machine's fault: the task is tried again."""


@pytest.fixture(scope="module")
def release(make_release: Callable[..., Release]) -> Release:
    """The chart with an account each for workers and the triggerer, as where they run apart."""
    airflow = {"runners": [WORKER], "watchers": [TRIGGERER]}
    made = make_release("postgresql://nobody@127.0.0.1:1/none", airflow=airflow)
    made.helm("install", migration={"enabled": False})
    return made


@pytest.fixture
def one_pod(release: Release, sample: Series, tmp_path: Path) -> Iterator[MakePod]:
    """Where a failed pod is left for inspection, since there is more to be done about it."""
    keep = {"DEMAND_FORECAST_POD__ON_FINISH_ACTION": "delete_succeeded_pod"}
    with pods_of(release, sample.region, tmp_path, **keep) as make:
        yield make


@pytest.fixture(autouse=True)
def _no_pod_stays(release: Release) -> Iterator[None]:
    """What a test broke must not use up the namespace's quota."""
    yield
    kubectl("delete", "pods", "--all", "-n", release.namespace, "--now", "--wait=false")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Said:
    """What Airflow logged since it was asked last, by structlog, which prints, or by the standard library."""

    def since() -> str:
        text = f"{capsys.readouterr().out}{caplog.text}"
        caplog.clear()
        return text

    return since


def server_minor() -> int:
    return int(json.loads(kubectl("version", "-o", "json"))["serverVersion"]["minor"].rstrip("+"))


@pytest.mark.parametrize(
    ("role", "rights"), [("runner", OF_WORKERS), ("watcher", OF_THE_TRIGGERER)], ids=list(ACCOUNTS)
)
def test_these_are_all_the_rights_that_the_chart_grants(
    release: Release, role: str, rights: tuple[tuple[str, str], ...]
) -> None:
    rules = get("role", f"demand-forecast-pod-{role}", "-n", release.namespace)["rules"]
    granted = [(resource, verb) for rule in rules for resource in rule["resources"] for verb in rule["verbs"]]
    assert sorted(granted) == sorted(rights)


def test_with_them_a_worker_brings_the_result_of_its_pod(one_pod: MakePod, said: Said) -> None:
    pod = one_pod()
    assert pod.run()["checksum"] == pod.checksum
    assert "working" in said()
    assert pod.pods() == []


def test_with_them_the_triggerer_watches_and_a_worker_brings_the_result(one_pod: MakePod) -> None:
    pod = one_pod()
    event = pod.watched(pod.defer())
    assert event["status"] == "success"
    assert pod.resume(event)["checksum"] == pod.checksum
    assert pod.pods() == []


def test_with_them_a_pod_that_waited_in_vain_is_explained_and_taken_away(
    one_pod: MakePod, said: Said
) -> None:
    pod = one_pod()
    with pytest.raises(AirflowException, match=re.escape(WHY)):
        pod.run(**IN_VAIN)
    assert pod.pods() == []
    said()
    event = pod.watched(pod.defer(**IN_VAIN))
    assert WHY in said()
    with pytest.raises(AirflowException, match=re.escape(WHY)):
        pod.resume(event)
    assert pod.pods() == []


@pytest.mark.parametrize(("resource", "verb"), NO_RESULT_WITHOUT)
def test_without_it_no_result_comes(
    release: Release, one_pod: MakePod, said: Said, resource: str, verb: str
) -> None:
    if (resource, verb) == ASKED_INSIDE and server_minor() < 35:
        pytest.skip(
            "Kubernetes asks for it from 1.35 on; the chart grants it before, so that an upgrade holds"
        )
    with (
        without(release, "runner", resource, verb),
        pytest.raises((AirflowException, ApiException)) as failed,
    ):
        one_pod().run()
    chain = "".join(traceback.format_exception(failed.value))
    assert forbidden(f"{said()}{chain}", resource, verb)


def test_without_listing_events_a_task_does_not_say_what_its_pod_waited_for(
    release: Release, one_pod: MakePod, said: Said
) -> None:
    with without(release, "runner", "events", "list"), pytest.raises(AirflowException) as failed:
        one_pod().run(**IN_VAIN)
    assert WHY not in f"{said()}{failed.value}"


def test_without_deleting_a_pod_stays_until_the_next_try(
    release: Release, one_pod: MakePod, said: Said
) -> None:
    pod = one_pod()
    with without(release, "runner", "pods", "delete"):
        pod.run()
    assert forbidden(said(), "pods", "delete")
    (left,) = pod.pods()
    # What a try that is killed before it deletes may leave: retries pass over what is marked so.
    kubectl(
        "label",
        "pod",
        left["metadata"]["name"],
        "-n",
        release.namespace,
        "already_checked=True",
        "--overwrite",
    )
    assert pod.run(attempt=2)["checksum"] == pod.checksum
    assert pod.pods() == []


def test_a_pod_that_no_try_takes_away_goes_by_airflow_s_own_clean_up(
    release: Release, one_pod: MakePod, airflow_environment: dict[str, str], tmp_path: Path
) -> None:
    """By the command of helm/airflow-values.yaml, without the time that it gives people to look."""
    pod = one_pod()
    with without(release, "runner", "pods", "delete"):
        pod.run()
    (command,) = yaml.safe_load((CHART.parent / "airflow-values.yaml").read_text())["cleanup"]["args"][2:]
    words = command.replace("{{ .Release.Namespace }}", release.namespace).replace("=60", "=0").split()[1:]
    until = time.monotonic() + 30
    while pod.pods()[0]["status"]["phase"] != "Succeeded":  # the sidecar is ending
        assert time.monotonic() < until
        time.sleep(0.5)
    cluster = {
        "AIRFLOW__KUBERNETES_EXECUTOR__IN_CLUSTER": "False",
        "AIRFLOW__KUBERNETES_EXECUTOR__CONFIG_FILE": str(release.kubeconfig(tmp_path, WORKER)),
    }
    environ = {**airflow_environment, **cluster}
    subprocess.run([sys.executable, "-m", *words], env=environ, check=True, capture_output=True)
    assert pod.pods() == []


def test_without_patching_the_next_try_takes_the_failed_pod_for_its_own(
    release: Release, one_pod: MakePod, said: Said
) -> None:
    pod, marked = one_pod(), one_pod()
    with without(release, "runner", "pods", "patch"), pytest.raises(AirflowException, match="exit code 4"):
        pod.run(TRY_AGAIN)
    assert forbidden(said(), "pods", "patch")
    with pytest.raises(AirflowException, match="exit code 4"):
        pod.run(attempt=2)
    with pytest.raises(AirflowException, match="exit code 4"):
        marked.run(TRY_AGAIN)
    assert marked.run(attempt=2)["checksum"] == marked.checksum


def test_without_getting_pods_the_triggerer_cannot_tell_how_it_ended(
    release: Release, one_pod: MakePod, said: Said
) -> None:
    pod = one_pod()
    trigger = pod.defer()
    with without(release, "watcher", "pods", "get"):
        event = pod.watched(trigger)
    assert event["status"] == "error"
    assert forbidden(f"{said()}{event}", "pods", "get")


def test_without_watching_events_the_triggerer_does_not_say_what_the_pod_waits_for(
    release: Release, one_pod: MakePod, said: Said
) -> None:
    pod = one_pod()
    trigger = pod.defer(**IN_VAIN)
    said()
    with without(release, "watcher", "events", "watch"):
        assert pod.watched(trigger)["status"] == "timeout"
    assert WHY not in (log := said())
    assert forbidden(log, "events", "watch")


def test_without_deleting_the_triggerer_cannot_end_the_pod_of_a_task_given_up(
    release: Release, one_pod: MakePod, said: Said
) -> None:
    pod = one_pod()
    trigger = pod.defer("sleep 600")
    with without(release, "watcher", "pods", "delete"):
        asyncio.run(trigger.on_kill())
    assert forbidden(said(), "pods", "delete")
    assert len(pod.pods()) == 1
    asyncio.run(trigger.on_kill())
    assert pod.pods() == []
