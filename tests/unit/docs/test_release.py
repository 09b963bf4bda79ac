"""One release has one number, wherever it is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from trainer import __version__

ROOT = Path(__file__).parents[3]


def test_the_chart_is_of_the_code_s_release() -> None:
    chart = yaml.safe_load((ROOT / "helm/demand-forecast/Chart.yaml").read_text(encoding="utf-8"))
    assert (chart["version"], chart["appVersion"]) == (__version__, __version__)


@pytest.mark.parametrize(
    "file",
    ["docker-compose.airflow.yml", "docs/kubernetes.md", "docs/quick-start.md", "helm/airflow-values.yaml"],
)
def test_images_are_tagged_with_it(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    tags = re.findall(r"(?:demand-forecast-\w+:|image\.tag=|\btag: |\bref: v)(\d+\.\d+\.\d+)", text)
    assert tags
    assert set(tags) == {__version__}
