"""Where PostgreSQL cannot keep a study, the sentence says so and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator

import optuna
import psycopg
import pytest

from trainer.database.studies import SCHEMA, study_storage
from trainer.errors import InfrastructureError

pytestmark = pytest.mark.integration


@pytest.fixture
def guest_url(database_url: str) -> Iterator[str]:
    """Of a role that owns nothing."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE study_guest LOGIN PASSWORD 'guest'")
        info = connection.info
        yield f"postgresql://study_guest:guest@{info.host}:{info.port}/{info.dbname}"
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute("DROP ROLE study_guest")


def test_a_user_who_may_make_no_schema_is_told_what_the_owner_does(guest_url: str, database_url: str) -> None:
    with (
        pytest.raises(InfrastructureError, match="CREATE SCHEMA optuna AUTHORIZATION study_guest"),
        study_storage(guest_url),
    ):
        pass
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE SCHEMA optuna AUTHORIZATION study_guest")
    with study_storage(guest_url) as storage:
        assert optuna.create_study(storage=storage).trials == []


def test_tables_of_another_optuna_are_named_with_the_way_on(database_url: str) -> None:
    with study_storage(database_url):
        pass
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE optuna.alembic_version SET version_num = 'v3.0.0.a'")
    with pytest.raises(InfrastructureError, match="DROP SCHEMA optuna CASCADE"), study_storage(database_url):
        pass


def test_a_server_that_goes_away_in_mid_search_is_one_to_be_tried_again(
    database_url: str, postgres_url: str
) -> None:
    def search() -> None:
        with study_storage(database_url) as storage:
            study = optuna.create_study(storage=storage)
            refuse_everyone(postgres_url, database_url.rpartition("/")[2])
            study.ask()

    with pytest.raises(InfrastructureError, match=r"cannot be reached.*then run again"):
        search()


def refuse_everyone(url: str, database: str) -> None:
    """Ends every connection to `database`, and lets no new one in."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,)
        )
