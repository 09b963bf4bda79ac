"""forecast: the next hours with the pinned model, or with what is left when it cannot be used."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from trainer.contract import FileRef, Manifest, Product, Shadow
from trainer.data.validation import stale_hours
from trainer.environment import language
from trainer.steps.fallback_ladder import first_that_works
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.shadow_forecasts import CUT_OFF, forecast_shadows
from trainer.steps.snapshot import read_snapshot
from trainer.steps.weather_ahead import FrozenIssues, weather_ahead
from trainer.store import Run


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
    """Forecasts the `horizon` hours from as_of on by the first rung of the ladder that works
    (`first_that_works`). With `product` it forecasts the hours that the product covers from its last moment
    up to as_of, and uses no demand measured since that moment.

    Where the snapshot has weather as it was issued, the hours ahead have that of the newest issue up to the
    moment (`with_newest_issue`); issues that something is wrong with are left out. A model that learned from
    data after the moment counts as a broken one.

    Outputs: forecast.parquet (UTC) and forecast.csv (UTC and local time), in MW, one row per hour; with
    `plot` also forecast.png, drawn once these are stored. With `shadows` also shadows.parquet, what each of
    them forecasts of the same hours; the step is closed without it first, so that a shadow cannot cost it.
    Facts: product (its name, empty without one), version, fallback (see `Fallback`), fallback_reasons,
    model_age_days (from the end of its training data to the moment), origin, first_lead_time, horizon (the
    last one), stale_hours (of the actuals that it began from), weather_carried_on (by weather, the hours
    ahead of which none was known, and the last known anomaly stood for it), those of `weather_ahead`, days
    (of each whole local day its peak and energy, see `DayFigures`; not there where the model does not tell
    them), members (of an ensemble alone: the mean weight, 0..1, of the model and of each member over the
    hours), and with `shadows` shadow_failures (why each that made no forecast did not, by name).
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
    made, reasons = first_that_works(replace(run, as_of=moment), history, origin, covered, model, previous)
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
