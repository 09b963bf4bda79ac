"""The run book's command for Airflow's own rows does on a real metadata database what the page says."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable

import pytest

from tests.unit.docs.shell import REPOSITORY

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


def test_airflow_s_own_rows_are_cleaned_by_its_own_command(
    airflow_command: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    text = (REPOSITORY / "docs/runbook.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"`airflow (db clean [^`]+)`", text)
    done = airflow_command(*shlex.split(command), "--error-on-cleanup-failure")
    assert done.returncode == 0, done.stdout
    assert "dag_run" in done.stdout
