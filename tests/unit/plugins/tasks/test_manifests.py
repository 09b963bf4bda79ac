"""Manifests read back from the store: what counts as evidence that a step finished."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from demand_forecast.tasks.manifests import ManifestError, read_manifest
from trainer.contract import Manifest, manifest_path
from trainer.store import Store

MANIFEST = Manifest(
    step="evaluate",
    region="GR",
    run_id="scheduled__2020-11-01T03:00:00+02:00",
    as_of="2020-11-01T01:00:00+00:00",
    parameters={"holdout_days": 28},
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / manifest_path("GR", MANIFEST.run_id, "evaluate")
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize("ending", ["", "/"])
def test_a_manifest_is_read_from_the_store_by_url(tmp_path: Path, place: Path, ending: str) -> None:
    place.write_text(MANIFEST.to_json(), encoding="utf-8")

    assert read_manifest(tmp_path.as_uri() + ending, "GR", MANIFEST.run_id, "evaluate") == MANIFEST


def test_a_manifest_is_found_in_a_folder_of_any_name(tmp_path: Path) -> None:
    store = Store.at(tmp_path / "100% 전력 수요")
    store.write(manifest_path("GR", MANIFEST.run_id, "evaluate"), MANIFEST.to_json().encode())

    assert read_manifest(store.url, "GR", MANIFEST.run_id, "evaluate") == MANIFEST


def test_a_manifest_that_is_not_there_names_the_step_and_the_file(tmp_path: Path, place: Path) -> None:
    with pytest.raises(ManifestError, match=r"'evaluate'.*left no manifest at file://.*evaluate\.json"):
        read_manifest(tmp_path.as_uri(), "GR", MANIFEST.run_id, "evaluate")


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff\xfe", MANIFEST.to_json().encode()[:-20]],
    ids=["empty", "no checksum", "no object", "not UTF-8", "cut off"],
)
def test_a_damaged_manifest_is_no_evidence(tmp_path: Path, place: Path, content: bytes) -> None:
    place.write_bytes(content)

    with pytest.raises(ManifestError, match="run the step again"):
        read_manifest(tmp_path.as_uri(), "GR", MANIFEST.run_id, "evaluate")


def test_a_figure_changed_by_hand_is_noticed(tmp_path: Path, place: Path) -> None:
    place.write_text(MANIFEST.to_json().replace('"holdout_days": 28', '"holdout_days": 2'), encoding="utf-8")

    with pytest.raises(ManifestError, match="checksum"):
        read_manifest(tmp_path.as_uri(), "GR", MANIFEST.run_id, "evaluate")


def test_a_manifest_of_another_run_is_no_evidence(tmp_path: Path, place: Path) -> None:
    place.write_text(replace(MANIFEST, run_id="last week").to_json(), encoding="utf-8")

    with pytest.raises(ManifestError, match="is of run 'last week'"):
        read_manifest(tmp_path.as_uri(), "GR", MANIFEST.run_id, "evaluate")


def test_where_each_run_s_manifest_replaces_the_last_one_s_only_its_own_is_evidence(tmp_path: Path) -> None:
    path = manifest_path("GR", "forecast_GR_hourly", "evaluate")
    Store.at(tmp_path).write(path, MANIFEST.to_json().encode())

    def read(run_id: str) -> Manifest:
        return read_manifest(tmp_path.as_uri(), "GR", run_id, "evaluate", kept_under="forecast_GR_hourly")

    assert read(MANIFEST.run_id) == MANIFEST
    with pytest.raises(ManifestError, match="not of 'an hour later'"):
        read("an hour later")


@pytest.mark.parametrize("other", [{"region": "KR"}, {"step": "train"}])
def test_a_manifest_of_another_region_or_step_is_no_evidence(
    tmp_path: Path, place: Path, other: dict[str, str]
) -> None:
    place.write_text(replace(MANIFEST, **other).to_json(), encoding="utf-8")  # type: ignore[arg-type]

    with pytest.raises(ManifestError, match="of step"):
        read_manifest(tmp_path.as_uri(), "GR", MANIFEST.run_id, "evaluate")
