"""forecast: the next hours with the pinned model, or with what is left when it cannot be used."""

from __future__ import annotations

import io
import json
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from trainer.contract import (
    Fallback,
    FileRef,
    Manifest,
    Product,
    Shadow,
    model_folder,
    shadow_mark,
    twin_version,
)
from trainer.data.validation import stale_hours
from trainer.environment import language
from trainer.errors import ArtifactError, DataError, NoModelError, WeatherUnknownError
from trainer.model.artifact import MANIFEST, is_of_model, is_of_twin, load_artifact, load_twin
from trainer.model.forecasting.baseline import BASELINE_VERSION, baseline_forecast
from trainer.model.forecasting.day_figures import DayFigures
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.needed_hours import carried_on_hours
from trainer.steps.shadow_forecasts import CUT_OFF, forecast_shadows
from trainer.steps.snapshot import read_snapshot
from trainer.steps.weather_ahead import FrozenIssues, weather_ahead
from trainer.store import Run

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PinnedModel:
    """A published version; a `checksum` of None trusts the version's own manifest."""

    version: str
    checksum: str | None = None


@dataclass(frozen=True)
class _Made:
    frame: pd.DataFrame
    version: str
    fallback: Fallback
    model_age_days: float | None
    weather_carried_on: dict[str, int]
    days: list[DayFigures] | None = None
    """None where the model does not tell them."""
    members: dict[str, float] | None = None
    """What the model and those that it is averaged with counted by; None of one that stands alone."""


def moment_of(run: Run, product: Product | None) -> datetime:
    """The moment (UTC) that the run's forecast speaks for: as_of, or the product's last one up to it."""
    return product.last_moment(run.as_of, run.region) if product else run.as_of


def forecast(
    run: Run,
    *,
    horizon: int,
    model: PinnedModel,
    previous: PinnedModel | None,
    product: Product | None = None,
    shadows: Sequence[Shadow] = (),
    plot: bool = False,
) -> Manifest:
    """Outputs: forecast.parquet (UTC) and forecast.csv (UTC and local time), in MW, one row per hour; with
    `plot` forecast.png, once these are safe; with `shadows` shadows.parquet, what each of them forecasts of
    the same hours, once the step is closed already with the rest.

    They are the `horizon` hours from as_of on, or with `product` those that it covers from its last moment
    up to as_of; demand measured since that is not used. Where the snapshot has weather as it was issued, the
    hours ahead are those of the newest issue up to the moment (`with_newest_issue`); issues that something is
    wrong with are left out.
    Facts: product (its name, empty without one), version, fallback (see `Fallback`), fallback_reasons,
    model_age_days (from the end of its training data to the moment), origin, first_lead_time, horizon (the
    last one), stale_hours (of the actuals that it began from), weather_carried_on (by weather, the hours
    ahead of which none was known, and the last known anomaly stood for it), those of `weather_ahead`, days
    (of each whole local day its peak and energy, see `DayFigures`; not there where the model does not tell
    them), members (of an ensemble alone: the mean weight, 0..1, of the model and of each member over the
    hours), and with `shadows` shadow_failures (why each that made no forecast did not, by name).
    A model that learned from data after the moment is as good as a broken one.
    Raises DataError when the history does not even carry the baseline.
    """
    history, frozen = read_snapshot(run)
    issues = FrozenIssues.of(run)
    parameters: dict[str, Any] = {
        "horizon": horizon,
        "model": asdict(model),
        "previous": asdict(previous) if previous else None,
        "plot": plot,
    }
    if product:
        parameters |= {"horizon": None, "product": {"name": product.name, **product.to_dict()}}
    if shadows:
        parameters["shadows"] = [asdict(shadow) for shadow in shadows]
    inputs = {"snapshot.parquet": frozen, **issues.files}
    if done := run.finished("forecast", parameters, inputs):
        return done
    started, spoken = datetime.now(UTC), language()
    moment = moment_of(run, product)
    origin = pd.Timestamp(moment).floor("h")
    covered = product.lead_times(moment, run.region) if product else range(1, horizon + 1)
    hours = origin + pd.to_timedelta([*covered], unit="h") - pd.Timedelta(hours=1)
    history, of_issues = weather_ahead(history, issues, run.region, origin, hours)
    made, reasons = _first_that_works(replace(run, as_of=moment), history, origin, covered, model, previous)
    frame = made.frame[made.frame["lead_time"] >= covered[0]].assign(
        origin=origin, model_version=made.version, fallback=made.fallback.value
    )
    local = pd.DatetimeIndex(frame.index).tz_convert(run.region.timezone)
    parquet = io.BytesIO()
    frame.to_parquet(parquet)
    with tempfile.TemporaryDirectory(prefix="demand-forecast-") as scratch:
        folder = Path(scratch)
        (folder / "forecast.parquet").write_bytes(parquet.getvalue())
        frame.assign(local_time=local.strftime("%Y-%m-%d %H:%M%z")).to_csv(
            folder / "forecast.csv", float_format="%.2f"
        )
        outputs = run.store.upload(folder, run.folder)
    if plot:
        outputs |= _picture(run, history, frame, made.version, spoken)
    facts: dict[str, Any] = {
        "product": product.name if product else "",
        "version": made.version,
        "fallback": made.fallback.value,
        "fallback_reasons": reasons,
        "model_age_days": made.model_age_days,
        "origin": origin.isoformat(),
        "first_lead_time": covered[0],
        "horizon": covered[-1],
        "stale_hours": stale_hours(history, moment),
        "weather_carried_on": made.weather_carried_on,
        **of_issues,
        **({} if made.days is None else {"days": [day.to_dict() for day in made.days]}),
        **({} if made.members is None else {"members": made.members}),
    }
    close = partial(run.close, "forecast", started=started, parameters=parameters, inputs=inputs)
    if not shadows:
        return close(outputs=outputs, facts=facts)
    # From here on a run that is lost has its forecast, and another try of it does without the shadows.
    close(outputs=outputs, facts={**facts, "shadow_failures": {one.name: CUT_OFF for one in shadows}})
    shadowed, failures = forecast_shadows(
        replace(run, as_of=moment), history, origin, covered, shadows, (model.version, model.checksum)
    )
    return close(outputs=outputs | shadowed, facts={**facts, "shadow_failures": failures})


def _picture(
    run: Run, history: pd.DataFrame, frame: pd.DataFrame, version: str, spoken: str
) -> dict[str, FileRef]:
    """forecast.png in the run's folder; nothing where it cannot be drawn."""
    from trainer.plots.pictures import plot_forecast  # noqa: PLC0415  half a second for who wants it

    with tempfile.TemporaryDirectory(prefix="demand-forecast-") as scratch:
        plot_forecast(history, frame, run.region, version, Path(scratch) / "forecast.png", spoken)
        return run.store.upload(Path(scratch), run.folder)


def newest_models(run: Run) -> tuple[PinnedModel, PinnedModel | None]:
    """The store's newest version by its as_of, of equal ones the one published last, and the one before it,
    of those that learned from nothing after the run's moment; where all did, the newest, which `forecast`
    turns away. What was published for a shadow alone is none of them. Raises NoModelError.
    """
    newest: PinnedModel | None = None
    usable: list[PinnedModel] = []
    for version, manifest in _newest_first(run):
        newest = newest or PinnedModel(version)
        if not _has_hindsight(manifest, run):
            usable.append(PinnedModel(version))
        if len(usable) == 2:
            break
    if newest is None:
        raise NoModelError(run.region.name)
    model, *before = usable or [newest]
    return model, before[0] if before else None


def _newest_first(run: Run) -> Iterator[tuple[str, bytes]]:
    """The store's versions, each with its manifest.json. One whose publication was cut off has none yet, and
    is passed over, as are those that were published for a shadow alone.
    """
    models = model_folder(run.region.name, "").rstrip("/")
    unserved = set(run.store.names(shadow_mark(run.region.name, "-").rpartition("/")[0]))
    versions = [name for name in run.store.names(models) if f"{name}.json" not in unserved]
    # Of one moment, names differ in a digest of the run's id, which says nothing of their order.
    for _, of_one_moment in groupby(reversed(versions), lambda name: name.rpartition("-")[0]):
        complete = []
        for version in of_one_moment:
            with suppress(FileNotFoundError):
                complete.append((version, run.store.read(f"{models}/{version}/{MANIFEST}")))
        if len(complete) > 1:
            complete.sort(key=lambda model: _published_at(model[1], run), reverse=True)
        yield from complete


def _published_at(manifest: bytes, run: Run) -> str:
    """ISO 8601, UTC, by the manifest of the promotion or refit; empty where that is gone or `manifest` is
    damaged."""
    try:
        run_id = str(json.loads(manifest)["facts"]["run_id"])
    except (ValueError, KeyError, TypeError):
        return ""
    of_run = replace(run, run_id=run_id)
    publication = of_run.manifest("promote") or of_run.manifest("refit")
    return publication.finished_at if publication else ""


def _has_hindsight(manifest: bytes, run: Run) -> bool:
    """False for a damaged manifest: `forecast` says what is wrong with it."""
    try:
        return pd.Timestamp(json.loads(manifest)["data"]["train_until"]) > pd.Timestamp(run.as_of)
    except (ValueError, KeyError, TypeError):
        return False


def _first_that_works(
    run: Run,
    history: pd.DataFrame,
    origin: pd.Timestamp,
    covered: range,
    model: PinnedModel,
    previous: PinnedModel | None,
) -> tuple[_Made, list[str]]:
    """The champion, and where it lacks weather its twin; the previous model, and likewise its twin; the
    baseline. A twin is asked for the lack of weather alone: beside a damaged model it is damaged as well, or
    the lesser help than an older model that reads the weather."""

    def forecast_by(forecaster: Forecaster, version: str, fallback: Fallback) -> _Made:
        age = (pd.Timestamp(run.as_of) - forecaster.training.train_until) / pd.Timedelta(days=1)
        if age < 0:
            raise DataError(
                f"it learned from data up to {forecaster.training.train_until.isoformat()}, after this run's "
                f"moment {run.as_of.isoformat()}; take a version that was trained before, or a later moment"
            )
        forecasts = forecaster.as_configured(run.region).forecasts(history, [origin], horizon)
        carried_on = carried_on_hours(history, forecaster.region, origin, horizon)
        days = forecasts.days(covered[0])
        members = forecasts.shares(covered[0])
        return _Made(forecasts.frame(), version, fallback, round(age, 2), carried_on, days, members)

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
    return _Made(frame, BASELINE_VERSION, Fallback.BASELINE, None, {}), reasons
