"""A database that release 0.1.0 filled keeps all it holds through the upgrade, and goes on from there.

release_0_1_0/ is what that release's own verbs left at its last revision: three daily runs of a region, two
promotions, a candidate turned away, a rollback, a word of a person, a forecast that InfluxDB is owed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
import pytest
from fastapi import Depends, FastAPI
from psycopg import sql

from demand_forecast.promotion import deployments
from stack import postgres
from tests.integration.api.live import serving
from trainer.api.read import ROUTES, Database, add_problem_handlers, read_router
from trainer.contract import Region
from trainer.database.connection import connect
from trainer.database.deliveries import backlog
from trainer.database.judgements import read_overrulings
from trainer.database.predictions import read_predictions, upsert_predictions
from trainer.database.schema import current, downgrade, migrate

pytestmark = pytest.mark.integration

RELEASE: Final = Path(__file__).with_name("release_0_1_0")
REVISION: Final = "0006"
"""The last one of that release."""
TOWN: Final = Region(
    name="T", title="Test", timezone="Asia/Seoul", country="KR", latitude=36.5, longitude=127.5
)
ORIGIN: Final = datetime(2024, 3, 14, 15, tzinfo=UTC)

Content = dict[str, list[tuple[Any, ...]]]


def columns_of(table: Path) -> list[str]:
    return table.read_text(encoding="utf-8").partition("\n")[0].split(",")


def fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        for table in sorted(RELEASE.glob("*.csv")):
            columns = sql.SQL(", ").join(map(sql.Identifier, columns_of(table)))
            into = sql.SQL("COPY {} ({}) FROM STDIN CSV HEADER").format(sql.Identifier(table.stem), columns)
            with connection.cursor().copy(into) as copy:
                copy.write(table.read_bytes())
        for numbered in ("demand_judgements", "influx_deliveries", "model_deployments"):
            last = "SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}"
            connection.execute(sql.SQL(last).format(numbered, sql.Identifier(numbered)))


def content(url: str) -> Content:
    """Of each table the columns that it had in 0.1.0, in order."""
    found: Content = {}
    with psycopg.connect(url) as connection:
        for table in sorted(RELEASE.glob("*.csv")):
            columns = sql.SQL(", ").join(map(sql.Identifier, columns_of(table)))
            query = sql.SQL("SELECT {0} FROM {1} ORDER BY {0}").format(columns, sql.Identifier(table.stem))
            found[table.stem] = connection.execute(query).fetchall()
    return found


@pytest.fixture
def old_url(postgres_url: str) -> Iterator[str]:
    """As release 0.1.0 left it."""
    url = postgres.create_database(postgres_url, "release_0_1_0")
    migrate(url, REVISION)
    fill(url)
    yield url
    postgres.drop_database(postgres_url, "release_0_1_0")


@pytest.fixture
def upgraded(old_url: str) -> str:
    migrate(old_url)
    return old_url


@pytest.fixture
def client(upgraded: str) -> Iterator[httpx.Client]:
    """Of the read routes that the page and the REST API share."""
    database = Database(upgraded, size=2)
    app = FastAPI()
    add_problem_handlers(app)
    open_to_all = {name: [Depends(lambda: None)] for name in ROUTES}
    app.include_router(read_router(connect=database.connect, regions=lambda: {"T": TOWN}, guards=open_to_all))
    with serving(app) as address, httpx.Client(base_url=address, timeout=30) as found:
        yield found
    database.close()


def answer(client: httpx.Client, path: str, **query: str) -> dict[str, Any]:
    response = client.get(f"/api{path}", params={"region": "T", **query})
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_no_row_and_no_figure_is_lost(old_url: str) -> None:
    before = content(old_url)
    migrate(old_url)
    assert content(old_url) == before
    assert {table: len(rows) for table, rows in before.items()} == {
        "demand_judgements": 1,
        "influx_deliveries": 1,
        "model_deployments": 4,
        "model_metrics": 50,
        "predictions": 72,
        "raw_demand": 72,
        "snapshots": 3,
    }


def test_each_step_goes_back_and_forth_over_the_rows(old_url: str) -> None:
    before = content(old_url)
    head = migrate(old_url)
    while current(old_url) != REVISION:
        downgrade(old_url, "-1")
        assert content(old_url) == before
    migrate(old_url)
    assert (current(old_url), content(old_url)) == (head, before)


def test_the_champion_serves_on_with_its_history(upgraded: str) -> None:
    with psycopg.connect(upgraded) as connection:
        champion = deployments.active(connection, "T")
        assert champion is not None
        assert (champion.version, champion.artifact_path) == ("T-1", "T/models/T-1")
        assert [row.version for row in deployments.history(connection, "T")] == ["T-1", "T-3", "T-2", "T-1"]


def test_the_next_promotion_and_the_next_rollback_go_over_it(upgraded: str) -> None:
    values = deployments.parameters(
        region="T",
        version="T-4",
        run_id="run-4",
        reason="better",
        metrics={"challenger": {"mape": 1.4}},
        champion_version="T-1",
        artifact_path="T/models/T-4",
        artifact_checksum=f"{4:064x}",
        trained_from="2023-12-31T15:00:00+00:00",
        trained_to="2024-03-10T15:00:00+00:00",
    )
    with psycopg.connect(upgraded) as connection:
        assert deployments.record(connection, values).version == "T-4"
        back = deployments.rollback(
            connection, region="T", version="T-2", run_id="rollback-2", reason="wrong on holidays"
        )
        assert back.version == "T-2"


def test_a_forecast_of_before_is_read_and_the_next_stands_beside_it(upgraded: str) -> None:
    with connect(upgraded) as connection:
        kept = read_predictions(connection, "T", ORIGIN)
        assert (len(kept), kept["forecast"].iloc[0]) == (24, 5259.426)
        again = kept.assign(forecast=kept["forecast"] + 1, upper=kept["upper"] + 1)
        upsert_predictions(connection, again, region="T", run_id="daily/1")
        assert read_predictions(connection, "T", ORIGIN)["forecast"].iloc[0] == 5260.426
        assert connection.execute("SELECT count(*) FROM predictions").fetchone() == (72,)


def test_what_influxdb_is_owed_is_still_owed(upgraded: str) -> None:
    with connect(upgraded) as connection:
        assert backlog(connection, "T").owed == 1


def test_a_person_s_word_still_holds(upgraded: str) -> None:
    with connect(upgraded) as connection:
        (word,) = read_overrulings(connection, "T")
    assert (word.judgement.value, word.decided_by) == ("accepted", "ann")


def test_page_and_api_show_what_was_there(client: httpx.Client) -> None:
    assert len(answer(client, "/predictions/latest")["hours"]) == 24
    both = answer(client, "/actual-vs-forecast", start="2024-03-15T00:00", end="2024-03-17T00:00")["hours"]
    assert len(both) == 48
    assert all(hour["actual_mw"] is not None and hour["forecast_mw"] is not None for hour in both)
    assert len(answer(client, "/metrics/performance")["by_day"]) == 2
    assert answer(client, "/models")["champion"]["version"] == "T-1"
