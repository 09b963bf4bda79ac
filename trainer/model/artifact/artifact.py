"""A model as a folder of JSON and safetensors: nothing in it is code, each file has its checksum.

config.json, trend.json, seasonality.json, scalers.json, lstm_model.safetensors, regression.safetensors,
day_regression.safetensors, error_distribution.safetensors (not in those of 0.2.0 and before),
members.safetensors (only of a model that is averaged with others), and manifest.json, which holds the
checksums of the others. The checksum of the artifact is the sha256 of its manifest.json. The files of its
weatherless twin, where it has one, lie beside them, their names begun with `weatherless_`, and are listed in
its manifest too.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load as tensors_of
from safetensors.numpy import save as bytes_of

from trainer.contract import ContractError, Region
from trainer.errors import ArtifactError, DataError, InfrastructureError, UsageError
from trainer.model.artifact.compatibility import require_same_columns
from trainer.model.artifact.saved_config import CONFIG
from trainer.model.artifact.twin_files import TWIN
from trainer.model.artifact.verified_files import (
    AGAIN,
    ARTIFACT_SCHEMA,
    MANIFEST,
    verified_files,
    verified_manifest,
)
from trainer.model.config import ModelConfig
from trainer.model.covariates.features import Scaler
from trainer.model.covariates.places import PlaceWeights
from trainer.model.decomposition import Decomposition
from trainer.model.decomposition.regressors import RegressorPlan
from trainer.model.decomposition.seasonality import Seasonality
from trainer.model.decomposition.trend import Trend
from trainer.model.forecasting.error_distribution import ErrorDistribution
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.needed_hours import CARRIED_ON
from trainer.model.forecasting.numpy_networks import Networks
from trainer.model.forecasting.residual import BlendWeights, Residual
from trainer.model.forecasting.training_record import TrainingRecord
from trainer.model.forecasting.weighted_members import WeightedMembers
from trainer.model.regressions.day_regression import DayRegression
from trainer.model.regressions.regression import Regression
from trainer.model.target_transform import TargetTransform
from trainer.redaction import redacted

_TREND, _SEASONALITY = "trend.json", "seasonality.json"
_SCALERS, _WEIGHTS = "scalers.json", "lstm_model.safetensors"
_REGRESSION, _DAYS = "regression.safetensors", "day_regression.safetensors"
_ERRORS: Final = "error_distribution.safetensors"
"""Of models that state quantiles beside their band; those of before have none."""
_MEMBERS: Final = "members.safetensors"
"""Of models that are averaged with others."""
_UNIT: Final = "linear_unit"
"""Among the scalers of a model on the linear scale alone, so that all others stay as they were."""
_PLACES, _CARRIED = "places", "carried_weather"
"""Among the scalers where places count by learnt weights alone, and where weather may be carried on."""
_NETWORKS_UNTIL: Final = "networks_until"
"""Of a refitted model alone."""
_NO_MODEL: Final = (
    *(ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError),
    *(SafetensorError, ContractError, DataError, UsageError),
)
"""What content of another type, shape or size than a model's raises, wherever that shows."""
_REQUIRED: Final = (CONFIG, _TREND, _SEASONALITY, _SCALERS, _WEIGHTS, _REGRESSION, _DAYS)


def save_artifact(
    forecaster: Forecaster,
    folder: Path,
    facts: Mapping[str, Any],
    metrics: Mapping[str, Any] | None = None,
    *,
    twin: Forecaster | None = None,
) -> str:
    """Write `folder` whole or not at all, replacing nothing; returns the artifact's checksum.

    `facts` (JSON-able; such as version, run_id) and `metrics` go into the manifest as they are. `twin`: the
    weatherless one. Raises UsageError when `folder` exists, InfrastructureError when the disk refuses.
    """
    if folder.exists():
        raise UsageError(f"artifact folder {folder} exists already; artifacts are never overwritten")
    contents = _contents(forecaster)
    if twin is not None:
        parts = _contents(twin)
        parts[MANIFEST] = _json(_manifest(twin, parts, facts, {}))
        contents |= {f"{TWIN}{name}": part for name, part in parts.items()}
    contents[MANIFEST] = _json(_manifest(forecaster, contents, facts, metrics or {}))
    temporary: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        for name, content in contents.items():
            (temporary / name).write_bytes(content)
        temporary.chmod(0o755)  # mkdtemp made it private
        temporary.rename(folder)
    except OSError as error:
        raise InfrastructureError(
            f"artifact {folder} cannot be written: {error.strerror or error}; "
            "make room or choose another place"
        ) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
    return hashlib.sha256(contents[MANIFEST]).hexdigest()


def load_artifact(folder: Path, *, checksum: str | None = None) -> Forecaster:
    """The forecaster saved in `folder`, wherever it was trained.

    `checksum`, when given, is what the manifest itself must have. Raises ArtifactError when a file
    is missing, damaged or of an unknown schema.
    """
    return _loaded(folder, "", checksum)


def load_twin(folder: Path, *, checksum: str | None = None) -> Forecaster | None:
    """The weatherless twin saved in `folder`, None where it has none. `checksum` is that of the artifact.

    Raises ArtifactError as `load_artifact` does, for the twin's files and the manifest that lists them.
    """
    listed = json.loads(verified_manifest(folder, "", checksum))["files"]
    own = listed.get(f"{TWIN}{MANIFEST}")
    return _loaded(folder, TWIN, own) if own else None


def _loaded(folder: Path, prefix: str, checksum: str | None) -> Forecaster:
    files = verified_files(folder, prefix, checksum, _REQUIRED, (_ERRORS, _MEMBERS))
    manifest = json.loads(files[MANIFEST])
    try:
        config = ModelConfig.from_dict(json.loads(files[CONFIG]))
        seasonality, scalers = json.loads(files[_SEASONALITY]), json.loads(files[_SCALERS])
        region = Region.parse(manifest["region"]["name"], manifest["region"]["settings"])
        decomposition = Decomposition(
            TargetTransform(scalers.get(_UNIT)),
            Trend(**json.loads(files[_TREND])),
            RegressorPlan.from_dict(seasonality["plan"]),
            Seasonality.from_dict(seasonality["fit"]),
            Scaler.from_dict(scalers["features"]),
            float(scalers["residual_deviation"]),
        )
        networks = Networks.of(tensors_of(files[_WEIGHTS]), config, int(scalers["network_features"]))
        data = manifest["data"]
        training = TrainingRecord(
            pd.Timestamp(data["train_from"]),
            pd.Timestamp(data["train_until"]),
            data["checksum"],
            data["validation"],
            pd.Timestamp(data[_NETWORKS_UNTIL]) if _NETWORKS_UNTIL in data else None,
        )
        band_scale = np.asarray(scalers["band_stretch"], dtype=np.float64)
        regression = Regression.from_tensors(tensors_of(files[_REGRESSION]))
        days = DayRegression.from_tensors(tensors_of(files[_DAYS]))
        blend_weights = BlendWeights(**scalers["shares"])
        places = PlaceWeights.from_dict(scalers.get(_PLACES, {}))
        carried = np.reshape(scalers[_CARRIED], CARRIED_ON).astype(float) if _CARRIED in scalers else None
        errors = ErrorDistribution.from_tensors(tensors_of(files[_ERRORS])) if _ERRORS in files else None
        members = WeightedMembers.from_tensors(tensors_of(files[_MEMBERS])) if _MEMBERS in files else None
        residual = Residual(networks, regression, days, blend_weights)
        trees = members.trees if members else None
        require_same_columns(str(folder), region, decomposition, residual, trees)
    except ArtifactError:
        raise
    except _NO_MODEL as error:
        raise ArtifactError(f"artifact {folder} does not hold a model: {error!r}; {AGAIN}") from error
    return Forecaster(
        region, config, decomposition, residual, band_scale, training, places, errors, members, carried
    )


def _contents(forecaster: Forecaster) -> dict[str, bytes]:
    decomposition, residual = forecaster.decomposition, forecaster.residual
    scalers = {
        "features": decomposition.scaler.to_dict(),
        "residual_deviation": decomposition.deviation,
        "network_features": residual.networks.known,
        "band_stretch": forecaster.band_scale.tolist(),
        "shares": asdict(residual.blend_weights),
    }
    if not decomposition.transform.logarithmic:
        scalers[_UNIT] = decomposition.transform.unit
    if forecaster.places.weights:
        scalers[_PLACES] = forecaster.places.to_dict()
    if forecaster.carried_weather is not None:
        scalers[_CARRIED] = forecaster.carried_weather.tolist()
    errors = {_ERRORS: bytes_of(forecaster.errors.tensors())} if forecaster.errors else {}
    members = {_MEMBERS: bytes_of(forecaster.members.tensors())} if forecaster.members else {}
    seasonality = {"plan": decomposition.plan.to_dict(), "fit": decomposition.seasonality.to_dict()}
    return {
        CONFIG: _json(forecaster.config.to_dict()),
        _TREND: _json(decomposition.trend.to_dict()),
        _SEASONALITY: _json(seasonality),
        _SCALERS: _json(scalers),
        _WEIGHTS: bytes_of(residual.networks.tensors()),
        _REGRESSION: bytes_of(residual.regression.tensors()),
        _DAYS: bytes_of(residual.days.tensors()),
        **errors,
        **members,
    }


def _manifest(
    forecaster: Forecaster,
    contents: Mapping[str, bytes],
    facts: Mapping[str, Any],
    metrics: Mapping[str, Any],
) -> dict[str, Any]:
    from trainer.store import code_versions  # noqa: PLC0415  loading does without the store and git

    training, region = forecaster.training, forecaster.region
    settings = region.to_dict()
    settings["source"] = redacted(settings["source"])
    # A model forecasts without it, and releases that do not know it refuse a region that names it.
    settings.pop("weather_issued", None)
    return {
        "schema": ARTIFACT_SCHEMA,
        "region": {"name": region.name, "settings": settings},
        "facts": dict(facts),
        "metrics": dict(metrics),
        "data": {
            "train_from": training.train_from.isoformat(),
            "train_until": training.train_until.isoformat(),
            "checksum": training.data_checksum,
            "validation": training.validation,
            **({_NETWORKS_UNTIL: until.isoformat()} if (until := training.networks_until) else {}),
        },
        "code": code_versions(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False).encode()
