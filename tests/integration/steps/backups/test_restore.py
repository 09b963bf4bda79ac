"""Everything is lost but the backup: restored, the region forecasts as before, and can be rolled back."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import psycopg
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.tasks.manifests import verify_artifact
from tests.integration.steps.backups.content import daily, rewritten, rows
from tests.integration.steps.small_model import DAYS, checksum
from trainer.commands.cli import main
from trainer.contract import ExitCode, Region, Shadow, ShadowKind, model_folder, shadow_mark
from trainer.database.connection import connect
from trainer.database.copies import TABLES
from trainer.database.schema import current, migrate
from trainer.database.shadows import read_shadows, store_shadow
from trainer.steps.backup import backup, restore
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.publish import publish
from trainer.steps.snapshot import snapshot
from trainer.store import Store, folder_url

pytestmark = pytest.mark.integration


def test_restored_it_forecasts_the_same_and_rolls_back(
    database: str, site: Store, target: Store, lose_everything: Callable[[], str], place: Region
) -> None:
    before = {table: rows(database, table) for table in TABLES}
    said = site.read(f"{daily('daily/1', place, site).folder}/forecast.parquet")
    backup(site, target)
    url = lose_everything()

    restore(site, target)

    assert {table: rows(url, table) for table in TABLES} == before
    again = daily("daily/2", place, site)
    snapshot(again, lookback_days=DAYS, source=None)
    with psycopg.connect(url) as connection:
        champion = deployments.active(connection, "T")
    assert champion is not None
    pinned = PinnedModel(champion.version, str(champion.artifact_checksum))
    forecast(again, horizon=24, model=pinned, previous=None)
    assert site.read(f"{again.folder}/forecast.parquet") == said
    publish(again)

    with psycopg.connect(url) as connection:
        wanted = deployments.last_term(connection, "T", "T-1")
        assert wanted is not None
        verify_artifact(
            folder_url(Path(site.locate(""))), str(wanted.artifact_path), str(wanted.artifact_checksum)
        )
        back = deployments.rollback(connection, region="T", version="T-1", run_id="rollback/1", reason="Try.")
    assert (back.version, back.status) == ("T-1", "active")
    assert back.id > champion.id, "new rows go on after the restored ones"


def test_every_table_of_the_schema_is_saved(database: str) -> None:
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
    assert {row[0] for row in found} == set(TABLES)


def test_a_model_that_is_lost_is_told_of_and_all_else_is_saved(
    site: Store, target: Store, lose_everything: Callable[[], str], artifact: Path
) -> None:
    site.remove(f"{model_folder('T', 'T-1')}/trend.json")
    code = main(["backup", "--to", target.locate("").rstrip("/"), "--store", site.locate("").rstrip("/")])
    assert code == ExitCode.DATA
    assert json.loads(target.read("backup.json"))["missing"] == [f"{model_folder('T', 'T-1')}/trend.json"]
    lose_everything()
    restore(site, target)
    verify_artifact(folder_url(Path(site.locate(""))), model_folder("T", "T-2"), checksum(artifact))


def test_a_version_that_is_in_shadow_alone_is_saved_with_it(
    database: str, site: Store, artifact: Path, target: Store, lose_everything: Callable[[], str]
) -> None:
    site.upload(artifact, model_folder("T", "T-lost"))
    site.write(shadow_mark("T", "T-lost"), b"{}")
    shadow = Shadow(name="lost", kind=ShadowKind.VERSION, version="T-lost", checksum=checksum(artifact))
    with connect(database) as connection:
        store_shadow(connection, "T", shadow, added_by="Kim", reason="to compare")
    backup(site, target)
    url = lose_everything()
    restore(site, target)
    verify_artifact(folder_url(Path(site.locate(""))), model_folder("T", "T-lost"), checksum(artifact))
    assert site.exists(shadow_mark("T", "T-lost"))
    with connect(url) as connection:
        assert [row.shadow for row in read_shadows(connection, "T")] == [shadow]


LATER_TABLES = (
    *("forecast_days", "region_sizes", "shadow_models", "shadow_predictions"),
    *("standing_alerts", "weather_issued"),
)
LATER_COLUMNS = {
    "model_deployments": ["files_removed_at"],
    "predictions": ["product", "quantiles"],
    "model_metrics": ["product", "crps"],
    "influx_deliveries": ["product"],
}


def of_columns(url: str, table: str, columns: list[str]) -> list[str]:
    with psycopg.connect(url) as connection:
        query = f"SELECT ROW({', '.join(columns)})::text FROM {table} ORDER BY 1"
        return [str(row[0]) for row in connection.execute(query.encode()).fetchall()]


def test_a_backup_of_an_earlier_release_is_brought_to_this_one(
    database: str, site: Store, target: Store, lose_everything: Callable[[], str]
) -> None:
    """As release 0.2.0 would have made it: at revision 0007, without the columns that later ones add last."""
    body = backup(site, target)
    for name in LATER_TABLES:
        del body["tables"][name]
    for name, later in LATER_COLUMNS.items():
        table = body["tables"][name]
        lines = gzip.decompress(target.read(table["rows"]["path"])).decode().splitlines()
        earlier = "".join("\t".join(line.split("\t")[: -len(later)]) + "\n" for line in lines).encode()
        table["rows"] = asdict(target.write(table["rows"]["path"], gzip.compress(earlier)))
        assert table["columns"][-len(later) :] == later
        del table["columns"][-len(later) :]
    rewritten(target, {**body, "revision": "0007"})
    columns = {name: list(body["tables"][name]["columns"]) for name in LATER_COLUMNS}
    before = {name: of_columns(database, name, columns[name]) for name in LATER_COLUMNS}
    url = lose_everything()
    head = migrate(url)  # its tables are there, and empty

    restore(site, target)

    assert current(url) == head
    assert {name: of_columns(url, name, columns[name]) for name in LATER_COLUMNS} == before
