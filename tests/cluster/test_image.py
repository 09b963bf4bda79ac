"""The trainer's image: what is in it, what is not, and that it runs as the pods run it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from stack.node import images
from stack.node.kubectl import apply, get, kubectl
from stack.node.layout import TRAINER_IMAGE
from stack.node.up import is_own
from stack.release import GPU_TAINT, Release, pull_policy

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

MOST_GB = 5.0
TRAINS = """
import torch
network = torch.nn.LSTM(8, 16, batch_first=True)
optimizer = torch.optim.AdamW(network.parameters())
network(torch.randn(4, 168, 8))[0].square().mean().backward()
optimizer.step()
print(all(bool(p.isfinite().all()) for p in network.parameters()))
"""
LACKS = """
import importlib.util, os, shutil, sysconfig
print([name for name in ("airflow", "triton", "pytest") if importlib.util.find_spec(name)])
print([name for name in ("gcc", "cc", "g++", "clang", "ld", "make", "nvcc", "git") if shutil.which(name)])
print(os.getuid(), os.access("/app", os.W_OK), os.access(sysconfig.get_paths()["purelib"], os.W_OK))
"""


@pytest.fixture(scope="module")
def release(make_release: Callable[..., Release]) -> Release:
    """A restricted namespace; no chart is needed to run a pod by hand."""
    return make_release("postgresql://nobody@127.0.0.1:1/none")


@pytest.fixture
def run(release: Release) -> Callable[..., str]:
    """The log of one pod with a read-only root, as trainer pods have."""

    def of(name: str, **container: object) -> str:
        restricted = {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        apply(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "namespace": release.namespace},
                "spec": {
                    "restartPolicy": "Never",
                    "automountServiceAccountToken": False,
                    "tolerations": [GPU_TAINT],
                    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [
                        {
                            "name": "trainer",
                            "image": TRAINER_IMAGE,
                            "imagePullPolicy": pull_policy(),
                            "securityContext": restricted,
                            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
                            **container,
                        }
                    ],
                    "volumes": [{"name": "tmp", "emptyDir": {}}],
                },
            }
        )
        until = time.monotonic() + 240
        while (phase := get("pod", name, "-n", release.namespace)["status"]["phase"]) not in (
            "Succeeded",
            "Failed",
        ):
            assert time.monotonic() < until, kubectl("describe", "pod", name, "-n", release.namespace)
            time.sleep(0.5)
        log = kubectl("logs", name, "-n", release.namespace)
        assert phase == "Succeeded", log
        return log

    return of


def test_it_answers_help_without_a_writable_root(run: Callable[..., str]) -> None:
    assert "usage: python -m trainer train" in run("help", args=["train", "--help"])


def test_it_has_no_airflow_and_no_compiler_and_cannot_change_itself(run: Callable[..., str]) -> None:
    modules, programs, rights = run("lacks", command=["python", "-c", LACKS]).splitlines()
    assert modules == "[]"
    assert programs == "[]"
    assert rights == "10001 False False"


def test_it_trains_without_the_libraries_that_were_left_out(run: Callable[..., str]) -> None:
    assert run("trains", command=["python", "-c", TRAINS]).strip() == "True"


@pytest.fixture
def described() -> dict[str, Any]:
    """What buildah knows of the image."""
    if not is_own():
        pytest.skip(f"{TRAINER_IMAGE} was not built here")
    return dict(json.loads(images.buildah("inspect", "--type", "image", TRAINER_IMAGE)))


def test_it_carries_the_commit_it_was_built_from(run: Callable[..., str], described: dict[str, Any]) -> None:
    sha = run("sha", command=["python", "-c", "import os; print(os.environ['GIT_SHA'])"]).strip()
    labels = described["OCIv1"]["config"]["Labels"]
    assert labels["org.opencontainers.image.revision"] == sha
    assert len(sha) == 40


def test_a_change_of_code_leaves_the_layers_below_alone(described: dict[str, Any]) -> None:
    """The code is the last layer that holds anything, and a small one; torch is far below it."""
    sizes = [size / 1e9 for size in images.layers(TRAINER_IMAGE)]
    assert sum(sizes) < MOST_GB
    assert sizes[-1] < 0.01
    assert max(sizes) > 1
    assert sizes.index(max(sizes)) < len(sizes) - 2
