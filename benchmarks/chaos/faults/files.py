"""A store and a source that lose what they hold, or take no more."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.chaos.injection import Injection
from benchmarks.year.site import Site

_ROOM: Final = 65_536
"""Bytes that a full disk has left beside what lies on it."""


@contextmanager
def champion_lost(one: Injection) -> Iterator[None]:
    """Its folder is gone from the store."""
    folder = champion_folder(one.here)
    aside = one.here.state.folder / "aside"
    folder.rename(aside)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)


@contextmanager
def byte_flipped(one: Injection) -> Iterator[None]:
    """One byte of one of the champion's files is another."""
    path = one.random.choice(sorted(path for path in champion_folder(one.here).iterdir() if path.is_file()))
    content = path.read_bytes()
    place = one.random.randrange(len(content))
    path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    one.notes.append(path.name)
    try:
        yield
    finally:
        path.write_bytes(content)


@contextmanager
def source_cut(one: Injection) -> Iterator[None]:
    """The source's file ends in the middle of a row."""
    content = one.here.source.read_bytes()
    one.here.source.write_bytes(content[: one.random.randrange(1, len(content))])
    try:
        yield
    finally:
        one.here.source.write_bytes(content)


@contextmanager
def store_read_only(one: Injection) -> Iterator[None]:
    """The store is a mount without the right to write. Needs root."""
    store = str(one.here.store)
    _mount("--bind", store, store)
    try:
        _mount("--options", "remount,bind,ro", store)
        yield
    finally:
        _unmount(store)


@contextmanager
def store_full(one: Injection) -> Iterator[None]:
    """The disk on which the runs of the region lie has some kilobytes left. Needs root."""
    runs = one.here.store / one.here.region.name / "runs"
    aside = one.here.state.folder / "runs-aside"
    size = sum(path.stat().st_size for path in runs.rglob("*")) + _ROOM
    shutil.copytree(runs, aside)
    _mount("--types", "tmpfs", "--options", f"size={2 * size}", "tmpfs", str(runs))
    try:
        shutil.copytree(aside, runs, dirs_exist_ok=True)
        filler = runs / "filler"
        free = shutil.disk_usage(runs).free
        filler.write_bytes(bytes(max(free - _ROOM, 0)))
        yield
        filler.unlink()
        shutil.copytree(runs, aside, dirs_exist_ok=True)
    finally:
        _unmount(str(runs))
        shutil.copytree(aside, runs, dirs_exist_ok=True)
        shutil.rmtree(aside)


def mounts_are_allowed() -> bool:
    """Whether this user may mount: root, where no container forbids it."""
    with tempfile.TemporaryDirectory() as place:
        tried = subprocess.run(
            ["mount", "--types", "tmpfs", "tmpfs", place], check=False, capture_output=True
        )
        if tried.returncode == 0:
            _unmount(place)
        return tried.returncode == 0


def champion_folder(here: Site) -> Path:
    with psycopg.connect(here.database) as connection:
        row = connection.execute(
            "SELECT artifact_path FROM model_deployments WHERE region = %s AND status = 'active'",
            (here.region.name,),
        ).fetchone()
    assert row is not None  # a site of these faults has a champion
    return here.store / str(row[0])


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def _unmount(place: str) -> None:
    """Lazily, since a verb that is being ended may hold a file there."""
    subprocess.run(["umount", "--lazy", place], check=True)
