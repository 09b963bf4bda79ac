"""The store writes whole files or none, and hands out only what it promised."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.contract import FileRef
from trainer.errors import ArtifactError, InfrastructureError, UsageError
from trainer.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.at(tmp_path)


@pytest.mark.parametrize("name", ["my store", "100%", "a%20b", "전력 수요"])
def test_a_folder_of_any_name_holds_what_is_written_into_its_store(tmp_path: Path, name: str) -> None:
    store = Store.at(tmp_path / name)
    store.write("KR/x", b"content")
    assert (tmp_path / name / "KR/x").read_bytes() == b"content"
    assert Store(store.url).read("KR/x") == b"content"
    assert store.locate("KR/x") == str(tmp_path / name / "KR/x")


def test_what_was_written_is_read_back_by_its_reference(store: Store) -> None:
    ref = store.write("KR/runs/a/x.json", b"content")
    assert store.read_checked(ref) == b"content"


def test_writing_again_replaces_the_file(store: Store, tmp_path: Path) -> None:
    store.write("x", b"one")
    store.write("x", b"two")
    assert store.read("x") == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_damaged_file_is_refused(store: Store, tmp_path: Path) -> None:
    ref = store.write("model", b"weights")
    (tmp_path / "model").write_bytes(b"weightz")
    with pytest.raises(ArtifactError, match="is damaged"):
        store.read_checked(ref)


def test_a_missing_file_is_named(store: Store) -> None:
    with pytest.raises(ArtifactError, match="KR/gone is missing"):
        store.read_checked(FileRef("KR/gone", "0", 0))


def test_a_folder_goes_up_and_comes_down_unchanged(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.json").write_text("1")
    (source / "b.bin").write_bytes(b"\x00")
    store.upload(source, "KR/models/v1")
    assert store.names("KR/models/v1") == ["a.json", "b.bin"]
    with store.download("KR/models/v1") as folder:
        assert (folder / "b.bin").read_bytes() == b"\x00"


@pytest.mark.parametrize("url", [None, "memory://removal"])
def test_a_folder_is_removed_with_all_in_it_and_what_is_not_there_is_no_fault(
    store: Store, url: str | None
) -> None:
    place = Store(url) if url else store
    place.write("KR/runs/a/checkpoints/b/c", b"1")
    place.write("KR/runs/a/train.json", b"2")
    for _ in range(2):
        place.remove("KR/runs/a/checkpoints")
    assert not place.exists("KR/runs/a/checkpoints/b/c")
    assert place.read("KR/runs/a/train.json") == b"2"


def test_the_same_works_where_files_are_objects(tmp_path: Path) -> None:
    store = Store("memory://models")
    (tmp_path / "a.json").write_text("1")
    store.upload(tmp_path, "KR/models/v1")
    assert store.names("KR/models") == ["v1"]
    with store.download("KR/models/v1") as folder:
        assert (folder / "a.json").read_text() == "1"


def test_of_objects_only_those_come_down_that_are_wanted(tmp_path: Path) -> None:
    store = Store("memory://wanted")
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text("1")
    store.upload(tmp_path, "KR/models/v1")
    with store.download("KR/models/v1", only=lambda name: name == "b.json") as folder:
        assert [file.name for file in folder.iterdir()] == ["b.json"]


def test_an_empty_folder_cannot_be_downloaded(store: Store) -> None:
    with pytest.raises(FileNotFoundError), store.download("KR/models/none"):
        pass


def test_a_url_that_nobody_serves_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="cannot be opened"):
        Store("nosuch://bucket")


def test_a_full_disk_leaves_the_old_file_and_says_so(store: Store, tmp_path: Path) -> None:
    # The kernel's own limit on file size stands in for a full disk: a partition cannot be had without root.
    store.write("model", b"old")
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "from pathlib import Path; from trainer.store import Store\n"
        "from trainer.errors import InfrastructureError\n"
        "try: Store.at(Path(sys.argv[1])).write('model', b'n' * 100_000)\n"
        "except InfrastructureError as error: print(error); sys.exit(4)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 4, done.stderr
    assert store.read("model") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_no_space_left_is_told_with_the_mend(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InfrastructureError, match="free space and run the step again"):
        store.write("model", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_permission_is_an_infrastructure_error() -> None:
    with pytest.raises(InfrastructureError, match="store refused"):
        Store("file:///proc/demand-forecast").write("x", b"1")
