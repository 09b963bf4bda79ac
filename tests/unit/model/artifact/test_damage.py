"""What is damaged, missing or of another schema is refused by name, with the mend."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from trainer.errors import ArtifactError
from trainer.model.artifact import MANIFEST, load_artifact


@pytest.mark.parametrize(
    "name",
    [
        "config.json",
        "trend.json",
        "seasonality.json",
        "scalers.json",
        "lstm_model.safetensors",
        "regression.safetensors",
        "day_regression.safetensors",
        "error_distribution.safetensors",
    ],
)
def test_one_damaged_byte_is_found(saved: Path, name: str) -> None:
    content = bytearray((saved / name).read_bytes())
    content[len(content) // 2] ^= 1
    (saved / name).write_bytes(content)
    with pytest.raises(ArtifactError, match=f"{name} does not fit its checksum; publish"):
        load_artifact(saved)


def test_a_missing_file_is_named(saved: Path) -> None:
    (saved / "regression.safetensors").unlink()
    with pytest.raises(ArtifactError, match=r"regression\.safetensors cannot be read"):
        load_artifact(saved)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"manifest\.json cannot be read"):
        load_artifact(tmp_path / "nothing")


def test_an_unknown_schema_is_refused(saved: Path) -> None:
    manifest = json.loads((saved / MANIFEST).read_text())
    (saved / MANIFEST).write_text(json.dumps({**manifest, "schema": 99}))
    with pytest.raises(ArtifactError, match="schema 99, this code reads 2"):
        load_artifact(saved)


def test_a_manifest_that_is_no_json_is_refused(saved: Path) -> None:
    (saved / MANIFEST).write_text("{")
    with pytest.raises(ArtifactError, match=r"manifest.json is damaged"):
        load_artifact(saved)


def test_whole_files_that_are_no_model_are_refused(saved: Path) -> None:
    manifest = json.loads((saved / MANIFEST).read_text())
    (saved / "trend.json").write_text("{}")
    manifest["files"]["trend.json"] = hashlib.sha256(b"{}").hexdigest()
    (saved / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="does not hold a model"):
        load_artifact(saved)
