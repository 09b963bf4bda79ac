"""A daily run with shadows: each forecasts beside the champion, and none costs it its forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.integration.influx.published import stored
from tests.integration.steps.small_model import DAYS, checksum
from tests.integration.steps.stores import values
from trainer.commands.arguments import build_parser
from trainer.contract import Manifest, Product, Region, Shadow, ShadowKind, model_folder, shadows_to_json
from trainer.database import connect
from trainer.database.shadows import read_shadow_predictions, store_shadow
from trainer.influx import InfluxSettings
from trainer.model.forecasting.baseline import baseline_forecast
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.publish import publish
from trainer.steps.snapshot import snapshot
from trainer.store import Run, Store

pytestmark = pytest.mark.integration

SHADOW_POINTS = "power_demand_shadow_forecast"


class Killed(BaseException):
    """As a SIGKILL: nothing that catches exceptions catches it."""


@pytest.fixture
def run(place: Region, artifact: Path, tmp_path: Path, database: str, buckets: object) -> Run:
    """With its snapshot taken; the champion T-1, a sound T-2 and a T-3 that lacks a file are in the store."""
    as_of = pd.Timestamp("2024-04-10", tz=place.timezone).tz_convert("UTC").to_pydatetime()
    run = Run(region=place, run_id="daily/1", as_of=as_of, store=Store.at(tmp_path))
    snapshot(run, lookback_days=DAYS, source=place.source)
    for version in ("T-1", "T-2", "T-3"):
        run.store.upload(artifact, model_folder("T", version))
    run.store.remove(f"{model_folder('T', 'T-3')}/trend.json")
    return run


@pytest.fixture
def shadows(artifact: Path, run: Run, database: str) -> list[Shadow]:
    """Three live ones, of which one is broken."""
    of_version = {"kind": ShadowKind.VERSION, "checksum": checksum(artifact)}
    found = [
        Shadow(name="broken", version="T-3", **of_version),  # type: ignore[arg-type]
        Shadow(name="older", version="T-2", **of_version),  # type: ignore[arg-type]
        Shadow(name="naive", kind=ShadowKind.BASELINE),
    ]
    with connect(database) as connection:
        for shadow in found:
            store_shadow(connection, "T", shadow, added_by="Kim", reason="to compare")
    return found


@pytest.fixture
def make(run: Run, artifact: Path, shadows: list[Shadow]) -> Callable[[], Manifest]:
    def made() -> Manifest:
        pinned = PinnedModel("T-1", checksum(artifact))
        return forecast(run, horizon=24, model=pinned, previous=None, shadows=shadows)

    return made


def rows(database: str) -> dict[str, int]:
    query = "SELECT shadow, count(*) FROM shadow_predictions GROUP BY shadow ORDER BY shadow"
    return dict(values(database, query))  # type: ignore[arg-type]


def points() -> list[dict[str, object]]:
    settings = InfluxSettings.from_environ()
    assert settings is not None
    return [point for point in stored(settings, SHADOW_POINTS) if point["_field"] == "forecast"]


def test_those_that_can_forecast_and_the_broken_one_is_named(run: Run, make: Callable[[], Manifest]) -> None:
    made = make()
    hourly = pd.read_parquet(run.store.locate(made.outputs["shadows.parquet"].path))
    assert hourly.groupby("shadow")["model_version"].unique().map(list).to_dict() == {
        "older": ["T-2"],
        "naive": ["seasonal-naive-168h"],
    }
    assert hourly.groupby("shadow")["lead_time"].apply(list).to_dict() == {
        name: list(range(1, 25)) for name in ("older", "naive")
    }
    assert set(made.facts["shadow_failures"]) == {"broken"}
    assert "trend.json cannot be read" in made.facts["shadow_failures"]["broken"]


def spoiled(monkeypatch: pytest.MonkeyPatch, column: str, value: float) -> None:
    """The naive shadow's third hour."""

    def forecast_of(*arguments: Any) -> pd.DataFrame:
        made = baseline_forecast(*arguments)
        made.iloc[2, made.columns.get_loc(column)] = value
        return made

    monkeypatch.setattr("trainer.steps.shadow_forecasts.baseline_forecast", forecast_of)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("forecast", float("nan"), "hours that are no finite number"),
        ("forecast", float("inf"), "hours that are no finite number"),
        ("upper", float("inf"), "hours whose band is none"),
    ],
)
def test_one_that_forecasts_no_number_costs_the_others_nothing(
    run: Run,
    make: Callable[[], Manifest],
    monkeypatch: pytest.MonkeyPatch,
    database: str,
    column: str,
    value: float,
    words: str,
) -> None:
    spoiled(monkeypatch, column, value)
    assert words in make().facts["shadow_failures"]["naive"]
    assert publish(run).facts["shadow_rows"] == 24
    assert rows(database) == {"older": 24}


def test_once_they_took_too_long_together_no_further_one_is_begun(
    make: Callable[[], Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.steps.shadow_forecasts.SECONDS", -1.0)
    made = make()
    assert set(made.facts["shadow_failures"]) == {"broken", "older", "naive"}
    assert "took more than" in made.facts["shadow_failures"]["older"]
    assert made.facts["fallback"] == "none"


def test_influxdb_is_owed_them_in_the_forecast_s_unit_which_every_release_knows(
    run: Run, make: Callable[[], Manifest], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    monkeypatch.setattr("trainer.steps.publish.deliver", lambda *_: {})
    publish(run)
    owed = [kind for (kind,) in values(database, "SELECT kind FROM influx_deliveries")]
    assert owed.count("forecast") == 1
    assert set(owed) <= {"forecast", "actuals", "metrics", "decisions"}


def test_the_champion_s_forecast_is_as_without_them(
    run: Run, make: Callable[[], Manifest], artifact: Path
) -> None:
    beside = make()
    alone = forecast(run, horizon=24, model=PinnedModel("T-1", checksum(artifact)), previous=None)
    assert beside.outputs["forecast.parquet"] == alone.outputs["forecast.parquet"]
    assert {**beside.facts, "shadow_failures": None} == {**alone.facts, "shadow_failures": None}


def test_a_shadow_of_the_same_model_forecasts_what_the_champion_does(
    run: Run, make: Callable[[], Manifest]
) -> None:
    outputs = make().outputs
    champion, shadows = (
        pd.read_parquet(run.store.locate(outputs[f"{name}.parquet"].path)) for name in ("forecast", "shadows")
    )
    older = shadows[shadows["shadow"] == "older"]
    assert older["forecast"].tolist() == champion["forecast"].tolist()


def test_the_champion_s_weatherless_twin_is_asked_for_by_its_kind(run: Run, artifact: Path) -> None:
    twin = [Shadow(name="twin", kind=ShadowKind.WEATHERLESS)]
    pinned = PinnedModel("T-1", checksum(artifact))
    made = forecast(run, horizon=24, model=pinned, previous=None, shadows=twin)
    assert made.facts["shadow_failures"] == {"twin": "ArtifactError: T-1 has no twin without weather"}
    assert "shadows.parquet" not in made.outputs


def test_their_rows_and_points_stand_apart_and_publishing_again_changes_nothing(
    run: Run, make: Callable[[], Manifest], database: str
) -> None:
    make()
    facts = publish(run).facts
    assert (facts["postgres_rows"], facts["shadow_rows"], facts["influxdb_owed"]) == (24, 48, 0)
    assert rows(database) == {"naive": 24, "older": 24}
    assert {point["role"] for point in points()} == {"shadow"}
    assert sorted(str(point["shadow"]) for point in points()) == ["naive"] * 24 + ["older"] * 24
    assert values(database, "SELECT DISTINCT model_version FROM predictions") == [("T-1",)]
    before = points()
    run.store.remove(f"{run.folder}/publish.json")
    publish(run)
    assert (rows(database), points()) == ({"naive": 24, "older": 24}, before)


def test_what_is_published_is_what_was_forecast(
    run: Run, make: Callable[[], Manifest], database: str
) -> None:
    made = make()
    publish(run)
    hourly = pd.read_parquet(run.store.locate(made.outputs["shadows.parquet"].path))
    with connect(database) as connection:
        held = read_shadow_predictions(connection, "T", hourly["origin"].iloc[0].to_pydatetime())
    written = hourly.sort_values(["shadow", "lead_time"])[held.columns]
    pd.testing.assert_frame_equal(held, written, check_dtype=False, check_freq=False, check_index_type=False)


def test_a_run_that_is_lost_while_they_forecast_has_its_own_forecast_and_does_without_them(
    run: Run, make: Callable[[], Manifest], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as killed:
        killed.setattr("trainer.steps.forecast.forecast_shadows", lost)
        with pytest.raises(Killed):
            make()
    again = make()
    assert set(again.facts["shadow_failures"]) == {"broken", "older", "naive"}
    assert "shadows.parquet" not in again.outputs
    assert publish(run).facts["postgres_rows"] == 24
    assert rows(database) == {}


def test_rows_that_postgresql_refuses_cost_the_champion_nothing(
    run: Run, make: Callable[[], Manifest], database: str
) -> None:
    make()
    values(database, "DELETE FROM shadow_models WHERE name = 'naive' RETURNING name")
    facts = publish(run).facts
    assert (facts["postgres_rows"], facts["shadow_rows"]) == (24, 0)
    assert "shadow_predictions_of_a_shadow" in facts["shadow_error"]
    assert len(values(database, "SELECT * FROM predictions")) == 24


def test_a_shadow_that_learned_from_later_data_is_none_of_a_run_of_the_past(
    run: Run, artifact: Path, place: Region
) -> None:
    until = pd.Timestamp("2024-03-20", tz=place.timezone).tz_convert("UTC").to_pydatetime()
    earlier = Run(region=place, run_id="daily/1", as_of=until, store=run.store)
    older = Shadow(name="older", kind=ShadowKind.VERSION, version="T-2", checksum=checksum(artifact))
    made = forecast(earlier, horizon=24, model=PinnedModel("T-1"), previous=None, shadows=[older])
    assert "T-2 learned from data up to 2024-03-30T15:00:00+00:00" in made.facts["shadow_failures"]["older"]


def test_of_a_product_they_forecast_what_it_covers_in_rows_and_points_of_its_own(
    run: Run, artifact: Path, shadows: list[Shadow], database: str
) -> None:
    product = Product.parse("T", "day_ahead", {"at": "10:00", "covers": "tomorrow"})
    pinned = PinnedModel("T-1", checksum(artifact))
    forecast(run, horizon=24, model=pinned, previous=None, product=product, shadows=shadows)
    publish(run)
    covered = "SELECT DISTINCT product, min(lead_time), max(lead_time) FROM {} GROUP BY product"
    assert values(database, covered.format("shadow_predictions")) == [("day_ahead", 15, 38)]
    assert values(database, covered.format("predictions")) == [("day_ahead", 15, 38)]
    assert {point["product"] for point in points()} == {"day_ahead"}


def test_the_option_of_a_daily_run_says_which(shadows: list[Shadow]) -> None:
    options = build_parser().parse_args(["forecast", "--region=T", f"--shadows={shadows_to_json(shadows)}"])
    assert [asdict(one) for one in options.shadows] == [asdict(one) for one in shadows]
