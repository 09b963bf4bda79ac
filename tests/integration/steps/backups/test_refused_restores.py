"""A backup that is damaged, cut off, or in the way of what is there changes nothing."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import asdict

import pytest

from tests.integration.steps.backups.content import rewritten, rows
from trainer.commands.cli import main
from trainer.contract import ExitCode
from trainer.database.schema import current
from trainer.errors import ArtifactError, UsageError
from trainer.steps.backup import backup, restore
from trainer.store import Store

pytestmark = pytest.mark.integration


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
