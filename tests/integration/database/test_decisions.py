"""What dashboards are told of model_deployments, from a real PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from trainer.database.connection import connect
from trainer.database.decisions import Decision, read_decisions

pytestmark = pytest.mark.integration


def decide(
    url: str,
    day: int,
    status: str,
    metrics: dict[str, Any],
    *,
    region: str = "KR",
    parent: str | None = None,
) -> None:
    deployed = status != "rejected"
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            INSERT INTO model_deployments (region, version, run_id, status, artifact_path, artifact_checksum,
                reason, metrics, trained_from, trained_to, decided_at, archived_at,
                parent, judged_version)
            VALUES (%(region)s, %(version)s, %(run_id)s, %(status)s, %(path)s, %(checksum)s, %(reason)s,
                %(metrics)s, %(from)s, %(to)s, %(at)s, %(archived)s, %(parent)s, %(parent)s)
            """,
            {
                "region": region,
                "version": f"{region}-{day}",
                "run_id": f"weekly_retrain_{region}/{day}",
                "status": status,
                "path": f"models/{day}" if deployed else None,
                "checksum": "ab" * 32 if deployed else None,
                "reason": f"reason {day}",
                "metrics": Jsonb(metrics),
                "from": datetime(2020, 1, 1, tzinfo=UTC) if deployed else None,
                "to": datetime(2023, 1, day, tzinfo=UTC) if deployed else None,
                "at": datetime(2023, 2, day, tzinfo=UTC),
                "parent": parent,
                "archived": datetime(2023, 3, 1, tzinfo=UTC) if status == "archived" else None,
            },
        )


def test_decisions_come_oldest_first_and_a_former_champion_counts_as_promoted(database_url: str) -> None:
    decide(database_url, 3, "rejected", {"challenger": {"mape": 2.5}, "champion": {"mape": 2.0}})
    decide(database_url, 2, "active", {"challenger": {"mape": 2.0}, "champion": {"mape": 2.2}})
    run = "0123456789abcdef" * 2
    decide(
        database_url,
        1,
        "archived",
        {"challenger": {"mape": 2.2}, "champion": None, "mlflow_run_id": run},
    )

    with connect(database_url) as connection:
        found = read_decisions(connection, "KR")

    assert [(one.version, one.outcome) for one in found] == [
        ("KR-1", "promoted"),
        ("KR-2", "promoted"),
        ("KR-3", "rejected"),
    ]
    assert found[0] == Decision(
        version="KR-1",
        run_id="weekly_retrain_KR/1",
        outcome="promoted",
        reason="reason 1",
        decided_at=datetime(2023, 2, 1, tzinfo=UTC),
        point_at=datetime(2023, 2, 1, tzinfo=UTC),
        trained_to=datetime(2023, 1, 1, tzinfo=UTC),
        challenger_mape=2.2,
        champion_mape=None,
        mlflow_run_id=run,
    )
    assert found[1].mlflow_run_id is None
    assert (found[2].trained_to, found[2].challenger_mape, found[2].champion_mape) == (None, 2.5, 2.0)


@pytest.mark.parametrize(
    "metrics", [{}, {"challenger": None}, {"challenger": {"mape": "x"}}, {"challenger": []}]
)
def test_a_figure_that_is_no_number_is_not_known(database_url: str, metrics: dict[str, Any]) -> None:
    decide(database_url, 1, "active", metrics)
    with connect(database_url) as connection:
        (found,) = read_decisions(connection, "KR")
    assert found.challenger_mape is None


def test_only_the_newest_of_the_region_are_told(database_url: str) -> None:
    decide(database_url, 1, "active", {}, region="GR")
    decide(database_url, 1, "active", {})
    for day in range(2, 6):
        decide(database_url, day, "rejected", {})
    with connect(database_url) as connection:
        found = read_decisions(connection, "KR", limit=2)
    assert [one.version for one in found] == ["KR-4", "KR-5"]


def test_decisions_of_one_second_have_a_second_each_whatever_is_read_of_them(database_url: str) -> None:
    for day in range(1, 5):
        decide(database_url, day, "rejected", {})
    at = datetime(2023, 2, 1, tzinfo=UTC)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE model_deployments SET decided_at = %s + (id - 1) * interval '100 ms'"
            " WHERE version <> 'KR-4'",
            [at],
        )

    with connect(database_url) as connection:
        found = {limit: read_decisions(connection, "KR", limit=limit) for limit in (4, 2)}

    seconds = [(one.version, (one.point_at - at).total_seconds()) for one in found[4]]
    assert seconds == [("KR-1", 0), ("KR-2", 1), ("KR-3", 2), ("KR-4", 3 * 86400)]
    assert found[2] == found[4][2:]


def test_a_refit_is_told_as_one(database_url: str) -> None:
    decide(database_url, 3, "active", {}, parent="KR-2")
    decide(database_url, 2, "archived", {})
    with connect(database_url) as connection:
        assert [one.outcome for one in read_decisions(connection, "KR")] == ["promoted", "refitted"]
