"""One ordered forecast, computed in a process of its own: threads would wait for each other's Python."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeVar

import pandas as pd
from threadpoolctl import threadpool_limits

from trainer.contract import Region
from trainer.data.quality import Overruling
from trainer.data.reference import REFERENCE
from trainer.data.sources import SourceFrame
from trainer.data.validation import canonical
from trainer.data.weather.columns import place_columns
from trainer.data.weather.issued import ISSUE_FAULTS, IssuedWeather, why_left_out
from trainer.errors import DataError, WeatherUnknownError
from trainer.model.arrays import Matrix
from trainer.model.artifact import load_artifact, load_twin
from trainer.model.covariates.issued_errors import with_issues
from trainer.model.forecasting.baseline import baseline_forecast
from trainer.model.forecasting.day_figures import DayFigures
from trainer.model.forecasting.forecast_with_twin import ForecastWithTwin
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.scale_check import require_scale

T = TypeVar("T")

_NICENESS: Final = 5
_MODELS_KEPT: Final = 8
_HISTORIES_KEPT: Final = 16


@dataclass(frozen=True)
class Artifact:
    """A verified copy of a published model on this machine."""

    folder: Path
    checksum: str


@dataclass(frozen=True)
class History:
    """Rows as they were stored or given, not yet judged."""

    rows: pd.DataFrame
    """Index `time` (UTC), `demand` (MW), the region's weather and, for a model that is averaged with it, the
    grid operator's own forecast, `reference` (MW); NaN where unknown."""
    place: str
    """For messages."""
    key: Hashable | None
    """Equal keys mean equal rows and words on them; None for rows that are not worth keeping."""
    overrulings: tuple[Overruling, ...] = ()
    """What people said of stored hours, the earliest first; rows that a caller gives are judged by the rules
    alone."""
    issued: IssuedWeather | None = None
    """The weather as it was issued up to the origin, where that is stored."""


@dataclass(frozen=True)
class Job:
    region: Region
    """The one that the model was trained for, with its weather; the configured one for the baseline."""
    artifact: Artifact | None
    """None for the seasonal baseline."""
    history: History
    origin: pd.Timestamp
    horizon: int
    allow_fallback: bool
    """Whether the model's weatherless twin may forecast from where weather is missing on, and the baseline
    where the model cannot read demand any more (`require_scale`)."""
    paths: int = 0
    """Sample paths wanted."""


def prepare() -> None:
    """Before a worker's first job. One core each: the processes are what takes the others.

    A read takes a millisecond; where both want the same core, it goes first.
    """
    threadpool_limits(1)
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(niceness, _NICENESS))


@dataclass(frozen=True)
class Computed:
    frame: pd.DataFrame
    """As `Forecaster.forecast` gives it."""
    days: list[DayFigures] = field(default_factory=list)
    """Of each whole local day; none where the model does not tell them, as `paths`."""
    paths: Matrix | None = None
    """(paths, hours), MW: those wanted."""
    stand_in: Literal["weatherless", "baseline"] | None = None
    """What made hours in the model's place: its twin, or the seasonal baseline."""
    stands_in_from: int | None = None
    """The lead time (hours) of the first hour that it made."""
    reason: str | None = None
    """Why that did."""


def compute(job: Job) -> Computed:
    """Raises DataError for a history that cannot be used, and where weather that the model needs is missing
    or it cannot read demand, unless its twin or the baseline may stand in."""
    history = history_of(job)
    if job.artifact is None:
        return _baseline(history, job)
    model = _model(job.artifact)
    try:
        require_scale(model, history, job.origin)
    except DataError as error:
        if not job.allow_fallback:
            raise
        baseline = _baseline(history, job)
        return replace(baseline, stand_in="baseline", stands_in_from=1, reason=str(error))
    return _computed(model, job.artifact, history, job)


def _baseline(history: pd.DataFrame, job: Job) -> Computed:
    return Computed(baseline_forecast(history, job.region, job.origin, job.horizon))


def _computed(model: Forecaster, artifact: Artifact, history: pd.DataFrame, job: Job) -> Computed:
    def twin(_: WeatherUnknownError) -> Forecaster | None:
        found = _twin(artifact) if job.allow_fallback else None
        return found and found.as_configured(job.region)

    made = ForecastWithTwin.of(model.as_configured(job.region), twin, history, job.origin, job.horizon)
    paths = made.paths(job.paths) if job.paths else None
    computed = Computed(made.frame(), made.days() or [], paths)
    if made.twin is None:
        return computed
    first = made.by_model + 1
    return replace(computed, stand_in="weatherless", stands_in_from=first, reason=made.reason)


_models: OrderedDict[Hashable, Forecaster] = OrderedDict()
_twins: OrderedDict[Hashable, Forecaster | None] = OrderedDict()
_histories: OrderedDict[Hashable, pd.DataFrame] = OrderedDict()


def _model(artifact: Artifact) -> Forecaster:
    def load() -> Forecaster:
        return load_artifact(artifact.folder, checksum=artifact.checksum)

    return _kept(_models, artifact.checksum, _MODELS_KEPT, load)


def _twin(artifact: Artifact) -> Forecaster | None:
    def load() -> Forecaster | None:
        return load_twin(artifact.folder, checksum=artifact.checksum)

    return _kept(_twins, artifact.checksum, _MODELS_KEPT, load)


def history_of(job: Job) -> pd.DataFrame:
    """What the job's model is shown: its rows as they are judged, and the weather of the newest issue from
    the origin on. Raises DataError for rows that cannot be used."""

    def judge() -> pd.DataFrame:
        rows = job.history.rows
        places = place_columns(list(rows.columns), job.region)
        of_operator = rows.columns.intersection([REFERENCE])
        columns = ["time", "demand", *of_operator, *job.region.weather, *places]
        raw = SourceFrame(rows.reset_index()[columns], job.history.place, has_means_of_places=True)
        # The columns have our own names already; the region's mapping is for the headers of its source.
        region = replace(job.region, columns={})
        overrulings = job.history.overrulings
        frame = canonical(raw, region, as_of=job.origin.to_pydatetime(), overrulings=overrulings).frame
        if (issued := job.history.issued) is None:
            return frame
        try:
            return with_issues(frame, issued, job.region, job.origin)
        except ISSUE_FAULTS as error:  # costs them alone
            why_left_out(error)
            return frame

    if job.history.key is None:
        return judge()
    return _kept(_histories, job.history.key, _HISTORIES_KEPT, judge)


def _kept(cache: OrderedDict[Hashable, T], key: Hashable, most: int, make: Callable[[], T]) -> T:
    if key not in cache:
        cache[key] = make()
        while len(cache) > most:
            cache.popitem(last=False)
    cache.move_to_end(key)
    return cache[key]
