"""The command that sends one trial alert to each place that is configured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack.state import REPOSITORY

pytestmark = pytest.mark.integration


def trial(home: Path, urls: list[str]) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'plugins'}"}
    environ["AIRFLOW_HOME"] = str(home)
    environ["DEMAND_FORECAST_NOTIFY_URLS"] = json.dumps(urls)
    command = [sys.executable, "-m", "demand_forecast.alerts.trial_alert"]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)


def test_a_trial_alert_arrives_at_every_place(mailbox, webhook, tmp_path: Path) -> None:
    (box, mail_url), (received, hook_url) = mailbox, webhook
    assert trial(tmp_path, [mail_url, hook_url]).returncode == 0
    assert box.text().startswith("demand-forecast: alerts arrive here\nThis is a trial.")
    assert received[0]["title"] == "demand-forecast: alerts arrive here"


def test_a_trial_alert_that_cannot_arrive_ends_badly_and_says_so(tmp_path: Path) -> None:
    nowhere = trial(tmp_path, ["json://127.0.0.1:9/hook"])
    assert nowhere.returncode == 4
    assert "did not reach every target" in nowhere.stdout + nowhere.stderr


def test_a_trial_alert_without_a_place_names_the_setting_and_where_else_it_may_stand(tmp_path: Path) -> None:
    unset = trial(tmp_path, [])
    assert unset.returncode == 2
    assert "DEMAND_FORECAST_NOTIFY_URLS" in unset.stderr
    assert "exec airflow-api-server python -m demand_forecast.alerts.trial_alert" in unset.stderr
    assert "exec deploy/airflow-scheduler -- python -m demand_forecast.alerts.trial_alert" in unset.stderr
