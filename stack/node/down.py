"""Ends the cluster and removes every trace of it outside the cache, also what a crash left behind."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from pathlib import Path

from stack.node import network, prerequisites, processes
from stack.node.layout import HOST_LINK, NAMED, NAMESPACE, RUNTIME_IMAGES, STATE, say
from stack.node.worker import ctr

DEVICE_PLUGINS = Path("/var/lib/kubelet/device-plugins")
"""The kubelet's fixed place for device plugins."""


def down() -> None:
    """Finds what is left by its marks (environment, cgroup, folder, names), not by a list that a crash could
    have lost, so that it can be run at any moment and again. A cluster that the user named is let go."""
    if NAMED.exists():
        shutil.rmtree(STATE, ignore_errors=True)
        return
    processes.end(processes.running("kubelet") + processes.running("kube-proxy"), patience=2)
    processes.end(processes.in_pods(), patience=0)
    _forget_containers()
    processes.end(processes.running("kube-apiserver"), patience=0)  # it would wait a minute for its watchers
    processes.end(processes.running(), patience=5)
    _unmount()
    _remove_cgroups()
    _remove_kubernetes_files()
    network.remove()
    shutil.rmtree(STATE, ignore_errors=True)


def leftovers() -> list[str]:
    """What `down` has not removed; empty when it did its work."""
    found = [f"process {pid}" for pid in processes.running() + processes.in_pods()]
    found += [f"mount {place}" for place in _mounts()]
    found += [f"cgroup {folder}" for folder in processes.cgroup_folders()]
    found += [f"file {path}" for path in _kubernetes_files()]
    places = (Path(f"/run/netns/{NAMESPACE}"), Path(f"/sys/class/net/{HOST_LINK}"), STATE)
    return found + [str(path) for path in places if path.exists()]


def _forget_containers() -> None:
    """Containers are recorded beside the images, which stay: take them out of the record. After a crash
    containerd is not there to be asked; then the next cluster's kubelet finds them and removes them."""
    if not processes.running("containerd"):
        return
    for _ in range(3):
        for kind, remove in (("tasks", ("rm", "-f")), ("containers", ("rm",))):
            listed = subprocess.run([*ctr(), kind, "ls", "-q"], capture_output=True, text=True, check=False)
            if names := listed.stdout.split():
                subprocess.run([*ctr(), kind, *remove, *names], capture_output=True, check=False)


def _mounts() -> list[str]:
    lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    places = [line.split()[1] for line in lines]
    return sorted((p for p in places if p.startswith((f"{STATE}/", f"{RUNTIME_IMAGES}/"))), reverse=True)


def _unmount() -> None:
    for place in _mounts():
        subprocess.run(["umount", "--lazy", place], capture_output=True, check=False)


def _remove_cgroups() -> None:
    for _ in range(50):  # the kernel takes a moment to let go of an ended process
        for top in processes.cgroup_folders():
            for folder in sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True):
                with contextlib.suppress(OSError):
                    folder.rmdir()
            with contextlib.suppress(OSError):
                top.rmdir()
        if not list(processes.cgroup_folders()):
            return
        time.sleep(0.1)


def _kubernetes_files() -> list[Path]:
    """What the kubelet and CNI keep at places that no setting moves."""
    links = (path for path in Path("/var/log/containers").glob("*.log") if path.is_symlink())
    results = Path("/var/lib/cni/results").glob("*")
    return [
        *(link for link in links if STATE in link.readlink().parents),
        *(path for path in results if str(STATE) in path.read_text(encoding="utf-8", errors="replace")),
        *(path for path in DEVICE_PLUGINS.glob("kubelet*") if not prerequisites.other_kubelet()),
    ]


def _remove_kubernetes_files() -> None:
    for path in _kubernetes_files():
        path.unlink(missing_ok=True)
    for folder in (DEVICE_PLUGINS, DEVICE_PLUGINS.parent):
        with contextlib.suppress(OSError):  # it is not there, or holds what is not ours
            folder.rmdir()


if __name__ == "__main__":
    named = NAMED.exists()
    down()
    if named:
        say("the cluster that KUBECONFIG named is let go; it runs on")
    elif left := leftovers():
        raise SystemExit(f"the cluster could not be removed whole: {', '.join(left[:10])}; run it again")
    else:
        say("the cluster is gone")
