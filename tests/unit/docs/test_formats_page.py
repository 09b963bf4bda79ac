"""docs/formats.md says what the code reads."""

from __future__ import annotations

from pathlib import Path

from trainer.contract import FileSettings
from trainer.data.formats import FORMATS
from trainer.data.formats.page import page, rows

PAGE = Path(__file__).parents[3] / "docs/formats.md"


def test_the_page_is_what_the_code_generates() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


def test_every_setting_and_every_format_is_described() -> None:
    assert {name for name, _ in rows()} == FileSettings.keys()
    assert all(known.holds for known in FORMATS)
