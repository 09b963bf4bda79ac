"""`.env` as `make up` writes it."""

from __future__ import annotations

import base64
from pathlib import Path

from stack.compose_env import fill, write
from tests.unit.compose.composition import EXAMPLE, dotenv


def test_every_name_gets_a_value() -> None:
    template = EXAMPLE.read_text(encoding="utf-8")
    filled = dotenv(fill(template))
    assert filled.keys() == dotenv(template).keys()
    assert [name for name, value in filled.items() if not value] == []


def test_secrets_are_long_all_different_and_new_each_time() -> None:
    template = EXAMPLE.read_text(encoding="utf-8")
    given = dotenv(template)
    first, second = dotenv(fill(template)), dotenv(fill(template))
    secrets = [name for name, value in given.items() if not value]
    drawn = [values[name] for values in (first, second) for name in secrets]
    assert len(set(drawn)) == 2 * len(secrets)
    assert min(map(len, drawn)) >= 44
    assert {name: first[name] for name in given.keys() - secrets} == {k: v for k, v in given.items() if v}


def test_the_fernet_key_is_one() -> None:
    from cryptography.fernet import Fernet

    key = dotenv(fill("AIRFLOW_FERNET_KEY=\n"))["AIRFLOW_FERNET_KEY"]
    assert len(base64.urlsafe_b64decode(key)) == 32
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"x")) == b"x"


def test_values_names_and_comments_that_are_given_stay() -> None:
    assert fill("# A=\nB=1\n# C=\n") == "# A=\nB=1\n# C=\n"


def test_only_its_owner_reads_it_and_it_is_written_once(tmp_path: Path) -> None:
    target = tmp_path / ".env"
    assert write(target, EXAMPLE)
    content = target.read_text()
    assert target.stat().st_mode & 0o777 == 0o600
    assert not write(target, EXAMPLE)
    assert target.read_text() == content
