"""A manifest holds against damage and mistakes; names of runs and versions stay within the store."""

from __future__ import annotations

import json
import posixpath
import re
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.contract import (
    ContractError,
    FileRef,
    Manifest,
    manifest_path,
    model_folder,
    model_version,
    run_folder,
    slug,
)


def manifest(**changes: object) -> Manifest:
    values = {
        "step": "train",
        "region": "KR",
        "run_id": "weekly/1",
        "as_of": "2023-10-31T00:00:00+00:00",
        "parameters": {"trials": 5},
        "outputs": {"model": FileRef("KR/model", "ab", 3)},
        "facts": {"이름": "서울"},
    }
    return Manifest(**{**values, **changes})  # type: ignore[arg-type]


def test_a_manifest_reads_back_as_it_was_written() -> None:
    assert Manifest.from_json(manifest().to_json(), place="store", run_id="weekly/1") == manifest()


def test_a_manifest_of_another_run_is_refused() -> None:
    with pytest.raises(ContractError, match="is of run 'weekly/1', not of 'weekly/2'"):
        Manifest.from_json(manifest().to_json(), place="store", run_id="weekly/2")


def test_a_manifest_with_a_changed_figure_is_refused() -> None:
    body = json.loads(manifest().to_json())
    body["parameters"]["trials"] = 6
    with pytest.raises(ContractError, match="checksum does not fit"):
        Manifest.from_json(json.dumps(body), place="store")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}"])
def test_text_that_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match="is damaged"):
        Manifest.from_json(text, place="store")


@given(st.integers(min_value=0, max_value=400))
def test_a_manifest_cut_short_anywhere_is_refused(length: int) -> None:
    text = manifest().to_json()
    with pytest.raises(ContractError):
        Manifest.from_json(text[: min(length, len(text) - 1)], place="store")


def test_a_manifest_of_a_later_schema_is_refused_by_number() -> None:
    with pytest.raises(ContractError, match="schema 2, this code reads 1"):
        Manifest.from_json(manifest(schema=2).to_json(), place="store")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_figure_that_is_not_finite_never_reaches_a_manifest(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        manifest(metrics={"mape": value}).to_json()


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_runs_never_share_a_folder(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (one == other)


@given(st.text(min_size=1))
def test_a_run_folder_holds_only_characters_that_every_store_takes(run_id: str) -> None:
    allowed = set(string.ascii_letters + string.digits + "._-/")
    assert set(run_folder("KR", run_id)) <= allowed


@given(st.text(max_size=40))
def test_no_run_id_leads_out_of_its_region_s_folder(run_id: str) -> None:
    path = posixpath.normpath(manifest_path("KR", run_id, "train"))
    assert re.fullmatch(r"KR/runs/[^/]+/train\.json", path)


@pytest.mark.parametrize("version", ["../KR-1", "../../../etc", "..", ".", "/etc", "a/../../b", "..\\KR-1"])
def test_no_version_leads_out_of_the_models_folder(version: str) -> None:
    with pytest.raises(ContractError, match="no name of a published model"):
        model_folder("KR", version)


def test_the_same_run_always_makes_the_same_version() -> None:
    as_of = datetime(2023, 10, 31, tzinfo=UTC)
    assert model_version("KR", "a", as_of) == model_version("KR", "a", as_of)
    assert model_version("KR", "a", as_of) != model_version("KR", "b", as_of)


def test_versions_sort_by_the_moment_they_speak_for() -> None:
    earlier, later = (model_version("KR", "r", datetime(2023, month, 1, tzinfo=UTC)) for month in (9, 10))
    assert earlier < later
