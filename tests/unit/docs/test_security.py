"""Each sentence of the threat model has a test that holds it, and that test is there."""

from __future__ import annotations

import re

import pytest

from tests.unit.docs.shell import REPOSITORY

PAGE = (REPOSITORY / "SECURITY.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+?) \| (.+?) \|$", PAGE, flags=re.MULTILINE)[1:]


@pytest.mark.parametrize(("sentence", "holder"), ROWS, ids=[sentence for sentence, _ in ROWS])
def test_a_sentence_has_its_test(sentence: str, holder: str) -> None:
    named = re.fullmatch(r"`(tests/\S+\.py)::(test_\w+)`", holder)
    assert named, sentence
    assert f"def {named[2]}(" in (REPOSITORY / named[1]).read_text(encoding="utf-8")


def test_there_is_a_threat_model() -> None:
    assert len(ROWS) > 20
