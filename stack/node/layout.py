"""Where the test cluster keeps its parts, and the names and addresses they go by."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "demand-forecast"
"""What is built once: binaries, image layers. Safe to delete while the cluster is down."""
STATE: Final = CACHE / "cluster"
"""The running cluster: gone after `make cluster-down`."""
RUNTIME_IMAGES: Final = CACHE / "cluster-images"
"""containerd's own store; kept between runs so that an image is imported once."""
KUBECONFIG: Final = STATE / "admin.conf"
"""How everything finds the cluster, ours or one that the user named."""
NAMED: Final = STATE / "named-by-the-user"
"""Is there where the cluster at hand is not ours: nothing of it is ever ended."""
AUDIT_LOG: Final = STATE / "audit.log"
"""One JSON object per request that a service account made about pods."""
STORE: Final = STATE / "store"
"""A folder that both sides see: the host by its path, pods through a hostPath volume."""

KUBERNETES: Final = "1.35.4"
"""The last whose kubelet takes Debian's containerd 1.6, and one that takes cgroup v1 where it is told to."""
HELM: Final = "3.19.5"
COREDNS: Final = "1.14.3"

NODE_NAME: Final = "node1"
NAMESPACE: Final = "demand-forecast-node"
"""The network namespace of the node. It has no default route: no pod can reach beyond this machine."""
HOST_LINK: Final = "dfnode0"
HOST_ADDRESS: Final = "198.18.0.1"
"""This machine as pods see it (RFC 2544's range for tests, so it hides no real network)."""
NODE_ADDRESS: Final = "198.18.0.2"
POD_RANGE: Final = "10.244.0.0/16"
SERVICE_RANGE: Final = "10.96.0.0/16"
API_SERVICE_ADDRESS: Final = "10.96.0.1"
DNS_ADDRESS: Final = "10.96.0.10"
API_URL: Final = f"https://{NODE_ADDRESS}:6443"
POD_NETWORK: Final = "demand-forecast"
CGROUP: Final = "demand-forecast-cluster"

PAUSE_IMAGE: Final = f"localhost/pause:{KUBERNETES}"
COREDNS_IMAGE: Final = f"localhost/coredns:{COREDNS}"
TRAINER_IMAGE: Final = os.environ.get("TRAINER_IMAGE") or "localhost/demand-forecast-trainer:test"
"""The variable names one that a cluster of the user's own can pull."""

GPU_RESOURCE: Final = "nvidia.com/gpu"
GPUS: Final = 2


def binary(name: str) -> Path:
    """Where the built program `name` lies."""
    folder = {"helm": f"helm-{HELM}", "coredns": f"coredns-{COREDNS}"}.get(name, f"kubernetes-{KUBERNETES}")
    return CACHE / folder / name


_begun = time.monotonic()


def say(what: str) -> None:
    """Progress for whoever waits, with the seconds since the command began."""
    print(f"[{time.monotonic() - _begun:6.1f} s] {what}", flush=True)
