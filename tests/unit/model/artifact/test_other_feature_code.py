"""A model that other feature code made is refused: its columns would mean something else here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from safetensors import numpy as safetensors

from trainer.errors import ArtifactError
from trainer.model.artifact import MANIFEST, load_artifact


def test_a_model_of_code_that_wrote_fewer_files_is_refused_with_the_mend(saved: Path) -> None:
    (saved / "day_regression.safetensors").unlink()
    manifest = json.loads((saved / MANIFEST).read_text())
    del manifest["files"]["day_regression.safetensors"]
    (saved / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match=r"it has no day_regression.safetensors; .* or train anew"):
        load_artifact(saved)


def rewritten(folder: Path, name: str, content: bytes) -> None:
    """A whole artifact again, its checksums right: as other code would have saved it."""
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / name).write_bytes(content)
    manifest["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


def without_a_regressor(folder: Path) -> None:
    seasonality = json.loads((folder / "seasonality.json").read_text())
    del seasonality["fit"]["regressors"]["bridge"]
    rewritten(folder, "seasonality.json", json.dumps(seasonality).encode())


def with_regressors_in_another_order(folder: Path) -> None:
    seasonality = json.loads((folder / "seasonality.json").read_text())
    fit = seasonality["fit"]
    fit["regressors"] = dict(reversed(fit["regressors"].items()))
    rewritten(folder, "seasonality.json", json.dumps(seasonality).encode())


def with_a_feature_more(folder: Path) -> None:
    scalers = json.loads((folder / "scalers.json").read_text())
    scalers["features"]["wind"] = {"mean": 0.0, "deviation": 1.0}
    rewritten(folder, "scalers.json", json.dumps(scalers).encode())


def without_a_mean(folder: Path) -> None:
    seasonality = json.loads((folder / "seasonality.json").read_text())
    del seasonality["plan"]["means"]["humidity"]
    rewritten(folder, "seasonality.json", json.dumps(seasonality).encode())


LINEAR = ("means", "scales", "weights")
SKY = ("sky.centres", "sky.multipliers", "sky.marks")


def with_fewer_columns(folder: Path, file: str, names: tuple[str, ...]) -> None:
    tensors = safetensors.load((folder / file).read_bytes())
    for name in names:
        tensors[name] = np.ascontiguousarray(tensors[name][..., 2:])
    rewritten(folder, file, safetensors.save(tensors))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_a_regressor, r"regressors .* only this code has \['bridge'\]"),
        (with_regressors_in_another_order, "regressors .* their order differs"),
        (with_a_feature_more, r"features .* only the model has \['wind'\]"),
        (without_a_mean, "its plan has no 'humidity'"),
        *(
            (partial(with_fewer_columns, file=f"{file}.safetensors", names=names), f"{columns} of its {part}")
            for file, part in (("regression", "regressions"), ("day_regression", "day regression"))
            for names, columns in ((LINEAR, "columns"), (SKY, "columns of sky"))
        ),
    ],
)
def test_a_model_of_other_feature_code_is_refused_with_the_mend(
    saved: Path, change: Callable[[Path], None], message: str
) -> None:
    change(saved)
    with pytest.raises(ArtifactError, match=f"made by other feature code.*{message}.*or train anew"):
        load_artifact(saved)
