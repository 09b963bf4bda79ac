"""What is recorded of a run: its snapshot and how well models did."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from psycopg.rows import class_row

from trainer.database import connect
from trainer.database.connection import Connection
from trainer.database.metrics import ALL_LEAD_TIMES, MetricsRow, upsert_metrics
from trainer.database.snapshots import SnapshotRow, record_snapshot
from trainer.errors import DataError

pytestmark = pytest.mark.integration

MIDNIGHT = datetime(2020, 10, 31, 22, tzinfo=UTC)
SNAPSHOT = SnapshotRow(
    region="GR",
    run_id="run",
    as_of=MIDNIGHT,
    path="GR/runs/run/snapshot.parquet",
    sha256="a" * 64,
    rows=24,
    first_hour=MIDNIGHT - timedelta(days=1),
    last_hour=MIDNIGHT - timedelta(hours=1),
)
METRICS = MetricsRow(
    region="GR",
    model_version="GR-1",
    scope="score",
    window_start=MIDNIGHT - timedelta(days=1),
    window_end=MIDNIGHT,
    lead_time=ALL_LEAD_TIMES,
    hours=24,
    mae=90.25,
    mse=1e4,
    rmse=100.0,
    r2=None,
    mape=1.5,
    smape=1.6,
    run_id="run",
)


def snapshots(connection: Connection) -> list[SnapshotRow]:
    names = ", ".join(field.name for field in fields(SnapshotRow))
    with connection.cursor(row_factory=class_row(SnapshotRow)) as cursor:
        return cursor.execute(f"SELECT {names} FROM snapshots").fetchall()


def metrics(connection: Connection) -> list[MetricsRow]:
    names = ", ".join(field.name for field in fields(MetricsRow))
    with connection.cursor(row_factory=class_row(MetricsRow)) as cursor:
        return cursor.execute(
            f"SELECT {names} FROM model_metrics ORDER BY scope, window_end, lead_time"
        ).fetchall()


def test_a_snapshot_is_recorded_as_it_was_taken(database_url: str) -> None:
    with connect(database_url) as connection:
        record_snapshot(connection, SNAPSHOT)

        assert snapshots(connection) == [SNAPSHOT]


def test_a_run_that_froze_its_data_anew_has_one_snapshot(database_url: str) -> None:
    anew = replace(SNAPSHOT, sha256="b" * 64, rows=48, first_hour=MIDNIGHT - timedelta(days=2))
    with connect(database_url) as connection:
        record_snapshot(connection, SNAPSHOT)
        record_snapshot(connection, anew)

        assert snapshots(connection) == [anew]


def test_metrics_stand_side_by_side_by_scope_window_and_lead_time(database_url: str) -> None:
    of_first_hour = replace(METRICS, lead_time=1, hours=1)
    day_before = replace(
        METRICS, window_start=MIDNIGHT - timedelta(days=2), window_end=MIDNIGHT - timedelta(days=1)
    )
    evaluation = replace(METRICS, scope="evaluation")
    with connect(database_url) as connection:
        upsert_metrics(connection, [of_first_hour, METRICS, day_before, evaluation])

        assert metrics(connection) == [evaluation, day_before, METRICS, of_first_hour]


def test_a_window_scored_again_is_replaced(database_url: str) -> None:
    better = replace(METRICS, mape=1.2, r2=0.9, run_id="later")
    with connect(database_url) as connection:
        upsert_metrics(connection, [METRICS])
        upsert_metrics(connection, [better])

        assert metrics(connection) == [better]


def test_nothing_to_score_writes_nothing(database_url: str) -> None:
    with connect(database_url) as connection:
        upsert_metrics(connection, [])

        assert metrics(connection) == []


def test_one_impossible_figure_leaves_every_row_unwritten(database_url: str) -> None:
    wrong = replace(METRICS, lead_time=2, mape=float("nan"))
    with pytest.raises(DataError, match="errors_finite"), connect(database_url) as connection:
        upsert_metrics(connection, [METRICS, wrong])

    with connect(database_url) as connection:
        assert metrics(connection) == []
