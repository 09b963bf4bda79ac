"""Builds Kubernetes, Helm, CoreDNS and the pause program from source with Go, once, into the user's cache.

Each in a module of its own, since their dependencies disagree. A program appears in the cache by rename, so
a broken build leaves nothing that looks finished; a lock keeps two builds of one thing apart.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from stack.node.layout import CACHE, COREDNS, HELM, KUBERNETES, binary, say

KUBERNETES_PROGRAMS = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "kubectl",
)
PAUSE_SOURCE = """package main

import (
	"os"
	"os/signal"
	"syscall"
)

// Holds a pod's namespaces until the kubelet ends it.
func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	<-end
}
"""


def build_all() -> None:
    """Everything the cluster runs, about 15 minutes on 2 cores with an empty cache, nothing once cached."""
    build_kubernetes()
    build_helm()
    build_from_module("coredns", f"github.com/coredns/coredns@v{COREDNS}")
    build_pause()


def build_kubernetes() -> None:
    """The programs of one Kubernetes release. Its published module names its staging modules by the local
    paths of its own repository; here they are their published twins, v1.X as v0.X."""
    missing = [name for name in KUBERNETES_PROGRAMS if not binary(name).exists()]
    if not missing:
        return
    with building("kubernetes") as folder:
        main_module = f"k8s.io/kubernetes@v{KUBERNETES}"
        downloaded = json.loads(_go(folder, "mod", "download", "-json", main_module))
        own = json.loads(_go(folder, "mod", "edit", "-json", downloaded["GoMod"]))
        twin = "v0" + KUBERNETES.removeprefix("1")
        staging = sorted(
            r["Old"]["Path"] for r in own["Replace"] if r["New"]["Path"].startswith("./staging/")
        )
        lines = [
            "module build",
            f"go {own['Go']}",
            f"require k8s.io/kubernetes v{KUBERNETES}",
            *(f"replace {module} => {module} {twin}" for module in staging),
            *(f"tool k8s.io/kubernetes/cmd/{name}" for name in KUBERNETES_PROGRAMS),
        ]
        (folder / "go.mod").write_text("\n".join(lines) + "\n", encoding="utf-8")
        version = "k8s.io/component-base/version"
        major, minor, _ = KUBERNETES.split(".")
        stamp = f"-s -w -X {version}.gitVersion=v{KUBERNETES} -X {version}.gitMajor={major}"
        for name in missing:
            say(f"building {name} {KUBERNETES}")
            flags = ("-mod=mod", "-trimpath", "-ldflags", f"{stamp} -X {version}.gitMinor={minor}")
            _go(folder, "build", *flags, "-o", str(folder / name), f"k8s.io/kubernetes/cmd/{name}")
            _keep(folder / name, binary(name))


def build_helm() -> None:
    """Also what the chart's tests need where no cluster runs. Helm's own build tells it the Kubernetes
    version that it renders for when it is not told; without, it takes the chart for one of 1.20."""
    major, minor, _ = KUBERNETES.split(".")
    rendered_for = "helm.sh/helm/v3/pkg/chartutil.k8sVersion"
    stamp = f"-X {rendered_for}Major={major} -X {rendered_for}Minor={minor}"
    build_from_module("helm", f"helm.sh/helm/v3/cmd/helm@v{HELM}", stamp)


def build_from_module(name: str, package: str, stamp: str = "") -> None:
    """A program whose module builds as it is published."""
    if binary(name).exists():
        return
    with building(name) as folder:
        say(f"building {package}")
        _go(folder, "install", "-trimpath", "-ldflags", f"-s -w {stamp}", package, GOBIN=str(folder))
        _keep(folder / name, binary(name))


def build_pause() -> None:
    """The program that holds a pod's namespaces open."""
    if binary("pause").exists():
        return
    with building("pause") as folder:
        (folder / "main.go").write_text(PAUSE_SOURCE, encoding="utf-8")
        _go(folder, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(folder / "pause"), "main.go")
        _keep(folder / "pause", binary("pause"))


@contextmanager
def building(name: str) -> Iterator[Path]:
    """A folder to build `name` in, gone afterwards; whoever else builds `name` waits."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f".{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        with tempfile.TemporaryDirectory(prefix=f"{name}.", dir=CACHE) as folder:
            yield Path(folder)


def _keep(built: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    built.replace(place)


def _go(folder: Path, *arguments: str, **environment: str) -> str:
    """Go's output. The build is polite: it yields to whatever else the machine does."""
    command = ["nice", "-n", "10", shutil.which("go") or "go", *arguments]
    flags = f"{os.environ.get('GOFLAGS', '')} -p=2".strip()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": flags, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[3:])} failed in {folder}:\n{done.stderr[-4000:]}")
    return done.stdout


if __name__ == "__main__":
    build_all()
