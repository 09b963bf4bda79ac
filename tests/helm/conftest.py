"""Renders the chart with the real helm."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from stack.node.layout import binary
from tests.helm.chart import CHART, VALUES, Objects, RefusedError, Render


@pytest.fixture(scope="session")
def helm() -> str:
    """helm's path, the suite's own or the machine's."""
    own = binary("helm")
    found = str(own) if own.exists() else shutil.which("helm")
    if not found:
        pytest.skip("helm is neither built nor on PATH; `make cluster-tools` builds it")
    return found


@pytest.fixture(scope="session")
def render(helm: str) -> Render:
    """The chart's objects under one of VALUES with changes, given as a mapping like a values file.

    Raises RefusedError.
    """

    def rendered(base: str = "default", changes: dict[str, Any] | None = None) -> Objects:
        done = subprocess.run(
            [
                *(helm, "template", "release", str(CHART), "--namespace", "forecast"),
                *("--values", str(VALUES[base]), "--values", "-"),
            ],
            input=json.dumps(changes or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RefusedError(done.stderr)
        return [item for item in yaml.safe_load_all(done.stdout) if item]

    return rendered
