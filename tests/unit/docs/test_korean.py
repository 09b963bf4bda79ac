"""README.ko.md says what README.md says: same headings, same commands, same code, same links."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.unit.docs.shell import REPOSITORY, blocks, commands

ENGLISH = REPOSITORY / "README.md"
KOREAN = REPOSITORY / "README.ko.md"
EACH_OTHER = {"README.md", "README.ko.md"}


def prose(path) -> str:
    return re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def headings(path) -> list[str]:
    return re.findall(r"^(#+) .+$", prose(path), flags=re.MULTILINE)


def table_rows(path) -> list[str]:
    """What stands in the first column: names of folders, the same in every language."""
    return re.findall(r"^\| (`[^|]+`) \|", prose(path), flags=re.MULTILINE)


def test_headings_are_as_many_and_in_the_same_order_of_levels() -> None:
    assert headings(KOREAN) == headings(ENGLISH)


def test_commands_are_the_same_in_the_same_order() -> None:
    said = [
        [command.words for block in blocks(page) for command in commands(block)] for page in (KOREAN, ENGLISH)
    ]
    assert said[0] == said[1]
    assert len(said[0]) >= 7


@pytest.mark.parametrize("pattern", [r"`([^`\n]+)`", r"\]\(([^)]+)\)"], ids=["code", "links"])
def test_code_and_links_in_the_text_are_the_same(pattern: str) -> None:
    korean, english = (Counter(re.findall(pattern, prose(page))) for page in (KOREAN, ENGLISH))
    for other in EACH_OTHER:
        del korean[other], english[other]
    assert korean == english


def test_tables_have_the_same_rows() -> None:
    assert table_rows(KOREAN) == table_rows(ENGLISH)


def test_the_drawing_names_the_same_tasks() -> None:
    drawings = [
        [
            body
            for language, body in re.findall(
                r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S
            )
            if not language
        ]
        for page in (KOREAN, ENGLISH)
    ]
    tasks = [
        set(re.findall(r"[a-z]+_[a-z_]+|KubernetesPodOperator", "".join(drawing))) for drawing in drawings
    ]
    assert tasks[0] == tasks[1]
    assert "record_deployment" in tasks[0]


def test_each_leads_to_the_other() -> None:
    assert "](README.md)" in KOREAN.read_text(encoding="utf-8")
    assert "](README.ko.md)" in ENGLISH.read_text(encoding="utf-8")


def test_the_korean_text_is_korean() -> None:
    paragraphs = [p for p in re.split(r"\n\s*\n", prose(KOREAN)) if len(p) > 80]
    assert paragraphs
    for paragraph in paragraphs:
        assert re.search(r"[가-힣]{2}", paragraph), f"not translated: {paragraph[:60]}"
