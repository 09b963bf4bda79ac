"""A forecast whatever happened to the champion: by its twin, the previous model, or the baseline."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from trainer.contract import Fallback, model_folder, twin_version
from trainer.errors import ArtifactError, DataError, WeatherUnknownError
from trainer.model.artifact import is_of_model, is_of_twin, load_artifact, load_twin
from trainer.model.forecasting.baseline import BASELINE_VERSION, baseline_forecast
from trainer.model.forecasting.day_figures import DayFigures
from trainer.model.forecasting.forecast_with_twin import ForecastWithTwin
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
    """The hours that are covered, with origin, model_version and fallback of each."""
    version: str
    """Of the first hour."""
    fallback: Fallback
    """The lowest rung that made an hour."""
    fallback_from: int | None
    """The lead time (hours) of the first hour that it made; None of `Fallback.NONE`."""
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
    """The forecast of the lead times `covered` from `origin` (UTC) by the champion `model`, from where it
    lacks weather on by its twin; else by the `previous` model, and likewise its twin; else by the baseline.
    And why each rung above did not, in sentences.

    A twin is asked for the lack of weather alone: beside a damaged model it is damaged as well, or the lesser
    help than an older model that reads the weather. Raises DataError when the `history` does not even carry
    the baseline.
    """
    asked = _Asked(run, history, origin, covered, [])
    rungs = [(model, Fallback.NONE), *([(previous, Fallback.PREVIOUS)] if previous else [])]
    for pinned, rung in rungs:
        try:
            return asked.made_by(pinned, rung), asked.reasons
        except FileNotFoundError as error:
            asked.reasons.append(f"{pinned.version} is not in the store: {error}")
        except WeatherUnknownError:
            pass  # told when its twin was asked for
        except (ArtifactError, DataError) as error:
            asked.reasons.append(f"{pinned.version} cannot forecast: {error}")
        log.warning("%s; falling back", asked.reasons[-1])
    frame = baseline_forecast(history, run.region, origin, covered[-1])
    frame = frame[frame["lead_time"] >= covered[0]].assign(
        origin=origin, model_version=BASELINE_VERSION, fallback=Fallback.BASELINE.value
    )
    made = LadderForecast(frame, BASELINE_VERSION, Fallback.BASELINE, covered[0], None, {})
    return made, asked.reasons


@dataclass(frozen=True)
class _Asked:
    """What the ladder is asked for, and why rungs did not make it."""

    run: Run
    history: pd.DataFrame
    origin: pd.Timestamp
    covered: range
    reasons: list[str]

    def made_by(self, pinned: PinnedModel, rung: Fallback) -> LadderForecast:
        with self.run.store.download(self._path(pinned), only=is_of_model) as folder:
            model = self._usable(load_artifact(folder, checksum=pinned.checksum))
        twin = partial(self._twin, pinned)
        made = ForecastWithTwin.of(model, twin, self.history, self.origin, self.covered[-1])
        first, lowest = self.covered[0], Fallback.WEATHERLESS if made.twin else rung
        frame = made.frame()
        frame = frame[frame["lead_time"] >= first]
        is_twin_s = frame["lead_time"] > made.by_model
        versions = np.where(is_twin_s, twin_version(pinned.version), pinned.version)
        rungs = np.where(is_twin_s, Fallback.WEATHERLESS.value, rung.value)
        frame = frame.assign(origin=self.origin, model_version=versions, fallback=rungs)
        return LadderForecast(
            frame,
            version=str(versions[0]),
            fallback=lowest,
            fallback_from=None if lowest is Fallback.NONE else int(frame["lead_time"][rungs == lowest].min()),
            model_age_days=round(self._age(model), 2),
            weather_carried_on=carried_on_hours(self.history, model.region, self.origin, made.by_model),
            days=made.days(first),
            members=made.shares(first),
        )

    def _twin(self, pinned: PinnedModel, error: WeatherUnknownError) -> Forecaster | None:
        self.reasons.append(f"{pinned.version} cannot forecast all hours: {error}")
        with self.run.store.download(self._path(pinned), only=is_of_twin) as folder:
            twin = load_twin(folder, checksum=pinned.checksum)
        if twin is None:
            return None
        log.warning("%s; its weatherless twin does", self.reasons[-1])
        return self._usable(twin)

    def _path(self, pinned: PinnedModel) -> str:
        return model_folder(self.run.region.name, pinned.version)

    def _age(self, model: Forecaster) -> float:
        """Days from the end of its training data to the run's moment."""
        return float((pd.Timestamp(self.run.as_of) - model.training.train_until) / pd.Timedelta(days=1))

    def _usable(self, model: Forecaster) -> Forecaster:
        """The model as its region is configured now. Raises DataError for one that learned from what comes
        after the run's moment, or that cannot read the last days of demand."""
        if self._age(model) < 0:
            raise DataError(
                f"it learned from data up to {model.training.train_until.isoformat()}, after this run's "
                f"moment {self.run.as_of.isoformat()}; take a version that was trained before, or a later "
                "moment"
            )
        require_scale(model, self.history, self.origin)
        return model.as_configured(self.run.region)
