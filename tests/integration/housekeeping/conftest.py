"""One database for all tests here: each works on a region of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import postgres
from tests.integration.housekeeping.upkeep import Upkeep
from trainer.contract import Env
from trainer.database.schema import migrate


@pytest.fixture(scope="module")
def tidied_database(postgres_url: str) -> Iterator[str]:
    url = postgres.create_database(postgres_url, "tidied")
    migrate(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(Env.POSTGRES_URL, url)
        yield url
    postgres.drop_database(postgres_url, "tidied")


@pytest.fixture
def upkeep(tidied_database: str, tmp_path: Path) -> Upkeep:
    return Upkeep(tmp_path / "store", tidied_database)
