"""What docker-compose.airflow.yml starts, asks and mounts is what the programs accept."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from airflow.configuration import conf

from tests.unit.compose.composition import REPOSITORY, environment, mounts, services
from trainer.commands.arguments import build_parser

EACH = pytest.mark.parametrize("name", sorted(services()))


def test_the_api_is_started_by_a_command_line_that_the_trainer_accepts() -> None:
    service = services()["api"]
    options = build_parser().parse_args(service["command"])
    assert service["entrypoint"] == ["python", "-m", "trainer"]
    assert str(options.port) in service["ports"][0]


def test_airflow_s_commands_exist() -> None:
    from airflow.cli.cli_parser import get_parser

    parser = get_parser()
    for words in (["scheduler"], ["dag-processor"], ["triggerer"], ["api-server"], ["db", "migrate"]):
        parser.parse_args(words)
    checks = [
        s["healthcheck"]["test"] for s in services().values() if "jobs" in s["healthcheck"].get("test", [])
    ]
    assert len(checks) == 2
    for _, _, *words in checks:
        parser.parse_args(words)
    said = json.dumps([[s.get("entrypoint"), s.get("command")] for s in services().values()])
    assert set(re.findall(r"airflow (\w[\w-]*)", said)) == {"db", "api-server", "pools"}


def test_mlflow_s_command_line_is_one_that_mlflow_accepts() -> None:
    service = services()["mlflow"]
    # In a process of its own: mlflow's imports warn, and warnings are errors here.
    code = (
        "import json, sys; from mlflow.cli import server; words = json.loads(sys.argv[1]);"
        "print(server.make_context('server', words).params['port'])"
    )
    words = [*service["command"][1:], "--backend-store-uri", "sqlite://"]
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == service["ports"][0].rsplit(":", 1)[1]


@EACH
def test_a_health_check_asks_the_port_that_the_service_listens_on(name: str) -> None:
    service = services()[name]
    asked = re.findall(r"http://localhost:(\d+)", str(service["healthcheck"].get("test", [])))
    listening = {port.rsplit(":", 1)[1] for port in service.get("ports", [])}
    if service.get("command") == ["scheduler"]:
        listening = {conf.get("scheduler", "scheduler_health_check_server_port")}
    assert set(asked) <= listening


def test_grafana_gets_the_folders_that_its_readme_names() -> None:
    readme = (REPOSITORY / "grafana/README.md").read_text(encoding="utf-8")
    promised = dict(re.findall(r"^\| `(\w+)/` \| `(/[\w/]+)` \|$", readme, flags=re.MULTILINE))
    assert promised
    mounted = {target: source for source, target in mounts("grafana")}
    assert {mounted[target] for target in promised.values()} == {f"./grafana/{name}" for name in promised}


def test_each_database_has_an_owner_whose_password_the_script_is_given() -> None:
    script = REPOSITORY / "compose/databases.sh"
    content = script.read_text(encoding="utf-8")
    made = dict(re.findall(r'^make_database (\w+) "\$(\w+)"$', content, flags=re.MULTILINE))
    assert set(made) == {"airflow", "mlflow", "demand_forecast"}
    assert set(made.values()) <= set(environment("postgres"))
    assert script.stat().st_mode & 0o111, "the image sources what is not executable, with other options"
    for name in services():
        for value in environment(name).values():
            for user, password, database in re.findall(r"//(\w+):(\w+)@postgres:5432/(\w+)", str(value)):
                assert user == database
                assert environment("postgres")[made[user]] == password
