"""The DAGs as Airflow parses them."""

from __future__ import annotations

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from demand_forecast.settings import regions, settings
from stack.state import REPOSITORY


@pytest.fixture(scope="session")
def dagbag() -> DagBag:
    settings.cache_clear()
    regions.cache_clear()
    return DagBag(str(REPOSITORY / "dags"))


@pytest.fixture(scope="session")
def dags(dagbag: DagBag) -> dict[str, DAG]:
    return dict(dagbag.dags)
