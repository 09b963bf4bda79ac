"""The node: containerd, the pod network, the kubelet, kube-proxy, and two GPUs that are not there."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from stack.node import processes
from stack.node.certificates import PKI
from stack.node.kubectl import kubectl
from stack.node.layout import (
    CGROUP,
    DNS_ADDRESS,
    GPU_RESOURCE,
    GPUS,
    NODE_ADDRESS,
    NODE_NAME,
    PAUSE_IMAGE,
    POD_NETWORK,
    POD_RANGE,
    RUNTIME_IMAGES,
    STATE,
    binary,
)

CONTAINERD_SOCKET = STATE / "containerd.sock"
CONTAINERD = f"""\
version = 2
root = "{RUNTIME_IMAGES}"
state = "{STATE}/containerd"
[grpc]
  address = "{CONTAINERD_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true  # lowering it wants CAP_SYS_RESOURCE, which not every machine grants
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{STATE}/cni"
"""
NETWORK = {
    "cniVersion": "0.4.0",
    "name": POD_NETWORK,
    "plugins": [
        {
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": True,
            "ipMasq": True,
            "hairpinMode": True,
            "ipam": {
                "type": "host-local",
                "dataDir": str(STATE / "addresses"),
                "ranges": [[{"subnet": POD_RANGE}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        },
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}
KUBELET = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "kind": "KubeletConfiguration",
    "authentication": {
        "anonymous": {"enabled": False},
        "webhook": {"enabled": True},
        "x509": {"clientCAFile": str(PKI / "ca.crt")},
    },
    "authorization": {"mode": "Webhook"},
    "tlsCertFile": str(PKI / "node.crt"),
    "tlsPrivateKeyFile": str(PKI / "node.key"),
    "cgroupDriver": "cgroupfs",
    "cgroupRoot": f"/{CGROUP}",
    "failCgroupV1": False,
    "enforceNodeAllocatable": ["pods"],
    "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
    "clusterDNS": [DNS_ADDRESS],
    "clusterDomain": "cluster.local",
    "resolvConf": "",  # this machine's resolvers cannot be reached from the node, nor should they
    # The machine has other tenants: it being nearly full is no reason to take pods away, and a moment of it
    # is none to refuse new ones for the five minutes that are usual.
    "evictionHard": {"nodefs.available": "200Mi", "imagefs.available": "200Mi", "memory.available": "50Mi"},
    "evictionPressureTransitionPeriod": "5s",
    "imageGCHighThresholdPercent": 100,
    "imageGCLowThresholdPercent": 99,
    "podLogsDir": str(STATE / "pod-logs"),
    "volumePluginDir": str(STATE / "volume-plugins"),
    "failSwapOn": False,
}
PROXY = {
    "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
    "kind": "KubeProxyConfiguration",
    "clientConnection": {"kubeconfig": str(PKI / "proxy.conf")},
    "mode": "iptables",
    "clusterCIDR": POD_RANGE,
    "hostnameOverride": NODE_NAME,
    # 0 leaves the machine's limits alone
    "conntrack": {"maxPerCore": 0, "min": 0, "tcpCloseWaitTimeout": "0s", "tcpEstablishedTimeout": "0s"},
}


def start_containerd() -> None:
    """The container runtime, its images in the cache and everything else in the state folder."""
    (STATE / "cni").mkdir(parents=True, exist_ok=True)
    (STATE / "cni" / "10-pods.conflist").write_text(json.dumps(NETWORK), encoding="utf-8")
    config = STATE / "containerd.toml"
    config.write_text(CONTAINERD, encoding="utf-8")
    processes.start("containerd", "containerd", "-c", config)
    until = time.monotonic() + 30
    while subprocess.run([*ctr(), "version"], capture_output=True, check=False).returncode:
        if time.monotonic() > until:
            raise RuntimeError(f"containerd does not answer; {processes.log_tail('containerd')}")
        time.sleep(0.1)


def start_kubelet_and_proxy() -> None:
    """The node's two agents."""
    _make_cgroup()
    for name, config in (("kubelet", KUBELET), ("kube-proxy", PROXY)):
        (STATE / f"{name}.yaml").write_text(json.dumps(config), encoding="utf-8")
    processes.start(
        "kubelet",
        binary("kubelet"),
        f"--config={STATE / 'kubelet.yaml'}",
        f"--kubeconfig={PKI / 'node.conf'}",
        f"--hostname-override={NODE_NAME}",
        f"--root-dir={STATE / 'kubelet'}",
        f"--node-ip={NODE_ADDRESS}",
    )
    processes.start("kube-proxy", binary("kube-proxy"), f"--config={STATE / 'kube-proxy.yaml'}")


def wait_until_ready() -> None:
    """Waits for the node and gives it its GPUs, tainted as GPU nodes are."""
    node = f"node/{NODE_NAME}"
    try:
        kubectl("wait", "--for=create", node, "--timeout=60s")
        patch = [
            {"op": "add", "path": f"/status/{part}/{GPU_RESOURCE.replace('/', '~1')}", "value": str(GPUS)}
            for part in ("capacity", "allocatable")
        ]
        kubectl("patch", node, "--subresource=status", "--type=json", "-p", json.dumps(patch))
        kubectl("taint", "node", NODE_NAME, f"{GPU_RESOURCE}=:NoSchedule", "--overwrite")
        kubectl("label", node, f"{GPU_RESOURCE}.present=true", "--overwrite")
        kubectl("wait", "--for=condition=Ready", node, "--timeout=60s")
    except RuntimeError as error:
        raise RuntimeError(f"the node is not ready: {error}; {processes.log_tail('kubelet')}") from error


def ctr() -> list[str]:
    """containerd's own client, aimed at our runtime and the namespace that the kubelet uses."""
    return ["ctr", "-a", str(CONTAINERD_SOCKET), "-n", "k8s.io"]


def _make_cgroup() -> None:
    """A cgroup of the cluster's own in each hierarchy, above the kubelet's, so that what runs in pods can be
    found and ended without touching another kubelet's."""
    root = Path("/sys/fs/cgroup")
    if (root / "cgroup.controllers").exists():  # v2
        (root / CGROUP).mkdir(exist_ok=True)
        wanted = " ".join(f"+{name}" for name in (root / CGROUP / "cgroup.controllers").read_text().split())
        (root / CGROUP / "cgroup.subtree_control").write_text(wanted)
        return
    for hierarchy in root.iterdir():
        if hierarchy.is_dir() and not hierarchy.is_symlink() and hierarchy.name != "unified":
            (hierarchy / CGROUP).mkdir(exist_ok=True)
            for file in ("cpuset.cpus", "cpuset.mems"):  # a new cpuset is empty: nothing may run in it
                if (hierarchy / file).exists():
                    (hierarchy / CGROUP / file).write_text((hierarchy / file).read_text())
