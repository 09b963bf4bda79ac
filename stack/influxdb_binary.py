"""Where an `influxd` comes from: PATH, the user's cache folder, the vendor's archive, a build from source.

python -m stack.influxdb_binary      gets one and prints its path
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from stack import influxdb_build, influxdb_tools
from stack.influxdb_build import VERSION, Say
from trainer.contract import Env
from trainer.errors import InfrastructureError

ARCHITECTURES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
RELEASES: Final = f"https://download.influxdata.com/influxdb/releases/v{VERSION}"
PATIENCE: Final = 10.0
"""Seconds that the vendor's server has for an answer, and between two pieces of one."""

OTHER_WAYS: Final = (
    "install the vendor's package influxdb2, or name a running one in INFLUXDB_URL, INFLUXDB_TOKEN, "
    "INFLUXDB_ORG and INFLUXDB_BUCKET"
)


class NotToBeHadError(InfrastructureError):
    """No `influxd` is here and none can be made; the message is one sentence, with the ways to get one."""


def found() -> Path | None:
    """An `influxd` that this machine has already, or None."""
    if on_path := shutil.which("influxd"):
        return Path(on_path)
    return influxdb_build.cached_binary()


def obtain(say: Say = print, *, releases: str = RELEASES) -> Path:
    """An `influxd`: found, else downloaded, else built (some minutes).

    Raises NotToBeHadError when no way is left, InfrastructureError naming the log of a build that failed.
    """
    if binary := found():
        return binary
    try:
        return download(say, releases=releases)
    except InfrastructureError as error:
        say(str(error))
    check_build()
    return influxdb_build.build(say)


def check_build() -> None:
    """Raises NotToBeHadError, naming every way to an `influxd`, when this machine could not build one."""
    if missing := influxdb_tools.missing():
        raise NotToBeHadError(
            f"InfluxDB is not on this machine: to have it built, install {' and '.join(missing)}; "
            f"else {OTHER_WAYS}"
        )


def download(say: Say = print, *, releases: str = RELEASES) -> Path:
    """The vendor's `influxd`, checked against the checksum published beside it, put into the cache folder.

    Raises InfrastructureError when there is no archive for this processor, no answer in time, or a wrong
    checksum.
    """
    architecture = ARCHITECTURES.get(platform.machine().lower())
    if platform.system() != "Linux" or architecture is None:
        raise InfrastructureError(
            f"the vendor has no archive for {platform.system()} on {platform.machine()}; building from source"
        )
    name = f"influxdb2-{VERSION}_linux_{architecture}.tar.gz"
    folder = influxdb_build.cache_folder()
    with tempfile.TemporaryDirectory(prefix="download-", dir=folder) as work:
        archive = Path(work) / name
        try:
            published = (
                _fetch(f"{releases}/{name}.sha256", archive.with_suffix(".sha256")).read_text().split()
            )
            say(f"downloading InfluxDB {VERSION}")
            _fetch(f"{releases}/{name}", archive)
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise InfrastructureError(f"the vendor's archive of InfluxDB cannot be had ({reason})") from error
        if not published or hashlib.sha256(archive.read_bytes()).hexdigest() != published[0]:
            raise InfrastructureError(f"{releases}/{name} does not fit its published checksum; not used")
        _unpack(archive, Path(work) / "influxd")
        (Path(work) / "influxd").rename(folder / "influxd")
    return folder / "influxd"


def _fetch(url: str, target: Path) -> Path:
    with httpx.stream("GET", url, timeout=PATIENCE, follow_redirects=True) as answer:
        answer.raise_for_status()
        with target.open("wb") as file:
            for piece in answer.iter_bytes():
                file.write(piece)
    return target


def _unpack(archive: Path, binary: Path) -> None:
    """Takes the one file `.../influxd` out of the archive; nothing else is written."""
    with tarfile.open(archive) as tar:
        for member in tar:
            content = tar.extractfile(member) if Path(member.name).name == "influxd" else None
            if content is not None:
                with content, binary.open("wb") as file:
                    shutil.copyfileobj(content, file)
                binary.chmod(0o755)
                return
    raise InfrastructureError(f"{archive.name} holds no influxd; not used")


def prospect(environ: Mapping[str, str] = os.environ) -> str:
    """How the demo will come by InfluxDB, told before anything starts.

    Raises NotToBeHadError when no way is left: no server named, no binary, no tools to build one, and (asked
    last, since it may take PATIENCE) no answer from the vendor.
    """
    if url := environ.get(Env.INFLUXDB_URL):
        return f"at {url}"
    if binary := found():
        return str(binary)
    if not influxdb_tools.missing():
        return "downloaded, else built from source beside the training"
    try:
        download(lambda _: None)
    except InfrastructureError:
        check_build()
    return "downloaded"


def main() -> int:
    """Prints the path of an influxd; 4 when none can be had."""
    started = time.monotonic()
    try:
        binary = obtain(lambda text: print(text, file=sys.stderr, flush=True))
    except InfrastructureError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    print(f"there after {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(binary)
    return 0


if __name__ == "__main__":
    sys.exit(main())
