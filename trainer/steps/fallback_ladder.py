"""A forecast whatever happened to the champion: by its twin, the previous model, or the baseline."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pandas as pd

from trainer.contract import Fallback, model_folder, twin_version
from trainer.errors import ArtifactError, DataError, WeatherUnknownError
from trainer.model.artifact import is_of_model, is_of_twin, load_artifact, load_twin
from trainer.model.forecasting.baseline import BASELINE_VERSION, baseline_forecast
from trainer.model.forecasting.day_figures import DayFigures
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.needed_hours import carried_on_hours
from trainer.model.forecasting.scale_check import require_scale
from trainer.steps.pinned_models import PinnedModel
from trainer.store import Run

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LadderForecast:
    """A forecast, and which rung of the ladder made it."""

    frame: pd.DataFrame
    version: str
    fallback: Fallback
    model_age_days: float | None
    weather_carried_on: dict[str, int]
    days: list[DayFigures] | None = None
    """None where the model does not tell them."""
    members: dict[str, float] | None = None
    """What the model and those that it is averaged with counted by; None of one that stands alone."""


def first_that_works(
    run: Run,
    history: pd.DataFrame,
    origin: pd.Timestamp,
    covered: range,
    model: PinnedModel,
    previous: PinnedModel | None,
) -> tuple[LadderForecast, list[str]]:
    """The forecast of the lead times `covered` from `origin` (UTC) by the champion `model`, where it lacks
    weather by its twin; else by the `previous` model, and likewise its twin; else by the baseline. And why
    each rung above did not, in sentences.

    A twin is asked for the lack of weather alone: beside a damaged model it is damaged as well, or the lesser
    help than an older model that reads the weather. Raises DataError when the `history` does not even carry
    the baseline.
    """

    def forecast_by(forecaster: Forecaster, version: str, fallback: Fallback) -> LadderForecast:
        age = (pd.Timestamp(run.as_of) - forecaster.training.train_until) / pd.Timedelta(days=1)
        if age < 0:
            raise DataError(
                f"it learned from data up to {forecaster.training.train_until.isoformat()}, after this run's "
                f"moment {run.as_of.isoformat()}; take a version that was trained before, or a later moment"
            )
        require_scale(forecaster, history, origin)
        forecasts = forecaster.as_configured(run.region).forecasts(history, [origin], horizon)
        carried_on = carried_on_hours(history, forecaster.region, origin, horizon)
        days = forecasts.days(covered[0])
        members = forecasts.shares(covered[0])
        return LadderForecast(forecasts.frame(), version, fallback, round(age, 2), carried_on, days, members)

    horizon = covered[-1]
    reasons: list[str] = []
    rungs = [(model, Fallback.NONE), *([(previous, Fallback.PREVIOUS)] if previous else [])]
    for pinned, rung in rungs:
        try:
            path = model_folder(run.region.name, pinned.version)
            with run.store.download(path, only=is_of_model) as folder:
                forecaster = load_artifact(folder, checksum=pinned.checksum)
            try:
                return forecast_by(forecaster, pinned.version, rung), reasons
            except WeatherUnknownError as error:
                reasons.append(f"{pinned.version} cannot forecast: {error}")
            with run.store.download(path, only=is_of_twin) as folder:
                twin = load_twin(folder, checksum=pinned.checksum)
            if twin:
                log.warning("%s; its weatherless twin does", reasons[-1])
                return forecast_by(twin, twin_version(pinned.version), Fallback.WEATHERLESS), reasons
        except FileNotFoundError as error:
            reasons.append(f"{pinned.version} is not in the store: {error}")
        except (ArtifactError, DataError) as error:
            reasons.append(f"{pinned.version} cannot forecast: {error}")
        log.warning("%s; falling back", reasons[-1])
    frame = baseline_forecast(history, run.region, origin, horizon)
    return LadderForecast(frame, BASELINE_VERSION, Fallback.BASELINE, None, {}), reasons
