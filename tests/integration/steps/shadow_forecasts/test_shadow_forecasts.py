"""A daily run with shadows: each forecasts beside the champion, and none costs it its forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

from tests.integration.steps.small_model import checksum
from trainer.commands.arguments import build_parser
from trainer.contract import Manifest, Region, Shadow, ShadowKind, shadows_to_json
from trainer.steps.forecast import forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.store import Run

pytestmark = pytest.mark.integration


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


def test_once_they_took_too_long_together_no_further_one_is_begun(
    make: Callable[[], Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.steps.shadow_forecasts.SECONDS", -1.0)
    made = make()
    assert set(made.facts["shadow_failures"]) == {"broken", "older", "naive"}
    assert "took more than" in made.facts["shadow_failures"]["older"]
    assert made.facts["fallback"] == "none"


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


def test_a_shadow_that_learned_from_later_data_is_none_of_a_run_of_the_past(
    run: Run, artifact: Path, place: Region
) -> None:
    until = pd.Timestamp("2024-03-20", tz=place.timezone).tz_convert("UTC").to_pydatetime()
    earlier = Run(region=place, run_id="daily/1", as_of=until, store=run.store)
    older = Shadow(name="older", kind=ShadowKind.VERSION, version="T-2", checksum=checksum(artifact))
    made = forecast(earlier, horizon=24, model=PinnedModel("T-1"), previous=None, shadows=[older])
    assert "T-2 learned from data up to 2024-03-30T15:00:00+00:00" in made.facts["shadow_failures"]["older"]


def test_the_option_of_a_daily_run_says_which(shadows: list[Shadow]) -> None:
    options = build_parser().parse_args(["forecast", "--region=T", f"--shadows={shadows_to_json(shadows)}"])
    assert [asdict(one) for one in options.shadows] == [asdict(one) for one in shadows]
