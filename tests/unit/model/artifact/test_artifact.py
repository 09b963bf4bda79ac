"""A model comes back from its folder as it went in, or not at all."""

from __future__ import annotations

import hashlib
import json
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.unit.model.series import ORIGIN
from trainer.contract import Region
from trainer.errors import ArtifactError, InfrastructureError, UsageError
from trainer.model.artifact import (
    MANIFEST,
    artifact_checksum,
    load_artifact,
    load_twin,
    save_artifact,
)
from trainer.model.covariates.places import PlaceWeights
from trainer.model.forecasting.forecaster import Forecaster


def manifest_of(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    return manifest


def test_it_forecasts_the_same_after_a_round_trip(
    saved: Path, forecaster: Forecaster, history: pd.DataFrame
) -> None:
    again = load_artifact(saved)
    pd.testing.assert_frame_equal(
        again.forecast(history, ORIGIN, 72), forecaster.forecast(history, ORIGIN, 72)
    )
    assert again.training == forecaster.training
    assert again.config == forecaster.config
    assert again.region == forecaster.region


def test_its_sample_paths_and_days_are_the_same_after_a_round_trip(
    saved: Path, forecaster: Forecaster, history: pd.DataFrame
) -> None:
    again, made = (
        load_artifact(saved).forecasts(history, [ORIGIN], 48),
        forecaster.forecasts(history, [ORIGIN], 48),
    )
    np.testing.assert_array_equal(again.paths(0), made.paths(0))
    assert again.days() == made.days()


def test_the_width_of_carried_weather_comes_back_too(forecaster: Forecaster, tmp_path: Path) -> None:
    save_artifact(forecaster, tmp_path / "model", {})
    again, widths = load_artifact(tmp_path / "model").carried_weather, forecaster.carried_weather
    assert again is not None
    assert widths is not None
    np.testing.assert_array_equal(again, widths)


def test_what_places_count_by_comes_back_too(
    forecaster: Forecaster, history: pd.DataFrame, tmp_path: Path
) -> None:
    weighed = replace(forecaster, places=PlaceWeights({"temperature_busan": 1.0}, {"temperature_busan": 3.0}))
    save_artifact(weighed, tmp_path / "model", {})
    again = load_artifact(tmp_path / "model")
    assert again.places == weighed.places
    history = history.assign(temperature_busan=history["temperature"] + 5)
    expected = forecaster.forecast(history.assign(temperature=history["temperature_busan"]), ORIGIN, 24)
    pd.testing.assert_frame_equal(again.forecast(history, ORIGIN, 24), expected)


def test_a_region_without_weather_comes_back_too(
    bare_forecaster: Forecaster, bare_region: Region, tmp_path: Path
) -> None:
    save_artifact(bare_forecaster, tmp_path / "model", {})
    assert load_artifact(tmp_path / "model").region == bare_region


def test_what_opens_the_region_s_source_does_not_come_along(
    bare_forecaster: Forecaster, bare_region: Region, tmp_path: Path
) -> None:
    signed = replace(bare_region, source="https://operator:tr0ub4dor@host/demand.csv?sig=tr0ub4dor")
    save_artifact(replace(bare_forecaster, region=signed), tmp_path / "model", {})
    assert load_artifact(tmp_path / "model").region.source == "https://host/demand.csv"


def test_the_folder_holds_data_and_no_code(saved: Path) -> None:
    assert {path.name for path in saved.iterdir()} == {
        "config.json",
        "trend.json",
        "seasonality.json",
        "scalers.json",
        "lstm_model.safetensors",
        "regression.safetensors",
        "day_regression.safetensors",
        "error_distribution.safetensors",
        "manifest.json",
    }


def test_the_manifest_tells_what_the_model_is(saved: Path, forecaster: Forecaster) -> None:
    manifest = manifest_of(saved)
    assert manifest["schema"] == 2
    assert manifest["facts"] == {"version": "KR-1"}
    assert manifest["metrics"] == {"mape": 1.5}
    assert manifest["data"]["checksum"] == forecaster.training.data_checksum
    assert manifest["data"]["train_until"] == "2021-05-31T15:00:00+00:00"
    assert "torch" in manifest["code"]


def test_the_manifest_names_no_file_of_issued_weather_so_that_earlier_releases_load_it(
    forecaster: Forecaster, tmp_path: Path
) -> None:
    told = replace(forecaster, region=replace(forecaster.region, weather_issued="/data/issued.csv"))
    save_artifact(told, tmp_path / "model", {})
    save_artifact(forecaster, tmp_path / "other", {})
    settings, others = (manifest_of(tmp_path / name)["region"]["settings"] for name in ("model", "other"))
    assert settings == others
    assert load_artifact(tmp_path / "model").region == forecaster.region


def test_the_artifacts_checksum_is_that_of_its_manifest(forecaster: Forecaster, tmp_path: Path) -> None:
    checksum = save_artifact(forecaster, tmp_path / "model", {})
    assert checksum == artifact_checksum(tmp_path / "model")
    assert checksum == hashlib.sha256((tmp_path / "model" / MANIFEST).read_bytes()).hexdigest()
    load_artifact(tmp_path / "model", checksum=checksum)
    with pytest.raises(ArtifactError, match="expected 000000000000"):
        load_artifact(tmp_path / "model", checksum="0" * 64)


def test_an_artifact_is_never_overwritten(saved: Path, forecaster: Forecaster) -> None:
    before = artifact_checksum(saved)
    with pytest.raises(UsageError, match="never overwritten"):
        save_artifact(forecaster, saved, {})
    assert artifact_checksum(saved) == before


@contextmanager
def full_disk() -> Iterator[None]:
    """The kernel refuses to let any file grow beyond 50 kB, as a full disk would: also the suite's own log,
    so that nothing may be reported meanwhile."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_nothing_half_written(forecaster: Forecaster, tmp_path: Path) -> None:
    with full_disk(), pytest.raises(InfrastructureError, match=r"cannot be written: .*; make room"):
        save_artifact(forecaster, tmp_path / "model", {})
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def with_twin(forecaster: Forecaster, bare_forecaster: Forecaster, tmp_path: Path) -> Path:
    save_artifact(forecaster, tmp_path / "pair", {"version": "KR-1"}, twin=bare_forecaster)
    return tmp_path / "pair"


def test_its_weatherless_twin_comes_back_by_itself(
    with_twin: Path, bare_forecaster: Forecaster, history: pd.DataFrame
) -> None:
    twin = load_twin(with_twin, checksum=artifact_checksum(with_twin))
    assert twin is not None
    without = history[["demand"]]
    pd.testing.assert_frame_equal(
        twin.forecast(without, ORIGIN, 24), bare_forecaster.forecast(without, ORIGIN, 24)
    )


def test_the_model_is_the_same_beside_a_twin(
    with_twin: Path, forecaster: Forecaster, history: pd.DataFrame
) -> None:
    again = load_artifact(with_twin)
    pd.testing.assert_frame_equal(
        again.forecast(history, ORIGIN, 24), forecaster.forecast(history, ORIGIN, 24)
    )


def test_an_artifact_may_have_no_twin(saved: Path) -> None:
    assert load_twin(saved) is None


def test_a_twin_is_held_to_the_artifact_s_checksum(with_twin: Path) -> None:
    with pytest.raises(ArtifactError, match="has checksum"):
        load_twin(with_twin, checksum="0" * 64)
    (with_twin / "weatherless_trend.json").write_text("{}")
    with pytest.raises(ArtifactError, match=r"weatherless_trend\.json does not fit its checksum"):
        load_twin(with_twin)
