"""What the demo hands to pods, and what it refuses before it starts anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stack import kubernetes
from stack.node import prerequisites, up
from stack.node.forward import lent_url
from stack.state import State
from trainer.contract import Env, Region, load_regions
from trainer.errors import InfrastructureError, UsageError


@pytest.fixture
def region() -> Region:
    return load_regions()["GR"]


def test_a_lent_server_keeps_its_port_and_log_in() -> None:
    assert lent_url("postgresql://user:word@127.0.0.1:15432/db") == (
        "postgresql://user:word@198.18.0.1:15432/db"
    )


def test_the_sample_needs_no_file(tmp_path: Path, region: Region) -> None:
    assert kubernetes.region_of_pods(State(tmp_path), region) == region


def test_a_file_is_put_where_pods_see_it(tmp_path: Path, region: Region) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("time,demand\n")
    state = State(tmp_path / "state")
    seen = kubernetes.region_of_pods(state, replace(region, source=str(file)))
    assert seen.source == "/models/sources/demand/mine.csv"
    assert (state.folder / "store/sources/demand/mine.csv").read_text() == "time,demand\n"


def test_so_is_one_of_issued_weather_which_may_have_the_same_name(tmp_path: Path, region: Region) -> None:
    files = [tmp_path / "measured" / "mine.csv", tmp_path / "issued" / "mine.csv"]
    for file, headers in zip(files, ("time,demand\n", "issued_at,time\n"), strict=True):
        file.parent.mkdir()
        file.write_text(headers)
    state = State(tmp_path / "state")
    own = replace(region, source=str(files[0]), weather_issued=str(files[1]))
    seen = kubernetes.region_of_pods(state, own)
    assert seen.weather_issued == "/models/sources/weather_issued/mine.csv"
    for place, headers in ((seen.source, "time,demand\n"), (seen.weather_issued, "issued_at,time\n")):
        assert (state.folder / "store" / Path(place).relative_to("/models")).read_text() == headers


def test_a_url_is_refused_since_the_node_has_no_way_to_it(tmp_path: Path, region: Region) -> None:
    far = replace(region, source="https://example.org/demand.csv")
    with pytest.raises(UsageError, match="download the file"):
        kubernetes.region_of_pods(State(tmp_path), far)


def test_a_server_of_another_machine_is_refused(tmp_path: Path) -> None:
    servers = {
        Env.INFLUXDB_URL: "http://influx.example.org:8086",
        Env.MLFLOW_TRACKING_URI: "http://127.0.0.1:1",
    }
    with pytest.raises(UsageError, match=r"influx\.example\.org is elsewhere"):
        kubernetes.airflow_variables(State(tmp_path), "postgresql://127.0.0.1:2/db", servers)


def test_a_machine_that_cannot_is_told_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "is_own", lambda: False)
    monkeypatch.setattr(prerequisites.os, "geteuid", lambda: 1000)
    said: list[str] = []
    with pytest.raises(InfrastructureError, match=r"needs root.*`make demo` alone does without"):
        kubernetes.bring_up(State(tmp_path), said.append)
    assert said == []
