"""Builds the InfluxDB 2 server from its published Go module, once, into the user's cache folder.

For machines where neither a package, nor the vendor's archive, nor a container can be had. It takes some five
minutes on two cores, with cargo and a C compiler on PATH. Two callers at once are safe: the second waits for
the first one's binary.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from stack import influxdb_tools
from trainer.errors import InfrastructureError

VERSION: Final = "2.7.12"
"""The newest that builds with Go 1.26.8; 2.8 and later ask for a newer compiler."""

# The replace directive is InfluxDB's own; Go ignores those of dependencies, so it must stand here again.
GO_MOD: Final = f"""\
module demandforecast/influxd

go 1.24

require (
	github.com/influxdata/influxdb/v2 v{VERSION}
	github.com/influxdata/pkg-config v0.2.14
)

replace github.com/nats-io/nats-streaming-server v0.11.2 => \
github.com/influxdata/nats-streaming-server v0.11.3-0.20201112040610-c277f7560803
"""

# Flux, InfluxDB's query engine, denies compiler warnings in its Rust half, and newer compilers than its own
# warn. RUSTFLAGS does not reach its build script; a wrapper does.
RUSTC_WRAPPER: Final = """\
#!/bin/sh
for argument in "$@"; do
  case "$argument" in --cap-lints*) exec "$@" ;; esac
done
exec "$@" --cap-lints allow
"""

Say = Callable[[str], None]


def cache_folder() -> Path:
    """The user's cache folder for this server version, made if it is missing."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "demand-forecast" / f"influxdb-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def cached_binary() -> Path | None:
    """The `influxd` of the cache folder, or None."""
    binary = cache_folder() / "influxd"
    return binary if os.access(binary, os.X_OK) else None


def build(say: Say = print) -> Path:
    """The path of `influxd`, built now unless the cache folder has it.

    Raises InfrastructureError naming the tools that are missing, or the log of a build that failed.
    """
    if binary := cached_binary():
        return binary
    if missing := influxdb_tools.missing():
        raise InfrastructureError(f"building InfluxDB needs {' and '.join(missing)}")
    folder = cache_folder()
    with _locked(folder / "lock", say):
        if binary := cached_binary():  # another process built it while this one waited
            return binary
        for rest in folder.glob("build-*/"):  # of builds that were killed
            shutil.rmtree(rest, ignore_errors=True)
        say(f"building InfluxDB {VERSION} from source, some minutes, once; log: {folder / 'build.log'}")
        # Beside its destination, so that the last rename cannot cross file systems.
        with tempfile.TemporaryDirectory(prefix="build-", dir=folder) as work:
            _compile(Path(work), folder / "build.log")
            (Path(work) / "influxd").rename(folder / "influxd")
    return folder / "influxd"


@contextmanager
def _locked(path: Path, say: Say) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is building InfluxDB; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _compile(work: Path, log_path: Path) -> None:
    (work / "go.mod").write_text(GO_MOD)
    wrapper = work / "rustc-wrapper"
    wrapper.write_text(RUSTC_WRAPPER)
    wrapper.chmod(0o755)
    environ = {
        **influxdb_tools.environment(),
        "RUSTC_WRAPPER": str(wrapper),
        "PKG_CONFIG": str(work / "pkg-config"),
        "CGO_ENABLED": "1",
        "GOWORK": "off",
    }
    with log_path.open("w", encoding="utf-8") as log:
        tools = influxdb_tools.gather(work, log)
        environ["PATH"] = os.pathsep.join([str(tools), os.environ.get("PATH", os.defpath)])
        if (tools / "go").is_symlink():  # who has no Go is not left with its caches
            environ |= {"GOPATH": str(work / "gopath"), "GOCACHE": str(work / "gocache")}
            environ["GOFLAGS"] = "-modcacherw"  # else it is read-only and cannot be removed
        # InfluxData's own pkg-config compiles Flux's Rust half when cgo asks for its flags.
        build = ["go", "build", "-mod=mod"]
        package = "github.com/influxdata/pkg-config"
        _run([*build, "-o", "pkg-config", package], work, environ, log)
        package = "github.com/influxdata/influxdb/v2/cmd/influxd"
        tags = "sqlite_foreign_keys sqlite_json"
        _run([*build, "-trimpath", "-tags", tags, "-o", "influxd", package], work, environ, log)


def _run(command: Sequence[str], work: Path, environ: dict[str, str], log: IO[str]) -> None:
    log.write(f"$ {' '.join(command)}\n")
    log.flush()
    done = subprocess.run(command, cwd=work, env=environ, stdout=log, stderr=log, check=False)
    if done.returncode != 0:
        raise InfrastructureError(
            f"building InfluxDB failed: `{' '.join(command)}` ended with {done.returncode}; log: {log.name}"
        )
