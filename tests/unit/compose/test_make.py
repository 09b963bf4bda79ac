"""The names by which people have always called the work: what each of them runs."""

from __future__ import annotations

import shlex
import subprocess
from typing import Any

import pytest

from tests.unit.compose.composition import REPOSITORY
from trainer.commands.arguments import build_parser


def recipe(*words: str) -> list[list[str]]:
    """The commands that make would run, without what it installs first."""
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *words],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        shlex.split(line) for line in done.stdout.splitlines() if " -m trainer " in line or "exec" in line
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("train",), {"verb": "train", "source": "sample:greece", "region": "GR", "trials": 5, "epochs": 10}),
        (("train-prod", "CSV=a b.csv", "REGION=KR"), {"source": "a b.csv", "trials": 50, "epochs": 100}),
        (("inference",), {"verb": "forecast", "source": "sample:greece", "region": "GR", "horizon": 24}),
        (("inference", "CSV=x.csv", "REGION=KR", "HORIZON=48"), {"region": "KR", "horizon": 48}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_the_trainer_takes_what_a_name_asks_of_it(words: tuple[str, ...], expected: dict[str, Any]) -> None:
    (command,) = recipe(*words)
    options = vars(build_parser().parse_args(command[command.index("trainer") + 1 :]))
    assert {name: options[name] for name in expected} == expected


def test_deploy_lets_airflow_decide_and_leaves_its_schedule_on() -> None:
    trigger, unpause = recipe("deploy", "REGION=KR", "AS_OF=2023-10-31T00:00")
    where = ["docker", "compose", "--file", "docker-compose.airflow.yml", "exec", "airflow-api-server"]
    told = ["--conf", '{"as_of": "2023-10-31T00:00"}']
    assert trigger == [*where, "airflow", "dags", "trigger", "weekly_retrain_KR", *told]
    assert unpause == [*where, "airflow", "dags", "unpause", "weekly_retrain_KR"]


def test_install_is_the_environment_that_everything_else_waits_for() -> None:
    text = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert "\ninstall: venv " in text
