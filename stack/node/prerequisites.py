"""What a machine must have to run the test cluster, and why it can't where it can't."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Collection
from pathlib import Path

from stack.node import processes
from stack.node.layout import CACHE, binary, say
from stack.node.toolchain import KUBERNETES_PROGRAMS

DEBIAN_PACKAGES = {
    "containerd": "containerd",
    "runc": "runc",
    "etcd": "etcd-server",
    "iptables": "iptables",
    "ip": "iproute2",
    "conntrack": "conntrack",
    "buildah": "buildah",
    "debootstrap": "debootstrap",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
}
"""Program -> the Debian package that has it."""
DISK_GIB = 25


def reason_to_skip() -> str | None:
    """Why this machine can't run the cluster, or None. Looks only; changes nothing."""
    if os.geteuid() != 0:
        return "the test cluster needs root (network namespaces, mounts, cgroups)"
    if not Path("/sys/fs/cgroup").is_mount() or not os.access("/sys/fs/cgroup", os.W_OK):
        return "the test cluster needs writable cgroups under /sys/fs/cgroup"
    if other_kubelet():
        return "another kubelet runs on this machine; two would fight over /var/lib/kubelet"
    return _reason_not_to_build()


def _reason_not_to_build() -> str | None:
    built = all(binary(name).exists() for name in (*KUBERNETES_PROGRAMS, "helm", "coredns", "pause"))
    if not built and not shutil.which("go"):
        return "building Kubernetes needs Go 1.25 or newer on PATH"
    if missing_packages() and not shutil.which("apt-get"):
        return (
            f"these programs are missing and there is no apt-get to get them: {', '.join(missing_packages())}"
        )
    free = shutil.disk_usage(_existing(CACHE)).free / 2**30
    if not built and free < DISK_GIB:
        return f"{CACHE} has {free:.0f} GiB free; images and their copies want {DISK_GIB}"
    return None


def other_kubelet() -> bool:
    """Whether a kubelet runs that is not the cluster's own."""
    return bool(set(processes.programs("kubelet")) - set(processes.running("kubelet")))


def missing_packages() -> list[str]:
    """Debian packages whose programs are not there."""
    return sorted({package for program, package in DEBIAN_PACKAGES.items() if not shutil.which(program)})


def install_packages(packages: Collection[str]) -> None:
    """Installs Debian packages by apt-get; none where none are named."""
    if packages:
        say(f"installing Debian packages: {' '.join(packages)}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(
                ["apt-get", "-q", *command], env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"apt-get {command[0]} failed: {done.stderr.strip()[-1000:]}")


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
