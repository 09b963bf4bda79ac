"""Dockerfile.airflow: what it copies is enough for Airflow to load every DAG and the plugin."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stack.node.layout import REPOSITORY

PROBE = """
import json
from airflow.dag_processing.dagbag import DagBag
from airflow import plugins_manager
bag = DagBag()
found = plugins_manager.get_plugin_info() if hasattr(plugins_manager, "get_plugin_info") else []
errors = getattr(plugins_manager, "get_import_errors", dict)()
print("FOUND " + json.dumps({
    "dags": sorted(bag.dags),
    "errors": {**bag.import_errors, **errors},
    "plugins": [plugin["name"] for plugin in found],
}))
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the image for pods, laid out by the COPY lines of the Dockerfile's last stage."""
    root = tmp_path_factory.mktemp("image")
    last_stage = (REPOSITORY / "Dockerfile.airflow").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    for line in last_stage.splitlines():
        if not line.startswith("COPY "):
            continue
        *sources, target = [word for word in line.split()[1:] if not word.startswith("--")]
        place = root / target.lstrip("/")
        for source in (REPOSITORY / name for name in sources):
            if source.is_dir():
                shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, place)
    return root


@pytest.mark.integration
def test_every_dag_and_the_plugin_load_from_what_the_image_holds(image: Path) -> None:
    clean = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AIRFLOW", "PYTHON", "DEMAND_FORECAST"))
    }
    home = image / "opt" / "airflow"
    environ = {
        **clean,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "180",
        "PYTHONPATH": os.pathsep.join([str(image / "opt" / "demand-forecast"), str(home / "plugins")]),
        "DEMAND_FORECAST_RUNTIME": "kubernetes",
        "DEMAND_FORECAST_POD__IMAGE": "demand-forecast-trainer:0.2.0",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env=environ, cwd=image, capture_output=True, text=True, check=False
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("FOUND ")] or [done.stderr]
    found = json.loads(line.removeprefix("FOUND "))
    assert found["errors"] == {}
    assert {"weekly_retrain_KR", "daily_forecast_KR", "data_ingestion_KR"} <= set(found["dags"])
    assert found["plugins"]
