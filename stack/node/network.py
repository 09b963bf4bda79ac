"""The node's network namespace: one link to this machine, no way beyond it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from stack.node.layout import HOST_ADDRESS, HOST_LINK, NAMESPACE, NODE_ADDRESS, SERVICE_RANGE


def create() -> None:
    """Makes the namespace and its link.

    Service addresses get a route to a bridge without ports: a local look-up finds a way, kube-proxy rewrites
    the address before it is used, and what it does not rewrite ends there.
    """
    _run("ip", "netns", "add", NAMESPACE)
    _run("ip", "link", "add", HOST_LINK, "type", "veth", "peer", "name", "eth0", "netns", NAMESPACE)
    _run("ip", "addr", "add", f"{HOST_ADDRESS}/24", "dev", HOST_LINK)
    _run("ip", "link", "set", HOST_LINK, "up")
    inside = ("nsenter", f"--net=/run/netns/{NAMESPACE}")
    for command in (
        ("ip", "link", "set", "lo", "up"),
        ("ip", "addr", "add", f"{NODE_ADDRESS}/24", "dev", "eth0"),
        ("ip", "link", "set", "eth0", "up"),
        ("ip", "link", "add", "services", "type", "bridge"),
        ("ip", "link", "set", "services", "up"),
        ("ip", "route", "add", SERVICE_RANGE, "dev", "services", "src", NODE_ADDRESS),
        ("sysctl", "-qw", "net.ipv4.ip_forward=1"),
    ):
        _run(*inside, *command)


def remove() -> None:
    """Takes the namespace and its link away, whichever of them is there."""
    if Path(f"/run/netns/{NAMESPACE}").exists():
        _run("ip", "netns", "del", NAMESPACE)
    if Path(f"/sys/class/net/{HOST_LINK}").exists():
        _run("ip", "link", "del", HOST_LINK)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
