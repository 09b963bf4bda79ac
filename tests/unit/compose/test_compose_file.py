"""docker-compose.airflow.yml: schema, images, ports, health, order, limits, volumes."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import jsonschema
import pytest

from tests.unit.compose.composition import (
    EXAMPLE,
    REPOSITORY,
    dotenv,
    environment,
    load,
    mounts,
    services,
    text,
)

ONE_OFF = {"airflow-init"}
PROMISED_PORTS = {
    "postgres": "15432",
    "mlflow": "15000",
    "influxdb": "18086",
    "grafana": "13000",
    "api": "18000",
    "airflow-api-server": "18080",
}
EACH = pytest.mark.parametrize("name", sorted(services()))


def test_the_file_is_what_the_compose_specification_allows() -> None:
    schema = json.loads(
        files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text()
    )
    faults = list(jsonschema.Draft202012Validator(schema).iter_errors(load(text())))
    assert faults == []


@EACH
def test_every_image_is_one_of_the_table_and_pinned_by_version(name: str) -> None:
    images = load(text())["x-images"]
    image = services()[name]["image"]
    assert image in images.values()
    assert re.search(r":v?\d+\.\d+\.\d+(-[\w.]+)?$", image), f"{image} is not pinned"


def test_the_table_names_no_image_that_nothing_uses() -> None:
    assert set(load(text())["x-images"].values()) == {service["image"] for service in services().values()}


def test_ports_are_the_promised_ones_and_bound_to_loopback() -> None:
    bound = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert {name: [port.rsplit(":", 1)[0] for port in ports] for name, ports in bound.items()} == {
        name: [f"127.0.0.1:{port}"] for name, port in PROMISED_PORTS.items()
    }


@EACH
def test_a_service_that_stays_is_watched_and_one_that_ends_is_waited_for(name: str) -> None:
    service = services()[name]
    if name in ONE_OFF:
        assert service["healthcheck"] == {"disable": True}
        waiting = [s["depends_on"].get(name) for s in services().values() if name in s.get("depends_on", {})]
        assert waiting
        assert all(condition == {"condition": "service_completed_successfully"} for condition in waiting)
    else:
        assert set(service["healthcheck"]) >= {"test", "interval", "timeout", "retries", "start_period"}


@EACH
def test_a_service_waits_for_what_it_talks_to(name: str) -> None:
    """Whoever an environment names is up first, by way of others too; a browser's addresses are no such."""
    talked_to = {
        other
        for value in environment(name).values()
        for other in re.findall(r"(?:@|//)([a-z][\w-]*):\d+", str(value))
        if other in services() and other != name
    }
    # Tasks run in the scheduler's container; the trainer's servers are theirs to need.
    if name in {"airflow-api-server", "airflow-dag-processor", "airflow-triggerer", "airflow-init"}:
        talked_to -= {"influxdb", "mlflow", "airflow-api-server"}
    assert talked_to <= ancestors(name)


def ancestors(name: str) -> set[str]:
    direct = set(services()[name].get("depends_on", {}))
    return direct.union(*(ancestors(other) for other in direct)) if direct else set()


@EACH
def test_dependencies_exist_in_every_profile(name: str) -> None:
    for other in services()[name].get("depends_on", {}):
        assert "profiles" not in services()[other], f"{name} would fail where {other} is not active"


def test_exactly_one_scheduler_runs_in_each_profile() -> None:
    schedulers = {n: s["profiles"] for n, s in services().items() if s.get("command") == ["scheduler"]}
    assert sorted(schedulers.values()) == [["cpu"], ["gpu"]]
    assert dotenv(EXAMPLE.read_text(encoding="utf-8"))["COMPOSE_PROFILES"] in {"cpu", "gpu"}


def test_the_gpu_profile_asks_for_one_gpu_and_the_other_for_none() -> None:
    devices = {
        n: s["deploy"]["resources"].get("reservations") for n, s in services().items() if "profiles" in s
    }
    assert devices == {
        "airflow-scheduler": None,
        "airflow-scheduler-gpu": {"devices": [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}]},
    }


@EACH
def test_no_service_can_take_the_whole_machine(name: str) -> None:
    assert set(services()[name]["deploy"]["resources"]["limits"]) == {"cpus", "memory"}


@EACH
def test_named_volumes_are_declared_and_files_exist(name: str) -> None:
    declared = load(text())["volumes"]
    for source, target in mounts(name):
        assert target.startswith("/")
        if source.startswith("."):
            assert source == "./data" or (REPOSITORY / source).exists(), f"{source} is not there"
        else:
            assert source in declared


def test_every_declared_volume_is_used() -> None:
    used = {source for name in services() for source, _ in mounts(name) if not source.startswith(".")}
    assert used == set(load(text())["volumes"])


def test_named_volumes_that_our_image_writes_to_are_made_for_its_user() -> None:
    """A named volume takes its owner from the image's folder; one that the image lacks would be root's."""
    dockerfile = (REPOSITORY / "Dockerfile.airflow").read_text(encoding="utf-8")
    ours = load(text())["x-images"]["local"]
    for name, service in services().items():
        if service["image"] != ours:
            continue
        for source, target in mounts(name):
            if (
                not source.startswith(".") and target != "/opt/airflow/logs"
            ):  # Airflow's own image has that one
                assert re.search(rf"install --directory --owner airflow .*{re.escape(target)}\b", dockerfile)
