"""kubectl and helm against the test cluster."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from stack.node.layout import CACHE, KUBECONFIG, binary


def kubectl(*arguments: str, stdin: str | None = None) -> str:
    """kubectl's output; raises RuntimeError with its own words."""
    return _run("kubectl", arguments, stdin)


def get(*arguments: str) -> Any:
    """`kubectl get ... -o json`, parsed."""
    return json.loads(kubectl("get", *arguments, "-o", "json"))


def apply(*objects: dict[str, Any]) -> None:
    """Applies objects in the order given."""
    for item in objects:
        kubectl("apply", "-f", "-", stdin=json.dumps(item))


def helm(*arguments: str) -> str:
    """helm's output; raises RuntimeError with its own words."""
    return _run("helm", arguments, None)


def _run(program: str, arguments: tuple[str, ...], stdin: str | None) -> str:
    home = CACHE / "client-home"  # not the user's own: no repositories, plugins or defaults of theirs
    done = subprocess.run(
        [str(binary(program)), *arguments],
        env={
            **os.environ,
            "KUBECONFIG": str(KUBECONFIG),
            "KUBECACHEDIR": str(home / "kube"),
            "HELM_CACHE_HOME": str(home / "helm"),
            "HELM_CONFIG_HOME": str(home / "helm"),
            "HELM_DATA_HOME": str(home / "helm"),
        },
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        shown = " ".join(arguments)[:300]
        raise RuntimeError(f"{program} {shown}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
