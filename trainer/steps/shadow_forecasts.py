"""What a region's shadows forecast beside its champion, each by itself: none costs another its forecast."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import FileRef, Shadow, ShadowKind, model_folder, twin_version
from trainer.errors import ArtifactError, DataError
from trainer.model.artifact import is_of_model, is_of_twin, load_artifact, load_twin
from trainer.model.forecasting.baseline import BASELINE_VERSION, baseline_forecast
from trainer.model.forecasting.forecaster import Forecaster
from trainer.steps.one_forecast import OneForecast
from trainer.store import Run

log = logging.getLogger(__name__)

CUT_OFF: Final = "the run was lost while shadows forecast; its own forecast was made before"
"""Of every shadow, until they have come to their end."""
SHADOWS: Final = "shadows.parquet"
SECONDS: Final = 120.0
"""After which no further shadow of a forecast is begun."""
_FIGURES: Final = ["forecast", "lower", "upper", "lead_time"]


def forecast_shadows(
    made: OneForecast, shadows: Sequence[Shadow], champion: tuple[str, str | None]
) -> tuple[dict[str, FileRef], dict[str, str]]:
    """Has the shadows forecast (`shadow_rows`) and keeps that as shadows.parquet in the run's folder.

    Returns that file by its name, none where no shadow could forecast, and why those failed that did, by
    their names. Raises nothing: what is wrong is logged.
    """
    rows, failures = shadow_rows(made, shadows, champion)
    if rows is None:
        return {}, failures
    parquet = io.BytesIO()
    try:
        rows.to_parquet(parquet)
        written = made.run.store.write(f"{made.run.folder}/{SHADOWS}", parquet.getvalue())
    except Exception as error:
        log.warning("what the shadows forecast could not be kept: %s", error)
        return {}, {**failures, **{str(name): str(error) for name in rows["shadow"].unique()}}
    return {SHADOWS: written}, failures


def shadow_rows(
    made: OneForecast, shadows: Sequence[Shadow], champion: tuple[str, str | None]
) -> tuple[pd.DataFrame | None, dict[str, str]]:
    """Has each shadow forecast the hours that the champion's forecast `made` is of. Returns what they said,
    None where none of them could, and why those failed that did, by name.

    A row per shadow and hour: UTC time as index, forecast, lower and upper (MW), lead_time, shadow, origin,
    model_version. champion: version and checksum of the model whose twin is asked for. Once they have taken
    SECONDS together no further one is begun: it counts as failed, and the champion's publication goes on. One
    that hangs within its own forecast is not cut short. Raises nothing: whatever is wrong with a shadow is
    logged.
    """
    run, covered = made.run, made.covered
    frames: list[pd.DataFrame] = []
    failures: dict[str, str] = {}
    began = time.monotonic()
    for shadow in shadows:
        try:
            _refuse_late(time.monotonic() - began)
            forecast, version = _forecast_of(run, made.history, made.origin, covered[-1], shadow, champion)
            hours = forecast.loc[forecast["lead_time"] >= covered[0], _FIGURES]
            _refuse_unusable(hours)
            frames.append(hours.assign(shadow=shadow.name, origin=made.origin, model_version=version))
        except Exception as error:
            failures[shadow.name] = f"{type(error).__name__}: {error}"
            log.warning("shadow %s made no forecast: %s", shadow.name, failures[shadow.name])
    return pd.concat(frames) if frames else None, failures


def _refuse_late(seconds: float) -> None:
    """Raises DataError where the shadows before have used up what all of them may take."""
    if seconds > SECONDS:
        raise DataError(f"the shadows before it took more than {SECONDS:.0f} s; it was not asked")


def _refuse_unusable(hours: pd.DataFrame) -> None:
    """Raises DataError for a forecast that the table would refuse, and with it those of all shadows."""
    lower, upper = hours["lower"], hours["upper"]
    if not np.isfinite(hours["forecast"]).all():
        raise DataError("it forecast hours that are no finite number")
    if bool(np.isinf(hours[["lower", "upper"]].to_numpy(dtype="float64")).any()) or (lower > upper).any():
        raise DataError("it forecast hours whose band is not finite or upside down")


def _forecast_of(
    run: Run,
    history: pd.DataFrame,
    origin: pd.Timestamp,
    horizon: int,
    shadow: Shadow,
    champion: tuple[str, str | None],
) -> tuple[pd.DataFrame, str]:
    """The hours, as `Forecaster.forecast` has them, and the version that they bear."""
    if shadow.kind is ShadowKind.BASELINE:
        return baseline_forecast(history, run.region, origin, horizon), BASELINE_VERSION
    if shadow.kind is ShadowKind.WEATHERLESS:
        forecaster, version = _twin_of(run, champion), twin_version(champion[0])
    else:
        assert shadow.version is not None  # of this kind it has one
        version = shadow.version
        with run.store.download(model_folder(run.region.name, version), only=is_of_model) as folder:
            forecaster = load_artifact(folder, checksum=shadow.checksum)
    if forecaster.training.train_until > pd.Timestamp(run.as_of):
        raise DataError(
            f"{version} learned from data up to {forecaster.training.train_until.isoformat()}, after this "
            f"run's moment {run.as_of.isoformat()}"
        )
    return forecaster.as_configured(run.region).forecast(history, origin, horizon), version


def _twin_of(run: Run, champion: tuple[str, str | None]) -> Forecaster:
    version, checksum = champion
    with run.store.download(model_folder(run.region.name, version), only=is_of_twin) as folder:
        twin = load_twin(folder, checksum=checksum)
    if twin is None:
        raise ArtifactError(f"{version} has no twin without weather")
    return twin
