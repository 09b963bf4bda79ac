"""An hourly product in one step: what it says, what it leaves, and what none of its faults costs it."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from tests.dags.site import crown
from tests.integration.steps.small_model import DAYS, checksum
from tests.integration.steps.stores import times, values
from trainer.contract import Manifest, Product, Region, Shadow, ShadowKind, manifest_path, model_folder
from trainer.contract.products import product_dag_id
from trainer.database import connect
from trainer.database.predictions import read_predictions
from trainer.database.shadows import store_shadow
from trainer.errors import DataError, NoModelError, UsageError
from trainer.steps.champions import pin_champions
from trainer.steps.forecast import forecast
from trainer.steps.ingest import ingest
from trainer.steps.intraday import intraday
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

HOURLY = Product.parse("T", "intraday", {"every": "1h", "hours": 6})
KEPT_UNDER = product_dag_id("T", "intraday")
BEFORE, UNTIL = "2024-03-30T00:00:00+09:00", "2024-03-31T00:00:00+09:00"
"""Up to which the champion before the champion, and the champion, are said to have learned."""


@pytest.fixture
def store(tmp_path: Path, artifact: Path) -> Store:
    store = Store.at(tmp_path / "store")
    for version in ("T-0", "T-1"):
        store.upload(artifact, model_folder("T", version))
    return store


@pytest.fixture
def champions(artifact: Path, database: str) -> None:
    """T-1, and before it T-0."""
    with psycopg.connect(database) as connection:
        for version, until in (("T-0", BEFORE), ("T-1", UNTIL)):
            trained = ("2024-01-01T00:00:00+09:00", until)
            crown(connection, "T", version, trained=trained, checksum=checksum(artifact))


@pytest.fixture
def run_at(place: Region, store: Store) -> Callable[..., Run]:
    def make(moment: str, **region: Any) -> Run:
        as_of = pd.Timestamp(moment, tz=place.timezone).tz_convert("UTC").to_pydatetime()
        return Run(
            region=replace(place, forecasts=(HOURLY,), **region),
            run_id=f"{KEPT_UNDER}/{moment}",
            as_of=as_of,
            store=store,
            kept_under=KEPT_UNDER,
        )

    return make


def made(run: Run, **options: Any) -> Manifest:
    return intraday(run, **{"product": HOURLY, "lookback_days": DAYS, "ingest_seconds": 60, **options})


def rows(database: str, origin: str) -> pd.DataFrame:
    moment = pd.Timestamp(origin, tz="Asia/Seoul").to_pydatetime()
    with connect(database) as connection:
        return read_predictions(connection, "T", moment, "intraday")


def files(store: Store) -> list[str]:
    """All but the published models."""
    return [file.path for file in store.files("T") if "/models/" not in file.path]


def test_it_publishes_what_the_daily_steps_would_have(
    run_at: Callable[..., Run], champions: None, artifact: Path, database: str, buckets: Any, tmp_path: Path
) -> None:
    run = run_at("2024-04-05 10:00")
    facts = made(run).facts
    by_steps = replace(run, store=Store.at(tmp_path / "by steps"), kept_under=None)
    by_steps.store.upload(artifact, model_folder("T", "T-1"))
    snapshot(by_steps, lookback_days=DAYS, source=None)
    model = PinnedModel("T-1", checksum(artifact))
    expected = forecast(by_steps, horizon=24, model=model, previous=None, product=HOURLY)
    frame = pd.read_parquet(by_steps.store.locate(expected.outputs["forecast.parquet"].path))
    published = rows(database, "2024-04-05 10:00")
    assert published["forecast"].tolist() == frame["forecast"].tolist()
    assert published["lower"].tolist() == frame["lower"].tolist()
    assert published["lead_time"].tolist() == [1, 2, 3, 4, 5, 6]
    assert {name: facts[name] for name in expected.facts} == expected.facts
    assert facts["ingest"]["written"] == 24 * (31 + 29 + 31 + 4) + 10
    assert (facts["postgres_rows"], facts["influxdb_owed"], facts["influxdb_error"]) == (6, 0, None)
    assert times(buckets, "power_demand_forecast") == 6


def test_a_day_of_runs_leaves_the_last_one_s_manifest_and_no_snapshot(
    run_at: Callable[..., Run], champions: None, store: Store, database: str
) -> None:
    for hour in range(4):
        run = run_at(f"2024-04-05 {hour:02}:00")
        made(run)
    assert files(store) == [manifest_path("T", KEPT_UNDER, "intraday")]
    last = run.require("intraday")
    assert (last.run_id, last.facts["stale_hours"]) == (run.run_id, 0)
    assert last.parameters["model"]["version"] == "T-1"
    assert values(database, "SELECT count(*) FROM snapshots") == [(0,)]
    assert values(database, "SELECT count(*), count(DISTINCT origin) FROM predictions") == [(24, 4)]


def test_a_rerun_converges_to_the_same_rows_and_points(
    run_at: Callable[..., Run], champions: None, database: str, buckets: Any
) -> None:
    run = run_at("2024-04-05 10:20")
    made(run)
    first = rows(database, "2024-04-05 10:00")
    made(run)
    pd.testing.assert_frame_equal(rows(database, "2024-04-05 10:00"), first)
    assert values(database, "SELECT count(*) FROM predictions") == [(6,)]
    assert times(buckets, "power_demand_forecast") == 6


def test_a_damaged_champion_gives_way_to_the_one_before_it_and_then_to_the_baseline(
    run_at: Callable[..., Run], champions: None, store: Store, database: str
) -> None:
    store.write(f"{model_folder('T', 'T-1')}/trend.json", b"{}")
    facts = made(run_at("2024-04-05 10:00")).facts
    assert (facts["version"], facts["fallback"]) == ("T-0", "previous")
    assert set(rows(database, "2024-04-05 10:00")["fallback"]) == {"previous"}
    store.remove(model_folder("T", "T-0"))
    facts = made(run_at("2024-04-05 11:00")).facts
    assert facts["fallback"] == "baseline"
    assert len(facts["fallback_reasons"]) == 2


def test_a_champion_that_is_not_the_one_on_record_is_not_used(
    run_at: Callable[..., Run], champions: None, database: str
) -> None:
    with connect(database) as connection:
        connection.execute("UPDATE model_deployments SET artifact_checksum = %s", ("0" * 64,))
    assert made(run_at("2024-04-05 10:00")).facts["fallback"] == "baseline"


def test_a_replay_pins_no_model_that_has_hindsight(champions: None, artifact: Path, database: str) -> None:
    def pinned(moment: str) -> list[str | None]:
        with connect(database) as connection:
            model, before = pin_champions(connection, "T", pd.Timestamp(moment).to_pydatetime())
        assert model.checksum == checksum(artifact)
        return [model.version, before.version if before else None]

    assert pinned(UNTIL) == ["T-1", "T-0"]
    assert pinned(BEFORE) == ["T-0", None]
    assert pinned("2024-02-01T00:00:00+09:00") == ["T-1", None], "which the ladder turns away"


def test_a_product_that_is_made_once_a_day_is_refused_with_those_that_may_be_asked_for(
    run_at: Callable[..., Run], champions: None, database: str
) -> None:
    daily = Product.parse("T", "day_ahead", {"at": "10:00", "covers": "tomorrow"})
    run = run_at("2024-04-05 10:00")
    both = replace(run, region=replace(run.region, forecasts=(daily, HOURLY)))
    with pytest.raises(UsageError, match=r"'day_ahead' .* once a day, by `forecast` .*: intraday$"):
        made(both, product=daily)
    alone = replace(run, region=replace(run.region, forecasts=(daily,)))
    with pytest.raises(UsageError, match=r"`every`: there is none$"):
        made(alone, product=daily)
    assert values(database, "SELECT count(*) FROM raw_demand") == [(0,)]


def test_a_region_without_a_model_says_so(run_at: Callable[..., Run], database: str) -> None:
    with pytest.raises(NoModelError, match="region T has no model yet"):
        made(run_at("2024-04-05 10:00"))


def test_a_dead_source_costs_its_new_hours_alone(
    run_at: Callable[..., Run], champions: None, tmp_path: Path, database: str
) -> None:
    ingest(run_at("2024-04-05 07:00"), source=None)
    facts = made(run_at("2024-04-05 10:00", source=str(tmp_path / "gone.csv"))).facts
    assert "gone.csv" in facts["ingest"]["error"]
    assert (facts["stale_hours"], facts["fallback"], facts["postgres_rows"]) == (3, "none", 6)


@pytest.fixture
def silent_source() -> Iterator[str]:
    """An address that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/demand.csv"


def test_a_source_that_does_not_answer_holds_nothing_back(
    run_at: Callable[..., Run], champions: None, silent_source: str, caplog: pytest.LogCaptureFixture
) -> None:
    ingest(run_at("2024-04-05 07:00"), source=None)
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        facts = made(run_at("2024-04-05 10:00", source=silent_source), ingest_seconds=1).facts
    assert time.monotonic() - began < 20
    assert facts["ingest"] == {"error": "the source had not been taken in after 1 s"}
    assert facts["postgres_rows"] == 6
    assert "no new actuals" in caplog.text


def test_with_nothing_measured_it_refuses(
    run_at: Callable[..., Run], champions: None, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="raw_demand holds nothing"):
        made(run_at("2024-04-05 10:00", source=str(tmp_path / "gone.csv")))


def test_an_influxdb_that_is_away_is_owed_the_forecast(
    run_at: Callable[..., Run], champions: None, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"URL": "http://127.0.0.1:9", "TOKEN": "t", "ORG": "o", "BUCKET": "b"}
    for name, value in told.items():
        monkeypatch.setenv(f"INFLUXDB_{name}", value)
    facts = made(run_at("2024-04-05 10:00")).facts
    assert facts["postgres_rows"] == 6
    assert facts["influxdb_owed"] > 0
    owed = "SELECT count(*) FROM influx_deliveries WHERE kind = 'forecast' AND product = 'intraday'"
    assert values(database, owed) == [(1,)]


def test_shadows_forecast_beside_it_and_cost_it_nothing(
    run_at: Callable[..., Run], champions: None, database: str
) -> None:
    lost = Shadow(name="lost", kind=ShadowKind.VERSION, version="T-9", checksum="0" * 64)
    with connect(database) as connection:
        for shadow in (lost, Shadow(name="naive", kind=ShadowKind.BASELINE)):
            store_shadow(connection, "T", shadow, added_by="Kim", reason="to compare")
    facts = made(run_at("2024-04-05 10:00")).facts
    assert (facts["postgres_rows"], facts["shadow_rows"]) == (6, 6)
    assert list(facts["shadow_failures"]) == ["lost"]
    assert values(database, "SELECT DISTINCT shadow, product FROM shadow_predictions") == [
        ("naive", "intraday")
    ]
