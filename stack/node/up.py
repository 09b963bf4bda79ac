"""Brings up a one-node Kubernetes on this machine, or takes the cluster that the user names."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from stack.node import (
    certificates,
    control_plane,
    images,
    network,
    prerequisites,
    processes,
    toolchain,
    worker,
)
from stack.node.down import down
from stack.node.kubectl import kubectl
from stack.node.layout import (
    COREDNS_IMAGE,
    DNS_ADDRESS,
    KUBECONFIG,
    KUBERNETES,
    NAMED,
    NAMESPACE,
    PAUSE_IMAGE,
    RUNTIME_IMAGES,
    STATE,
    STORE,
    TRAINER_IMAGE,
    say,
)

ADDONS = Path(__file__).with_name("coredns.yaml")


def up() -> None:
    """A ready cluster: a running one is kept, what a crash left is removed first."""
    if is_own() and is_ready():
        say(f"the cluster is up already: KUBECONFIG={KUBECONFIG}")
        return
    prerequisites.install_packages(prerequisites.missing_packages())
    toolchain.build_all()
    images.build_cluster_images()
    down()
    say("starting")
    STATE.mkdir(parents=True, mode=0o711)
    RUNTIME_IMAGES.mkdir(parents=True, exist_ok=True)
    STORE.mkdir(mode=0o777)
    STORE.chmod(0o777)  # pods write into it under their own user id
    try:
        network.create()
        certificates.create()
        worker.start_containerd()
        control_plane.start()
        say("the API server is ready")
        for image in (PAUSE_IMAGE, COREDNS_IMAGE):
            images.load(image)
        worker.start_kubelet_and_proxy()
        addons = ADDONS.read_text(encoding="utf-8")
        kubectl(
            "apply", "-f", "-", stdin=addons.replace("IMAGE", COREDNS_IMAGE).replace("ADDRESS", DNS_ADDRESS)
        )
        worker.wait_until_ready()
    except BaseException:
        if (logs := STATE / "logs").is_dir():  # nothing may have begun to write any
            shutil.copytree(logs, STATE.with_name("cluster-failed-logs"), dirs_exist_ok=True)
        down()
        raise
    say(f"Kubernetes {KUBERNETES} is up: export KUBECONFIG={KUBECONFIG}")


def use(kubeconfig: Path) -> None:
    """Takes a cluster that exists already (kind, k3d, a cloud's) instead of one of our own."""
    if not kubeconfig.is_file():
        raise SystemExit(f"KUBECONFIG={kubeconfig}: there is no such file")
    toolchain.build_helm()
    toolchain.build_kubernetes()  # for its kubectl
    content = kubeconfig.read_text(encoding="utf-8")  # it may lie in the folder that `down` removes
    if is_own():
        down()
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True)
    NAMED.touch()
    KUBECONFIG.touch(mode=0o600)
    KUBECONFIG.write_text(content, encoding="utf-8")
    say(kubectl("version").strip())


def is_own() -> bool:
    """Whether the cluster at hand is the suite's own node, and not one that the user named."""
    return bool(processes.running("kube-apiserver")) and Path(f"/run/netns/{NAMESPACE}").exists()


def is_ready() -> bool:
    """Whether a cluster is at hand, ours or the user's, with a node that is ready."""
    if not KUBECONFIG.exists():
        return False
    try:
        kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=5s")
    except RuntimeError:
        return False
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make cluster", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, help="use the cluster that this file names")
    parser.add_argument("--trainer-image", action="store_true", help="build the trainer's image and load it")
    arguments = parser.parse_args()
    if arguments.kubeconfig:
        use(arguments.kubeconfig)
    elif reason := prerequisites.reason_to_skip():
        raise SystemExit(f"make cluster: {reason}")
    else:
        up()
        if arguments.trainer_image:
            images.build_trainer()
            images.load(TRAINER_IMAGE)
