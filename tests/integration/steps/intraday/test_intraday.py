"""An hourly product in one step: what it says, what it leaves, and what none of its faults costs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.integration.steps.intraday.hourly import BEFORE, HOURLY, KEPT_UNDER, UNTIL, files, made, rows
from tests.integration.steps.small_model import DAYS, checksum
from tests.integration.steps.stores import times, values
from trainer.contract import Product, Shadow, ShadowKind, manifest_path, model_folder
from trainer.database import connect
from trainer.database.shadows import store_shadow
from trainer.errors import DataError, NoModelError, UsageError
from trainer.steps.champions import pin_champions
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration


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


def test_a_cleared_run_that_does_not_come_to_its_end_has_no_manifest_of_its_first_time(
    run_at: Callable[..., Run], champions: None, database: str
) -> None:
    run = run_at("2024-04-05 10:00")
    made(run)
    with connect(database) as connection:
        connection.execute("DELETE FROM model_deployments")
    with pytest.raises(NoModelError):
        made(run)
    assert run.manifest("intraday") is None


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
