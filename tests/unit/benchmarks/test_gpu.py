"""What `make bench-gpu` measures and writes, on a CPU: as far as that is the same, by a rehearsal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks.gpu import __main__ as command
from benchmarks.gpu.page import section
from benchmarks.gpu.rows import FIGURES, KEPT, read_rows
from tests.unit.data.series import KOREA
from tests.unit.model.series import make_history

REPOSITORY = Path(__file__).parents[3]
PAGE = REPOSITORY / "docs" / "benchmarks.md"
NOT_THERE = ("lightgbm", "mlflow", "airflow", "influxdb_client", "rich", "psutil", "psycopg", "power_markets")
"""What this project is installed with and a machine with a GPU may lack."""
ONLY_A_GPU_TELLS = {"quick_busy", "production_busy", "quick_device_memory", "production_device_memory"}


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("series") / "demand.csv"
    history = make_history(days=100)
    history.set_axis(history.index.tz_convert(KOREA.zone).tz_localize(None)).to_csv(path, index_label="time")
    return path


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which Python cannot import the packages of NOT_THERE, nor can its children."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "sitecustomize.py").write_text(
        "import importlib.abc, sys\n"
        "class Missing(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {NOT_THERE}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    places = [folder, REPOSITORY, REPOSITORY / "plugins"]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places)), "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def rehearsal(csv: Path, bare: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a rehearsal has written."""
    folder = tmp_path_factory.mktemp("rehearsal")
    options = ["--csv", str(csv), "--region", "KR", "--minutes", "60", "--rehearse", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu", *options],
        env=bare,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def run(monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["gpu", *options])
    return command.main()


@pytest.mark.parametrize("name", NOT_THERE)
def test_the_bare_python_lacks_the_package(bare: dict[str, str], name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {name}"], env=bare, capture_output=True, text=True, check=False
    )
    assert f"No module named '{name}'" in done.stderr


def test_a_rehearsal_measures_every_figure_that_a_cpu_has(rehearsal: Path) -> None:
    rows = {row.key: row for row in read_rows(rehearsal / "gpu.json")}
    today = {key for key, row in rows.items() if row.device == "no GPU, a rehearsal"}
    assert today == set(FIGURES) - ONLY_A_GPU_TELLS - {"step_1024", "step_4096"}
    assert all(rows[key].gpu > 0 for key in today - {"difference"})
    assert rows["difference"].gpu == 0.0  # the same device twice
    with_cpu = {key for key in today if rows[key].cpu is not None}
    assert with_cpu == {"fit_all_hours", "quick_search", "quick_fit", "quick_processor_time", "step_256"}


def test_what_a_rehearsal_did_not_measure_keeps_its_older_figure(rehearsal: Path) -> None:
    rows, kept = ({row.key: row for row in read_rows(path)} for path in (rehearsal / "gpu.json", KEPT))
    for key in ("quick_busy", "step_4096"):
        assert rows[key] == kept[key]


def test_a_rehearsal_writes_its_rows_into_a_page_and_leaves_the_rest_of_it(rehearsal: Path) -> None:
    written = (rehearsal / "benchmarks.md").read_text()
    assert section(read_rows(rehearsal / "gpu.json")) in written
    assert "no GPU, a rehearsal" in written
    assert written.partition("## GPU")[0] == PAGE.read_text().partition("## GPU")[0]


def test_without_a_gpu_one_sentence_says_so_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    before = KEPT.read_bytes(), PAGE.read_bytes()
    assert run(monkeypatch) == 4
    told = capsys.readouterr()
    assert told.err == "no GPU here: PyTorch sees none, so nothing was measured and nothing written\n"
    assert not told.out
    assert (KEPT.read_bytes(), PAGE.read_bytes()) == before


def test_where_there_was_no_time_for_anything_rows_and_page_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, csv: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--csv", str(csv), "--region", "KR", "--minutes", "0", "--rehearse", str(tmp_path))
    assert run(monkeypatch, *options) == 1
    assert (tmp_path / "gpu.json").read_bytes() == KEPT.read_bytes()
    assert (tmp_path / "benchmarks.md").read_bytes() == PAGE.read_bytes()
    assert "older figures stay" in capsys.readouterr().err


@pytest.mark.parametrize("given", [True, False])
def test_a_python_that_is_named_is_used_with_its_own_packages_instead_of_the_environment(given: bool) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    environ["PYTHONPATH"] = "/packages/of/its/own"
    asked = ["make", "--dry-run", "bench-gpu", "CSV=some.csv", "REGION=KR"]
    if given:
        asked.append("PYTHON=python3.12")
    done = subprocess.run(asked, cwd=REPOSITORY, env=environ, capture_output=True, text=True, check=True)
    assert (".venv/" in done.stdout) is not given
    assert ("/packages/of/its/own" in done.stdout) is given
    assert '-m benchmarks.gpu --csv "some.csv" --region KR' in done.stdout
