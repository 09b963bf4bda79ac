"""What `make bench-gpu` measures and writes, on a CPU: as far as that is the same, by a rehearsal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from benchmarks.goals import goals
from benchmarks.gpu import __main__ as command
from benchmarks.gpu import training, worker
from benchmarks.gpu.effort import FULL, REHEARSAL
from benchmarks.gpu.measures import Found, Piece, of_the_device
from benchmarks.gpu.page import section, with_section
from benchmarks.gpu.rows import FIGURES, KEPT, Row, gpu_goals, keep_rows, read_rows
from benchmarks.gpu.training import Trained, trained
from benchmarks.gpu.worker import Fault, LeftOut, measured, work
from benchmarks.record import page
from tests.unit.data.series import KOREA
from tests.unit.model.series import make_history
from trainer.model.progress import EpochReport, Progress

REPOSITORY = Path(__file__).parents[3]
PAGE = REPOSITORY / "docs" / "benchmarks.md"
NOT_THERE = ("lightgbm", "mlflow", "airflow", "influxdb_client", "rich", "psutil", "psycopg", "power_markets")
"""What this project is installed with and a machine with a GPU may lack."""
ONLY_A_GPU_TELLS = {"quick_busy", "production_busy", "quick_device_memory", "production_device_memory"}
ROW = Row("fit_all_hours", 5.0, 9.0, "", "KR", "NVIDIA H100", 8, "2.11.0", "2026-12-24", "abc1234")


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


class _Wire:
    """The end of a pipe that keeps what is sent."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def send(self, told: Any) -> None:
        self.told.append(told)


class _Series:
    """In the place of a source."""

    def read(self) -> tuple[None, None]:
        return None, None


def works(monkeypatch: pytest.MonkeyPatch, pieces: list[Piece], seconds: float) -> list[Any]:
    class Measures:
        def __init__(self, *arguments: object) -> None:
            pass

        def pieces(self) -> list[Piece]:
            return pieces

    monkeypatch.setattr(worker, "Measures", Measures)
    wire = _Wire()
    work(wire, _Series(), REHEARSAL, "cpu", seconds)  # type: ignore[arg-type]
    *told, _ = wire.told  # the last says that it is over
    return told


def finds(key: str) -> Any:
    def measure(left: float) -> Iterator[Found]:
        yield Found(key, left)

    return measure


def fails(left: float) -> Iterator[Found]:
    yield Found("step_256", 1.0)
    raise RuntimeError("CUDA error: device-side assert triggered")


def test_a_piece_that_no_longer_fits_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [Piece("short", 10, finds("step_256")), Piece("long", 1e9, finds("quick_fit"))]
    found, left_out = works(monkeypatch, pieces, seconds=1000)
    assert found.key == "step_256"
    assert found.gpu < 1000  # the seconds that it may take
    assert left_out == LeftOut("long")


def test_a_piece_that_fails_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [Piece("broken", 0, fails), Piece("sound", 0, finds("quick_fit"))]
    before, fault, after = works(monkeypatch, pieces, seconds=1000)
    assert (before.key, after.key) == ("step_256", "quick_fit")
    assert fault == Fault("broken", "RuntimeError: CUDA error: device-side assert triggered")


class _Deadly:
    """A source whose reading ends the process, as a fault in a driver does."""

    def read(self) -> None:
        os._exit(7)


def test_a_process_that_dies_is_told_as_a_fault() -> None:
    told = list(measured(_Deadly(), REHEARSAL, "cpu", seconds=250))  # type: ignore[arg-type]
    assert told == [Fault("the process that measures", "it ended with 7")]


def report(epoch: int, seconds_left: float) -> EpochReport:
    return EpochReport(
        trial=1,
        trials=50,
        epoch=epoch,
        epochs=100,
        train_loss=0.1,
        validation_loss=0.1,
        best=0.1,
        seconds_left=seconds_left,
    )


@pytest.mark.parametrize(("seconds", "cut"), [(-1.0, True), (1e6, False)])
def test_a_search_that_the_clock_cuts_off_is_extrapolated(
    monkeypatch: pytest.MonkeyPatch, seconds: float, cut: bool
) -> None:
    def search(*_: object, progress: Progress, **__: object) -> None:
        progress.on_epoch(report(1, 5000.0))
        progress.on_epoch(report(2, 0.0))

    monkeypatch.setattr(training, "fit", lambda *_, **__: None)
    monkeypatch.setattr(training, "search", search)
    until = pd.Timestamp("2021-03-01", tz="UTC")
    done = trained(make_history(days=10), KOREA, FULL, (50, 100), until, "cpu", seconds)
    assert (done.search >= 5000) is cut
    assert done.extrapolated == ("extrapolated from 1 epochs of 2 trials in 0 s" if cut else "")
    assert done.usage["device"] == "cpu"


def test_what_nvml_and_pytorch_tell_of_the_gpu_are_figures() -> None:
    told = {"utilization_mean": 61.5, "utilization_peak": 98, "peak_device_memory_mb": 512}
    found = list(of_the_device("quick", Trained(1.0, 1.0, "", told)))
    assert found == [
        Found("quick_busy", 61.5, None, "at most 98 %"),
        Found("quick_device_memory", 512),
    ]


def test_a_gpu_whose_driver_does_not_tell_how_busy_it_is_leaves_that_figure() -> None:
    told = {"utilization_mean": None, "utilization_peak": None, "peak_device_memory_mb": 512}
    assert [one.key for one in of_the_device("quick", Trained(1.0, 1.0, "", told))] == ["quick_device_memory"]


def test_a_row_takes_the_place_of_the_older_one_and_the_others_stay(tmp_path: Path) -> None:
    path = Path(shutil.copy(KEPT, tmp_path))
    rows = keep_rows([ROW], path)
    assert read_rows(path) == rows
    assert ROW in rows
    assert {row.key: row for row in rows} == {row.key: row for row in read_rows()} | {ROW.key: ROW}


def test_rows_stand_in_the_order_of_the_figures(tmp_path: Path) -> None:
    later = replace(ROW, key="difference")
    assert [row.key for row in keep_rows([later, ROW], tmp_path / "new" / "gpu.json")] == [
        "fit_all_hours",
        "difference",
    ]


@pytest.mark.parametrize(
    ("found", "met"),
    [
        ({"production_search": 40.0, "production_fit": 15.0}, True),
        ({"production_search": 50.0, "production_fit": 15.0}, False),
        ({"production_search": 20.0}, None),
    ],
)
def test_a_goal_of_two_rows_is_measured_when_both_are(found: dict[str, float], met: bool | None) -> None:
    rows = [replace(ROW, key=key, gpu=gpu) for key, gpu in found.items()]
    by_text = {goal.figure: goal for goal in gpu_goals(rows)}
    assert by_text["production training, 50 x 100, search and fit, GPU"].met is met


def test_each_other_goal_is_held_against_its_row() -> None:
    found = {
        "fit_all_hours": 5.9,
        "quick_search": 6.0,
        "quick_fit": 6.1,
        "quick_busy": 50.1,
        "difference": 1.1e-4,
    }
    rows = [replace(ROW, key=key, gpu=gpu) for key, gpu in found.items()]
    assert [goal.met for goal in gpu_goals(rows)] == [None, True, False, None, True, False]


def test_the_page_says_which_figures_no_gpu_gave_so_far() -> None:
    names = [figure.what for key, figure in FIGURES.items() if key != ROW.key]
    assert section([ROW]).endswith(f"Not measured on a GPU so far: {'; '.join(names)}.\n")


def test_a_page_gets_its_part_once_and_keeps_what_follows() -> None:
    once = with_section("# Benchmarks\n\nfigures\n", [ROW])
    assert once == "# Benchmarks\n\nfigures\n\n" + section([ROW])
    between = once + "\n## Later\n\ntext\n"
    newer = replace(ROW, gpu=4.0)
    assert with_section(between, [newer]) == once.replace("5.0 s", "4.0 s") + "\n## Later\n\ntext\n"


def test_the_page_in_the_docs_is_made_of_the_rows_on_record() -> None:
    text = PAGE.read_text()
    assert with_section(text, read_rows()) == text


def test_the_page_of_all_benchmarks_ends_with_the_same_part() -> None:
    assert page({}).endswith(section(read_rows()))
    assert goals({}) == []


def test_the_rows_on_record_name_machine_day_and_code() -> None:
    today = datetime.now(UTC).date().isoformat()
    for row in json.loads(KEPT.read_text())["rows"]:
        assert row["key"] in FIGURES
        assert row["device"].startswith("NVIDIA")
        assert "2026-11-27" <= row["date"] <= today
        assert row["code"]


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
