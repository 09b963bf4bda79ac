"""Everything is lost but the backup: restored, the region forecasts as before, and can be rolled back."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from demand_forecast.promotion import deployments
from demand_forecast.tasks.evidence import verify_artifact
from stack import postgres
from tests.integration.steps.small_model import DAYS, checksum
from trainer.commands.cli import main
from trainer.contract import Env, ExitCode, Region, Shadow, ShadowKind, model_folder, shadow_mark
from trainer.database.connection import connect
from trainer.database.copies import TABLES
from trainer.database.schema import current, migrate
from trainer.database.shadows import read_shadows, store_shadow
from trainer.errors import ArtifactError, UsageError
from trainer.steps.backup import backup, restore
from trainer.steps.forecast import forecast
from trainer.steps.ingest import ingest
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.publish import publish
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store, folder_url

pytestmark = pytest.mark.integration
AS_OF = pd.Timestamp("2024-04-10", tz="Asia/Seoul").tz_convert("UTC").to_pydatetime()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.at(tmp_path / "store")


@pytest.fixture
def target(tmp_path: Path) -> Store:
    return Store.at(tmp_path / "backup")


@pytest.fixture
def site(place: Region, artifact: Path, store: Store, database: str) -> Store:
    """Two champions, one after the other, and a day's forecast by the second."""
    for version, champion in (("T-1", None), ("T-2", "T-1")):
        folder = model_folder("T", version)
        store.upload(artifact, folder)
        values = deployments.parameters(
            region="T",
            version=version,
            run_id=f"weekly/{version}",
            reason="Better.",
            metrics={},
            champion_version=champion,
            artifact_path=folder,
            artifact_checksum=checksum(artifact),
            trained_from="2024-01-01T00:00:00+09:00",
            trained_to="2024-03-31T00:00:00+09:00",
        )
        with psycopg.connect(database) as connection:
            deployments.record(connection, values)
    run = daily("daily/1", place, store)
    ingest(run, source=None)
    snapshot(run, lookback_days=DAYS, source=None)
    forecast(run, horizon=24, model=PinnedModel("T-2", checksum(artifact)), previous=None)
    publish(run)
    return store


def daily(run_id: str, place: Region, store: Store) -> Run:
    return Run(region=place, run_id=run_id, as_of=AS_OF, store=store)


@pytest.fixture
def lose_everything(
    postgres_url: str, site: Store, store: Store, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], str]]:
    """Afterwards there is an empty store, and an empty database under another URL, which it returns."""
    name = f"restored_{uuid.uuid4().hex}"

    def lose() -> str:
        shutil.rmtree(store.locate(""))
        url = postgres.create_database(postgres_url, name)
        monkeypatch.setenv(Env.POSTGRES_URL, url)
        return url

    yield lose
    postgres.drop_database(postgres_url, name)


def rows(url: str, table: str) -> list[str]:
    with psycopg.connect(url) as connection:
        query = f"SELECT row::text FROM {table} AS row ORDER BY 1"
        return [str(row[0]) for row in connection.execute(query.encode()).fetchall()]


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


def test_a_damaged_backup_is_refused_before_anything_is_written(
    site: Store, target: Store, lose_everything: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    backup(site, target)
    target.write("tables/predictions.gz", gzip.compress(b"another"))
    url = lose_everything()
    code = main(["restore", "--from", target.locate("").rstrip("/"), "--store", site.locate("").rstrip("/")])
    assert code == ExitCode.DATA
    assert current(url) is None
    assert site.files("") == []


def test_a_backup_that_was_cut_off_is_none(site: Store, target: Store) -> None:
    backup(site, target)
    target.remove("backup.json")
    assert main(["restore", "--from", target.locate("").rstrip("/")]) == ExitCode.USAGE


def test_a_database_that_holds_rows_is_left_alone(database: str, site: Store, target: Store) -> None:
    backup(site, target)
    before = rows(database, "model_deployments")
    with pytest.raises(UsageError, match="holds rows already"):
        restore(site, target)
    assert rows(database, "model_deployments") == before


def test_a_backup_is_not_written_over(site: Store, target: Store) -> None:
    backup(site, target)
    before = target.read("backup.json")
    assert main(["backup", "--to", target.locate("").rstrip("/")]) == ExitCode.USAGE
    assert target.read("backup.json") == before


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


def rewritten(target: Store, body: dict[str, Any]) -> None:
    """The manifest with another content, and the checksum of that."""
    body.pop("checksum", None)
    checksum = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    target.write("backup.json", json.dumps({**body, "checksum": checksum}).encode())


LATER_TABLES = ("forecast_days", "shadow_models", "shadow_predictions", "weather_issued")
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


def test_a_backup_that_names_files_outside_of_the_store_is_refused(
    site: Store, target: Store, lose_everything: Callable[[], str]
) -> None:
    body = backup(site, target)
    ref = target.write("files/../escaped.json", b"{}")
    rewritten(target, {**body, "files": {**body["files"], "../escaped.json": asdict(ref)}})
    lose_everything()
    with pytest.raises(ArtifactError, match="outside of the store"):
        restore(site, target)
    assert site.files("") == []
