"""A version goes into shadow: published for it alone where a retraining left it, refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demand_forecast.promotion import deployments
from tests.integration.steps.shadow_models.adding import add, rows
from tests.integration.steps.small_model import checksum
from trainer.contract import Shadow, ShadowKind, model_folder, shadow_mark
from trainer.errors import DataError, NoModelError, UsageError
from trainer.model.artifact import MANIFEST
from trainer.steps.announce import announce
from trainer.steps.pinned_models import PinnedModel, newest_models
from trainer.steps.promote import promote
from trainer.steps.shadow import remove_shadow
from trainer.store import Run, Store

pytestmark = pytest.mark.integration


def published(run: Run) -> list[str]:
    return run.store.names("T/models")


def test_the_candidate_of_a_retraining_is_published_for_it_and_no_champion(
    run: Run, retrain: Run, artifact: Path, database: str
) -> None:
    add(run, candidate_of="weekly/1")
    assert published(run) == [retrain.version]
    row = rows(database)["lost"]
    assert row.shadow == Shadow(
        name="lost", kind=ShadowKind.VERSION, version=retrain.version, checksum=checksum(artifact)
    )
    assert (row.added_by, row.reason, row.removed_at) == ("Kim", "it lost narrowly", None)
    with psycopg.connect(database) as connection:
        assert deployments.active(connection, "T") is None
        assert deployments.history(connection, "T") == []


def newest(run: Run) -> str:
    return newest_models(run)[0].version


def test_without_a_pinned_model_nobody_is_served_by_it(run: Run, retrain: Run, artifact: Path) -> None:
    run.store.upload(artifact, model_folder("T", "T-1"))
    add(run, candidate_of="weekly/1")
    assert retrain.version > "T-1"
    assert newest_models(run) == (PinnedModel("T-1"), None)
    remove_shadow(run, name="lost")
    assert newest(run) == "T-1"


def test_in_a_store_with_nothing_else_there_is_no_model_to_serve(run: Run, retrain: Run) -> None:
    add(run, candidate_of="weekly/1")
    with pytest.raises(NoModelError):
        newest_models(run)


@pytest.mark.parametrize("promoted", ["announced as champion", "promoted by its own retraining"])
def test_once_it_is_champion_it_serves(run: Run, retrain: Run, artifact: Path, promoted: str) -> None:
    run.store.upload(artifact, model_folder("T", "T-1"))
    add(run, candidate_of="weekly/1")
    if promoted == "announced as champion":
        announce(run, version=retrain.version)
    else:
        promote(retrain)
    assert newest(run) == retrain.version
    add(run, "again", candidate_of="weekly/1")
    assert newest(run) == retrain.version


def test_one_that_may_serve_goes_on_serving_when_it_is_in_shadow_too(run: Run, retrain: Run) -> None:
    promote(retrain)
    add(run, candidate_of="weekly/1")
    assert newest(run) == retrain.version


def test_adding_it_again_changes_nothing(run: Run, retrain: Run, database: str) -> None:
    add(run, candidate_of="weekly/1")
    before, files = rows(database), run.store.files("T/models")
    add(run, candidate_of="weekly/1")
    assert (rows(database), run.store.files("T/models")) == (before, files)


def test_a_publication_that_was_cut_off_goes_on(
    run: Run, retrain: Run, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, left = Store.write, 2

    class Killed(BaseException):
        pass

    def dying(store: Store, path: str, content: bytes) -> Any:
        nonlocal left
        if not left:
            raise Killed
        left -= 1
        return write(store, path, content)

    with monkeypatch.context() as killed:
        killed.setattr(Store, "write", dying)
        with pytest.raises(Killed):
            add(run, candidate_of="weekly/1")
    assert not run.store.exists(f"{model_folder('T', retrain.version)}/{MANIFEST}")
    assert rows(database) == {}
    assert run.store.exists(shadow_mark("T", retrain.version))
    add(run, candidate_of="weekly/1")
    assert set(rows(database)) == {"lost"}
    assert len(run.store.files("T/models")) == len(run.store.files(f"{retrain.folder}/candidate"))


def test_a_published_version_is_taken_by_its_name(run: Run, artifact: Path, database: str) -> None:
    run.store.upload(artifact, model_folder("T", "T-1"))
    add(run, version="T-1")
    assert rows(database)["lost"].shadow.version == "T-1"


def test_an_unknown_version_is_refused_with_those_that_are_there(run: Run, artifact: Path) -> None:
    run.store.upload(artifact, model_folder("T", "T-1"))
    with pytest.raises(UsageError, match=r"region T has no version T-9 in .*; it has T-1"):
        add(run, version="T-9")


def test_an_unknown_retraining_is_refused(run: Run) -> None:
    with pytest.raises(DataError, match="run 'weekly/9' has no finished step 'train'"):
        add(run, candidate_of="weekly/9")


def test_a_model_of_another_region_is_refused(run: Run, artifact: Path, tmp_path: Path) -> None:
    folder = Path(run.store.locate(model_folder("T", "U-1")))
    run.store.upload(artifact, model_folder("T", "U-1"))
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "region": {**manifest["region"], "name": "U"}}))
    with pytest.raises(UsageError, match="is a model of region U, not of T"):
        add(run, version="U-1")


def test_a_damaged_model_is_refused_and_nothing_is_published(run: Run, retrain: Run, database: str) -> None:
    Path(run.store.locate(f"{retrain.folder}/candidate/trend.json")).write_text("{}")
    with pytest.raises(DataError, match=r"trend\.json does not fit its checksum"):
        add(run, candidate_of="weekly/1")
    assert (rows(database), published(run)) == ({}, [])


def test_the_champion_is_no_shadow_of_itself(run: Run, artifact: Path, database: str) -> None:
    run.store.upload(artifact, model_folder("T", "T-1"))
    values = deployments.parameters(
        region="T",
        version="T-1",
        run_id="weekly/0",
        reason="First.",
        metrics={},
        champion_version=None,
        artifact_path=model_folder("T", "T-1"),
        artifact_checksum=checksum(artifact),
        trained_from="2024-01-01T00:00:00+09:00",
        trained_to="2024-03-31T00:00:00+09:00",
    )
    with psycopg.connect(database) as connection:
        deployments.record(connection, values)
    with pytest.raises(UsageError, match="T-1 is the champion of region T"):
        add(run, version="T-1")
