"""Where PostgreSQL cannot keep a study, the sentence says so and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import optuna
import psycopg
import pytest

from trainer.database.studies import DELETING_KEY, SCHEMA, delete_old_studies, study_storage
from trainer.errors import InfrastructureError

pytestmark = pytest.mark.integration

X = optuna.distributions.IntDistribution(0, 1)


def none(_: str) -> bool:
    return False


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


def test_a_role_that_owns_the_schema_can_search_and_read_nothing_else(
    guest_url: str, database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE SCHEMA optuna AUTHORIZATION study_guest")
    with study_storage(guest_url) as storage:
        study = optuna.create_study(storage=storage, study_name="GR a")
        study.tell(study.ask(), 1.0)
        later = datetime.now(UTC) + timedelta(days=1)
        assert delete_old_studies(storage, guest_url, prefix="GR ", kept=none, before=later) == ["GR a"]
    with psycopg.connect(guest_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM raw_demand")


def test_tables_of_another_optuna_are_named_with_the_way_on(database_url: str) -> None:
    with study_storage(database_url):
        pass
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE optuna.alembic_version SET version_num = 'v3.0.0.a'")
    with pytest.raises(InfrastructureError, match="DROP SCHEMA optuna CASCADE"), study_storage(database_url):
        pass


def test_a_region_s_old_studies_are_deleted_but_for_the_one_in_use(database_url: str) -> None:
    old = datetime.now() - timedelta(days=100)
    begun = {"GR old": old, "GR resumed": old, "GR new": datetime.now(), "GR2 old": old}
    with study_storage(database_url) as storage:
        for name, moment in begun.items():
            study = optuna.create_study(storage=storage, study_name=name)
            trial = optuna.trial.create_trial(value=1.0, params={"x": 1}, distributions={"x": X})
            trial.datetime_start = moment
            study.add_trial(trial)
        before = datetime.now(UTC) - timedelta(days=90)
        deleted = delete_old_studies(
            storage, database_url, prefix="GR ", kept="GR resumed".__eq__, before=before
        )
        assert deleted == ["GR old"]
        left = {study.study_name for study in optuna.get_all_study_summaries(storage)}
        assert left == {"GR resumed", "GR new", "GR2 old"}
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT count(*) FROM optuna.trials").fetchone()
    assert rows == (3,), "a study's trials go with it"


def test_where_another_process_deletes_old_studies_this_one_leaves_them_to_it(database_url: str) -> None:
    now = datetime.now(UTC)
    with study_storage(database_url) as storage:
        optuna.create_study(storage=storage, study_name="GR old").add_trial(
            optuna.trial.create_trial(value=1.0)
        )
        arguments = {"prefix": "GR ", "kept": none, "before": now + timedelta(days=1)}
        with psycopg.connect(database_url) as other:
            other.execute("SELECT pg_advisory_lock(%s)", (DELETING_KEY,))
            assert delete_old_studies(storage, database_url, **arguments) == []
        assert delete_old_studies(storage, database_url, **arguments) == ["GR old"]


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
