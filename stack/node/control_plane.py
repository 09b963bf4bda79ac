"""etcd, the API server, the controller manager and the scheduler."""

from __future__ import annotations

import ssl
import time
import urllib.request
from pathlib import Path

from stack.node import processes
from stack.node.certificates import PKI
from stack.node.layout import API_URL, AUDIT_LOG, NODE_ADDRESS, SERVICE_RANGE, STATE, binary

ETCD_URL = "http://127.0.0.1:2379"
AUDIT_POLICY = Path(__file__).with_name("audit.yaml")


def start() -> None:
    """Starts the four and waits until the API server is ready. All of them listen in the node's namespace,
    so that they meet no other cluster's ports."""
    processes.start(
        "etcd",
        "etcd",
        f"--data-dir={STATE / 'etcd'}",
        f"--listen-client-urls={ETCD_URL}",
        f"--advertise-client-urls={ETCD_URL}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--unsafe-no-fsync",  # a test cluster need not survive a power cut
    )
    api_server = processes.start(
        "kube-apiserver",
        binary("kube-apiserver"),
        f"--etcd-servers={ETCD_URL}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        f"--bind-address={NODE_ADDRESS}",
        f"--advertise-address={NODE_ADDRESS}",
        "--secure-port=6443",
        f"--tls-cert-file={PKI / 'server.crt'}",
        f"--tls-private-key-file={PKI / 'server.key'}",
        f"--client-ca-file={PKI / 'ca.crt'}",
        f"--service-account-key-file={PKI / 'service-account.pub'}",
        f"--service-account-signing-key-file={PKI / 'service-account.key'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--kubelet-client-certificate={PKI / 'admin.crt'}",
        f"--kubelet-client-key={PKI / 'admin.key'}",
        f"--kubelet-certificate-authority={PKI / 'ca.crt'}",
        "--kubelet-preferred-address-types=InternalIP",
        f"--audit-policy-file={AUDIT_POLICY}",
        f"--audit-log-path={AUDIT_LOG}",
    )
    _wait_until_ready(api_server, seconds=60)
    manager = f"--kubeconfig={PKI / 'controller-manager.conf'}"
    processes.start(
        "kube-controller-manager",
        binary("kube-controller-manager"),
        manager,
        manager.replace("--", "--authentication-", 1),
        manager.replace("--", "--authorization-", 1),
        f"--root-ca-file={PKI / 'ca.crt'}",
        f"--service-account-private-key-file={PKI / 'service-account.key'}",
        "--use-service-account-credentials",
        f"--cluster-signing-cert-file={PKI / 'ca.crt'}",
        f"--cluster-signing-key-file={PKI / 'ca.key'}",
        "--leader-elect=false",  # there is one
    )
    scheduler = f"--kubeconfig={PKI / 'scheduler.conf'}"
    processes.start(
        "kube-scheduler",
        binary("kube-scheduler"),
        scheduler,
        scheduler.replace("--", "--authentication-", 1),
        scheduler.replace("--", "--authorization-", 1),
        "--leader-elect=false",
    )


def _wait_until_ready(api_server: int, seconds: float) -> None:
    context = ssl.create_default_context(cafile=str(PKI / "ca.crt"))
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"{API_URL}/readyz", context=context, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError as error:
            if time.monotonic() > until or not processes.alive(api_server):
                tail = processes.log_tail("kube-apiserver")
                raise RuntimeError(f"the API server is not ready: {error}; {tail}") from error
        time.sleep(0.1)
