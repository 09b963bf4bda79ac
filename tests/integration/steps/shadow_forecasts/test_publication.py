"""What shadows forecast is published beside the champion's rows and points, and costs it neither."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.integration.influx.published import stored
from tests.integration.steps.small_model import checksum
from tests.integration.steps.stores import values
from trainer.contract import Manifest, Product, Shadow
from trainer.database import connect
from trainer.database.shadows import read_shadow_predictions
from trainer.influx import InfluxSettings
from trainer.model.forecasting.baseline import baseline_forecast
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.publish import publish
from trainer.store import Run

pytestmark = pytest.mark.integration
SHADOW_POINTS = "power_demand_shadow_forecast"


class Killed(BaseException):
    """As a SIGKILL: nothing that catches exceptions catches it."""


def rows(database: str) -> dict[str, int]:
    query = "SELECT shadow, count(*) FROM shadow_predictions GROUP BY shadow ORDER BY shadow"
    return dict(values(database, query))  # type: ignore[arg-type]


def points() -> list[dict[str, object]]:
    settings = InfluxSettings.from_environ()
    assert settings is not None
    return [point for point in stored(settings, SHADOW_POINTS) if point["_field"] == "forecast"]


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
        ("upper", float("inf"), "hours whose band is not finite or upside down"),
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


def test_influxdb_is_owed_them_in_the_forecast_s_unit_which_every_release_knows(
    run: Run, make: Callable[[], Manifest], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    monkeypatch.setattr("trainer.steps.publish.deliver", lambda *_: {})
    publish(run)
    owed = [kind for (kind,) in values(database, "SELECT kind FROM influx_deliveries")]
    assert owed.count("forecast") == 1
    assert set(owed) <= {"forecast", "actuals", "metrics", "decisions"}


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
