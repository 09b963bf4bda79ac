"""The demo's trainer verbs in pods: this machine's node, the chart on it, the servers lent to the pods."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from stack import process
from stack.influxdb_build import Say
from stack.node import down, prerequisites, up
from stack.node.forward import lent_url
from stack.node.kubectl import kubectl
from stack.node.layout import API_URL
from stack.release import Release
from stack.state import REPOSITORY, Service, State
from trainer.contract import SAMPLE_SOURCE, Env, Region
from trainer.errors import InfrastructureError, UsageError
from trainer.redaction import redacted

NAME: Final = "kubernetes"
LENT: Final = "kubernetes-lent-servers"
NAMESPACE: Final = "demand-forecast"
POD_ACCOUNT: Final = 10001
"""User and group of the trainer's image."""
SOURCES: Final = "sources"
"""Folder of the store with the files that regions are read from: pods see no other folder."""
_POD_STORE: Final = Path("/models")


def bring_up(state: State, say: Say) -> None:
    """The cluster with the trainer's image, built from the working tree; a running one is kept.

    Raises InfrastructureError where the machine cannot run it, with the reason.
    """
    was_up = up.is_own()
    if not was_up and (reason := prerequisites.reason_to_skip()):
        raise InfrastructureError(f"RUNTIME=kubernetes: {reason}; `make demo` alone does without")
    say("bringing up Kubernetes on this machine (some 15 minutes where it has to be built first)")
    command = [sys.executable, "-m", "stack.node.up", "--trainer-image"]
    # A program of its own: the cluster's processes outlive the demo and are no children of it.
    if code := subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
        raise InfrastructureError(f"the cluster did not come up (exit code {code}); its last lines are above")
    known = state.service(NAME)
    ours = known.details["ours"] if known and was_up else "no" if was_up else "yes"
    process.use(state, Service(name=NAME, url=API_URL, details={"ours": ours}))


def region_of_pods(state: State, region: Region) -> Region:
    """The region with sources that pods can read: its files are copied into the store.

    Raises UsageError for a URL, to which the node has no way.
    """
    source, issued = region.source, region.weather_issued
    return replace(
        region,
        source=source if source == SAMPLE_SOURCE else _for_pods(state, source, "demand"),
        weather_issued=_for_pods(state, issued, "weather_issued") if issued else None,
    )


def _for_pods(state: State, source: str, folder: str) -> str:
    """Where pods find the file once it is in this folder; files of another kind may have its name."""
    if "://" in source:
        raise UsageError(
            f"{redacted(source)}: the cluster's pods reach this machine and nothing beyond it; "
            "download the file and name its path"
        )
    file = Path(source)
    shutil.copyfile(file, state.make("store", SOURCES, folder) / file.name)
    return str(_POD_STORE / SOURCES / folder / file.name)


def airflow_variables(state: State, postgres_url: str, servers: Mapping[str, str]) -> dict[str, str]:
    """Installs or upgrades the chart for the demo's servers; what Airflow reads beside them.

    servers: MLFLOW_TRACKING_URI and, where there is one, INFLUXDB_*, as Airflow reaches them, on loopback.
    Raises UsageError for one elsewhere, InfrastructureError when the chart cannot be installed.
    """
    lent = (Env.INFLUXDB_URL, Env.MLFLOW_TRACKING_URI)
    _lend(state, [postgres_url, *(servers[name] for name in lent if name in servers)])
    store = state.make("store")
    # Root may write what belongs to the pods' account, which may not write what belongs to root.
    for path in (store, *store.rglob("*")):
        os.chown(path, POD_ACCOUNT, POD_ACCOUNT, follow_symlinks=False)
    release = Release(
        namespace=NAMESPACE,
        store=store,
        postgres_url=lent_url(postgres_url),
        values=_values(servers),
        influxdb_token=servers.get(Env.INFLUXDB_TOKEN, "none"),
    )
    try:
        release.prepare()
        release.helm("upgrade", "--install")
        return release.airflow_variables(state.make(NAME))
    except RuntimeError as error:
        raise InfrastructureError(f"the chart could not be installed: {error}") from error


def healthy() -> bool:
    """Whether the cluster at hand is this machine's own and its node is ready."""
    return up.is_own() and up.is_ready()


def end(service: Service, say: Say) -> None:
    """Ends a cluster that the demo brought up; takes only the demo's namespace out of one that was there."""
    if not up.is_own():
        return
    if service.details["ours"] == "yes":
        down.down()
        say("stopped the cluster")
        return
    Release(namespace=NAMESPACE, store=None, postgres_url="").remove()
    # The next demo may begin at once, and nothing can be made in a namespace that is on its way out.
    gone = (f"namespace/{NAMESPACE}", f"persistentvolume/{NAMESPACE}")
    kubectl("wait", "--for=delete", *gone, "--timeout=120s")
    say(f"removed the namespace {NAMESPACE}; the cluster was there before: `make cluster-down` ends it")


def _values(servers: Mapping[str, str]) -> dict[str, Any]:
    memory = {"memory": "6Gi"}
    influxdb = {}
    if Env.INFLUXDB_URL in servers:
        influxdb = {
            "url": lent_url(servers[Env.INFLUXDB_URL]),
            "org": servers[Env.INFLUXDB_ORG],
            "bucket": servers[Env.INFLUXDB_BUCKET],
        }
    return {
        "influxdb": influxdb,
        "mlflow": {"trackingUri": lent_url(servers[Env.MLFLOW_TRACKING_URI])},
        "pods": {
            "training": memory,
            "light": memory,
            "env": {"OMP_NUM_THREADS": str(os.cpu_count() or 1)},
            "deferrable": False,  # whoever watches the demo sees a training's lines as they come
        },
        "quota": {"hard": {"limits.memory": "32Gi"}},
    }


def _lend(state: State, urls: list[str]) -> None:
    """A process that lends the servers' ports, and stays when the demo is done: so do DAGs and pods."""
    ports = []
    for url in urls:
        parts = urlsplit(url)
        if parts.hostname not in {process.LOOPBACK, "localhost"} or parts.port is None:
            raise UsageError(
                f"RUNTIME=kubernetes lends servers of 127.0.0.1 to its pods, and {parts.hostname} is "
                "elsewhere; unset the variable that names it to get one of the demo's own"
            )
        ports.append(str(parts.port))
    if known := state.service(LENT):
        process.stop(known)
    command = [sys.executable, "-m", "stack.node.forward", *ports]
    process.start(state, LENT, command, url=f"ports {', '.join(ports)}", cwd=REPOSITORY)
