"""docs/glossary.md names places and words that the code has."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs.shell import REPOSITORY

PAGE = (REPOSITORY / "docs/glossary.md").read_text(encoding="utf-8")
PLACES = re.findall(r"`((?:trainer|plugins|tests)/[\w/.]+)`", PAGE)
NAMED = re.findall(r"`([\w/]+\.py)`: ((?:`\w+`(?:, )?)+)", PAGE)


@pytest.mark.parametrize("place", PLACES)
def test_every_place_exists(place: str) -> None:
    assert (REPOSITORY / place).exists()


@pytest.mark.parametrize(("path", "names"), NAMED)
def test_every_name_stands_in_its_file(path: str, names: str) -> None:
    source = (REPOSITORY / path).read_text(encoding="utf-8")
    for name in re.findall(r"`(\w+)`", names):
        assert re.search(rf"^\s*(?:(?:async )?def |class )?{name}\b", source, flags=re.MULTILINE), name


def test_every_room_is_listed() -> None:
    folders = [
        folder
        for parent in ("trainer", "trainer/model", "plugins/demand_forecast")
        for folder in (REPOSITORY / parent).iterdir()
        if (folder / "__init__.py").exists()
    ]
    names = {folder.relative_to(REPOSITORY).as_posix() for folder in folders}
    assert names - {"trainer/model"} - set(PLACES) == set()  # whose rooms are listed


def test_there_are_terms_and_rooms() -> None:
    assert len(NAMED) > 40
    assert len(PLACES) > len(NAMED)
