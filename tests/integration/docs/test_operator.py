"""The operator's commands of docs/quick-start.md, as they stand there, on a real Airflow's tables."""

from __future__ import annotations

import pytest

from stack import postgres
from tests.integration.own_process import asked
from tests.names import AIRFLOW_TEMPLATE
from tests.unit.docs.shell import PAGES, blocks

pytestmark = pytest.mark.integration


def test_they_unpause_trigger_and_backfill_what_the_page_says(
    airflow_environment: dict[str, str], postgres_url: str
) -> None:
    (page,) = [page for page in PAGES if page.name == "quick-start.md"]
    (block,) = [block for block in blocks(page) if block.body.startswith("airflow dags unpause")]
    lines = [line.partition("    #")[0].strip() for line in block.body.splitlines()]
    database = postgres.create_database(postgres_url, "operator", template=AIRFLOW_TEMPLATE)
    environ = {
        **airflow_environment,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database.replace("postgresql:", "postgresql+psycopg:"),
    }
    found, printed = asked("tests.integration.docs.airflow_lines", *lines, environ=environ, seconds=300)
    refits = [f"refit_model_{region}" for region in ("GR", "KR")]  # nobody has to unpause them
    assert found == {
        "running": [
            "daily_forecast_KR",
            "data_ingestion_KR",
            *refits,
            "rollback_model_KR",
            "weekly_retrain_KR",
        ],
        "triggered": {
            "daily_forecast_KR": {"horizon": 168},
            "rollback_model_KR": {"version": "KR-20260104T0300-1a2b3c4d", "reason": "too high on holidays"},
            "weekly_retrain_KR": {"dry_run": True},
        },
        "backfilled": 31 * 24,
        "backfills": ["data_ingestion_KR"],
    }
    assert "No data found" in printed  # list-import-errors
