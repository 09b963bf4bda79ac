"""A module run in a process of its own, since Airflow reads its settings once, and what it answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from stack.state import REPOSITORY

_MARK: Final = "ANSWER "
"""Before the answer: Airflow prints lines of its own."""


def answer(found: object) -> None:
    """Called by the module, once."""
    print(_MARK + json.dumps(found))


def asked(module: str, *arguments: str, environ: Mapping[str, str], seconds: float) -> tuple[Any, str]:
    """Called by a test: the answer, and all that was printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environ,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    found = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    assert found, done.stdout + done.stderr
    return json.loads(found[0].removeprefix(_MARK)), done.stdout
