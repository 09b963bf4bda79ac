"""The page's own files: what ships, and what no script may do."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.requests import Request

from demand_forecast.page.assets import STATIC, Asset, read_assets

SCRIPTS = sorted((STATIC / "js").glob("*.js"))
VENDOR = STATIC / "vendor"


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw})


def test_the_charting_library_is_the_one_that_was_published_with_its_licence() -> None:
    stated = dict(re.findall(r"\| (\S+) \| ([0-9a-f]{64}) \|", (VENDOR / "README.md").read_text()))
    assert stated == {
        path.name: sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.suffix in (".js", ".css")
    }
    assert "MIT License" in (VENDOR / "LICENSE.uPlot").read_text()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_markup_or_code_of_data(path: Path) -> None:
    banned = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(['\"]"
    assert re.findall(banned, path.read_text(encoding="utf-8")) == []


def test_the_page_loads_nothing_from_elsewhere_and_holds_no_inline_code() -> None:
    index = (STATIC / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"(?:src|href)=\"([^\"]+)\"", index)
    assert re.findall(r"(?:src|href)=\"(?!static/)", index) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", index) == []


def test_what_a_script_imports_is_there() -> None:
    assets = read_assets()
    for path in SCRIPTS:
        for name in re.findall(r"from \"\./([\w.]+)\"", path.read_text(encoding="utf-8")):
            assert f"js/{name}" in assets


def test_only_files_of_the_folder_can_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "page.js").write_text("1")
    assert set(read_assets(tmp_path)) == {"inner/page.js"}


def test_a_script_is_called_javascript_whatever_the_system_calls_it(tmp_path: Path) -> None:
    (tmp_path / "page.js").write_text("1")
    assert Asset.read(tmp_path / "page.js").media_type == "text/javascript"


def test_a_browser_that_has_the_file_is_not_sent_it_again(tmp_path: Path) -> None:
    (tmp_path / "page.css").write_text("a")
    asset = Asset.read(tmp_path / "page.css")
    assert asset.answer(request()).status_code == 200
    again = asset.answer(request(if_none_match=asset.etag))
    assert (again.status_code, again.body) == (304, b"")
    (tmp_path / "page.css").write_text("b")
    assert Asset.read(tmp_path / "page.css").answer(request(if_none_match=asset.etag)).status_code == 200
