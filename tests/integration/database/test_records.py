"""What is recorded of a run: its snapshot and how well models did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from trainer.database import connect
from trainer.database.metrics import ALL_LEAD_TIMES, MetricsRow, read_metrics, upsert_metrics
from trainer.database.snapshots import SnapshotRow, read_snapshot_row, record_snapshot
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


def test_a_snapshot_is_read_back_as_it_was_recorded(database_url: str) -> None:
    with connect(database_url) as connection:
        record_snapshot(connection, SNAPSHOT)

        assert read_snapshot_row(connection, "GR", "run") == SNAPSHOT
        assert read_snapshot_row(connection, "GR", "another run") is None


def test_a_run_that_froze_its_data_anew_has_one_snapshot(database_url: str) -> None:
    anew = replace(SNAPSHOT, sha256="b" * 64, rows=48, first_hour=MIDNIGHT - timedelta(days=2))
    with connect(database_url) as connection:
        record_snapshot(connection, SNAPSHOT)
        record_snapshot(connection, anew)

        assert read_snapshot_row(connection, "GR", "run") == anew


def test_metrics_are_read_back_by_scope_and_the_end_of_their_window(database_url: str) -> None:
    of_first_hour = replace(METRICS, lead_time=1, hours=1)
    day_before = replace(
        METRICS, window_start=MIDNIGHT - timedelta(days=2), window_end=MIDNIGHT - timedelta(days=1)
    )
    with connect(database_url) as connection:
        upsert_metrics(connection, [of_first_hour, METRICS, day_before, replace(METRICS, scope="evaluation")])

        since = MIDNIGHT - timedelta(days=1)
        rows = read_metrics(connection, "GR", scope="score", start=since, end=MIDNIGHT)

    assert rows == [METRICS, of_first_hour]


def test_a_window_scored_again_is_replaced(database_url: str) -> None:
    better = replace(METRICS, mape=1.2, r2=0.9, run_id="later")
    with connect(database_url) as connection:
        upsert_metrics(connection, [METRICS])
        upsert_metrics(connection, [better])

        rows = read_metrics(connection, "GR", scope="score", start=MIDNIGHT - timedelta(days=7), end=MIDNIGHT)

    assert rows == [better]


def test_one_impossible_figure_leaves_every_row_unwritten(database_url: str) -> None:
    wrong = replace(METRICS, lead_time=2, mape=float("nan"))
    with pytest.raises(DataError, match="errors_finite"), connect(database_url) as connection:
        upsert_metrics(connection, [METRICS, wrong])

    with connect(database_url) as connection:
        assert (
            read_metrics(connection, "GR", scope="score", start=MIDNIGHT - timedelta(days=7), end=MIDNIGHT)
            == []
        )
