"""Dockerfile.airflow: what its stages copy is enough for what they run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.unit.compose.composition import REPOSITORY

DOCKERFILE = (REPOSITORY / "Dockerfile.airflow").read_text(encoding="utf-8")
STAGES = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]


def copied(stage: str, root: Path) -> None:
    """Puts under `root` what the stage's COPY lines put into the image."""
    for words in re.findall(r"^COPY --chown=airflow:0 (.+)$", stage, flags=re.MULTILINE):
        *sources, target = words.split()
        place = root / target.lstrip("/")
        for source in sources:
            path = REPOSITORY / source
            if path.is_dir():
                shutil.copytree(path, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)


def imports(code: str, root: Path) -> subprocess.CompletedProcess[str]:
    places = re.search(r"^ENV PYTHONPATH=(\S+)$", DOCKERFILE, flags=re.MULTILINE)
    assert places
    return subprocess.run(
        [sys.executable, "-c", code],
        env={
            "AIRFLOW_HOME": str(root / "home"),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": ":".join(f"{root}{place}" for place in places[1].split(":")),
        },
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_image_without_the_trainer_can_make_the_page(tmp_path: Path) -> None:
    # The plugin loads without it; the page is made when it is first asked for.
    copied(STAGES[-1], tmp_path)
    done = imports("from demand_forecast.page.app import create_app; create_app()", tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_image_of_one_machine_has_the_whole_trainer(tmp_path: Path) -> None:
    (local,) = [stage for stage in STAGES if " AS local\n" in stage]
    copied(local, tmp_path)
    code = (
        "import trainer.commands.verbs; from trainer.commands import arguments, cli; arguments.build_parser()"
    )
    done = imports(code, tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_stage_without_a_name_is_the_last_and_so_the_default() -> None:
    assert [re.search(r" AS (\w+)\n", stage) is None for stage in STAGES] == [False, False, True]


def test_packages_are_installed_as_locked() -> None:
    commands = "".join(STAGES).replace("\\\n", " ")
    installed = re.findall(r"^RUN pip install (.+)$", commands, flags=re.MULTILINE)
    locked = [line for line in installed if "--constraint /opt/demand-forecast/constraints.txt" in line]
    assert installed == locked
    assert len(installed) == 2
