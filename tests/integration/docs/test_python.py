"""The page for Python users says what happens, line by line."""

from __future__ import annotations

import doctest
from pathlib import Path

import matplotlib as mpl
import pytest

PAGE = Path(__file__).parents[3] / "docs" / "python.md"

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def test_every_example_gives_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with mpl.rc_context({"backend": "agg"}):
        found = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert found.attempted > 10
    assert found.failed == 0
    assert (tmp_path / "tomorrow.png").stat().st_size > 10_000
