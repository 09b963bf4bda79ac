"""The migrations: forwards, backwards, twice, and two at once, on a real PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from stack import postgres
from stack.state import REPOSITORY
from trainer.database import connect
from trainer.database.schema import current, downgrade, migrate
from trainer.errors import InfrastructureError

pytestmark = pytest.mark.integration

LOCK_KEY = 0x6466_6D69_6772
"""As in trainer/database/migrations/env.py, which only Alembic can import."""
TABLES = {
    "demand_judgements",
    "forecast_days",
    "influx_deliveries",
    "model_deployments",
    "model_metrics",
    "predictions",
    "raw_demand",
    "region_sizes",
    "shadow_models",
    "shadow_predictions",
    "snapshots",
    "standing_alerts",
    "weather_issued",
}


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    """A database that no migration has seen."""
    name = f"empty_{uuid.uuid4().hex}"
    yield postgres.create_database(postgres_url, name)
    postgres.drop_database(postgres_url, name)


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {
            row[0]
            for row in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename <> 'alembic_version'"
            )
        }


def outline(url: str) -> list[tuple[object, ...]]:
    """Every column, constraint, index and function that the migrations made."""
    with psycopg.connect(url) as connection:
        return connection.execute("""
            SELECT 'column', table_name || '.' || column_name, data_type || is_nullable
            FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL
            SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            UNION ALL
            SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL
            SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            ORDER BY 1, 2, 3
        """).fetchall()


def test_an_empty_database_has_no_revision_and_gets_every_table(empty_url: str) -> None:
    assert current(empty_url) is None

    head = migrate(empty_url)

    assert current(empty_url) == head
    assert tables(empty_url) == TABLES


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    before = outline(empty_url)

    migrate(empty_url)

    assert outline(empty_url) == before


def test_rows_outlive_a_second_migration(database_url: str) -> None:
    with connect(database_url) as connection:
        connection.execute("INSERT INTO raw_demand (region, time, source) VALUES ('GR', now(), 'test')")

    migrate(database_url)

    with connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM raw_demand").fetchone() == (1,)


def test_every_step_can_be_taken_back_and_taken_again(empty_url: str) -> None:
    head = migrate(empty_url)
    whole = outline(empty_url)

    downgrade(empty_url, "-1")
    assert current(empty_url) != head
    downgrade(empty_url, "base")
    assert (current(empty_url), tables(empty_url)) == (None, set())
    migrate(empty_url)

    assert outline(empty_url) == whole


def test_migrations_at_the_same_time_wait_for_each_other(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        revisions = list(pool.map(migrate, [empty_url] * 4))

    assert set(revisions) == {current(empty_url)}
    assert tables(empty_url) == TABLES


def test_processes_that_migrate_at_the_same_time_wait_for_each_other(empty_url: str) -> None:
    program = "import sys; from trainer.database.schema import migrate; print(migrate(sys.argv[1]))"
    with psycopg.connect(empty_url) as gate:
        # Both processes come to stand before the migrations, then go at once.
        gate.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", program, empty_url],
                cwd=REPOSITORY,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(2)
        ]
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
        waiting += "(SELECT oid FROM pg_database WHERE datname = current_database())"
        deadline = time.monotonic() + 60
        while gate.execute(waiting).fetchone() != (2,):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    said = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert said == [current(empty_url)] * 2
    assert tables(empty_url) == TABLES


def test_a_database_that_is_ahead_of_this_code_is_left_alone(empty_url: str) -> None:
    migrate(empty_url)
    with psycopg.connect(empty_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(InfrastructureError, match="9999"):
        migrate(empty_url)


def test_a_migration_that_fails_half_way_leaves_nothing(empty_url: str) -> None:
    with psycopg.connect(empty_url) as connection:
        # In the way of the last revision, after two others have done their work.
        connection.execute("CREATE TABLE model_metrics (mine text)")

    with pytest.raises(InfrastructureError, match="model_metrics"):
        migrate(empty_url)

    assert (current(empty_url), tables(empty_url)) == (None, {"model_metrics"})


def test_without_timescaledb_the_tables_are_plain(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        available = connection.execute(
            "SELECT count(*) FROM pg_available_extensions WHERE name = 'timescaledb'"
        ).fetchone()
        if available != (0,):
            pytest.skip("this server has TimescaleDB")
        kinds = connection.execute(
            sql.SQL("SELECT DISTINCT relkind FROM pg_class WHERE relname = ANY(%s)"), [sorted(TABLES)]
        ).fetchall()

    assert kinds == [("r",)]


def test_unique_keys_of_the_time_series_contain_time_as_timescaledb_asks(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        keys = connection.execute("""
            SELECT indexrelid::regclass::text, indexdef
            FROM pg_index JOIN pg_indexes ON indexname = indexrelid::regclass::text
            WHERE indisunique AND indrelid IN ('raw_demand'::regclass, 'predictions'::regclass)
        """).fetchall()

    assert len(keys) == 2
    assert all('"time"' in definition for _, definition in keys)
