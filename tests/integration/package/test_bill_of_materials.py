"""What `make dist` says is inside: each package with its version, under licences that were looked at."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest

from stack.state import REPOSITORY

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

FREE: Final = re.compile(
    r"\b(MIT|MIT-0|MIT-CMU|Apache|BSD|ISC|PSF|Python|0BSD|Unlicense|Zlib|MPL|Mozilla)\b", re.IGNORECASE
)
LOOKED_AT: Final = {
    "psycopg": "LGPL, imported as it is",
    "psycopg-binary": "LGPL, imported as it is",
    "psycopg-pool": "LGPL, imported as it is",
    "psycopg2-binary": "LGPL, imported as it is by Airflow",
    "text-unidecode": "Artistic or GPL, at choice; Airflow's",
    "skops": "MIT, said in its file; MLflow's",
    "huey": "MIT, said in its file; MLflow's",
    "PySocks": "BSD, said in its file; selenium's",
    "protobuf": "BSD, said in its file",
    "koreanize-matplotlib": "MIT, said in its file; its font OFL",
    "kubernetes-validate": "Apache-2.0, said in its file; the tests'",
}
"""Packages whose licence is of another kind, or not said where a program finds it, and what it is."""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    place = tmp_path_factory.mktemp("dist") / "bill.json"
    words = ["make", "--no-print-directory", "bill", f"BILL={place}", f"BIN={Path(sys.executable).parent}"]
    done = subprocess.run(words, cwd=REPOSITORY, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    bill = json.loads(place.read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    return {component["name"]: component for component in bill["components"]}


def licences(component: dict[str, Any]) -> str:
    said = component.get("licenses", [])
    return "; ".join(
        one.get("expression") or one["license"].get("id") or one["license"]["name"] for one in said
    )


@pytest.mark.parametrize("name", ["torch", "pandas", "apache-airflow", "mlflow", "influxdb-client"])
def test_the_bill_names_each_package_with_its_version(packages: dict[str, dict[str, Any]], name: str) -> None:
    assert packages[name]["version"] == version(name)


def test_every_package_is_free_to_use_or_was_looked_at(packages: dict[str, dict[str, Any]]) -> None:
    of_others = {
        name: licences(component)
        for name, component in packages.items()
        if not FREE.search(licences(component))
        and name not in LOOKED_AT
        and not name.startswith(("nvidia-", "cuda-"))  # PyTorch's own, NVIDIA's terms of use
    }
    assert of_others == {}


def test_nothing_is_under_a_licence_that_binds_what_imports_it(
    packages: dict[str, dict[str, Any]],
) -> None:
    binding = {
        name
        for name, component in packages.items()
        if re.search(r"\bA?GPL|General Public", licences(component))
    }
    assert binding <= set(LOOKED_AT)


def test_what_was_looked_at_is_still_there(packages: dict[str, dict[str, Any]]) -> None:
    assert set(LOOKED_AT) <= set(packages)
