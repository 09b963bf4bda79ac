"""forecast: the next hours with the pinned model, or with what is left when it cannot be used."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from trainer.contract import FileRef, Manifest, Product, Shadow
from trainer.environment import language
from trainer.steps.one_forecast import make_forecast
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.shadow_forecasts import CUT_OFF, forecast_shadows
from trainer.steps.snapshot import read_snapshot
from trainer.steps.weather_ahead import FrozenIssues
from trainer.store import Run


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
    """Makes the forecast from the run's snapshot, see `make_forecast`.

    Outputs: forecast.parquet (UTC) and forecast.csv (UTC and local time), in MW, one row per hour; with
    `plot` also forecast.png, drawn once these are stored. With `shadows` also shadows.parquet, what each of
    them forecasts of the same hours; the step is closed without it first, so that a shadow cannot cost it.
    Facts: those of `make_forecast`, and with `shadows` shadow_failures (why each that made no forecast did
    not, by name). Raises DataError when the history does not even carry the baseline.
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
    made = make_forecast(
        run, history, issues, horizon=horizon, model=model, previous=previous, product=product
    )
    frame, facts = made.frame, made.facts
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
        outputs |= _picture(run, made.history, frame, facts["version"], spoken)
    close = partial(run.close, "forecast", started=started, parameters=parameters, inputs=inputs)
    if not shadows:
        return close(outputs=outputs, facts=facts)
    # From here on a run that is lost has its forecast, and another try of it does without the shadows.
    close(outputs=outputs, facts={**facts, "shadow_failures": {one.name: CUT_OFF for one in shadows}})
    shadowed, failures = forecast_shadows(made, shadows, (model.version, model.checksum))
    return close(outputs=outputs | shadowed, facts={**facts, "shadow_failures": failures})


def _picture(
    run: Run, history: pd.DataFrame, frame: pd.DataFrame, version: str, spoken: str
) -> dict[str, FileRef]:
    """forecast.png in the run's folder; nothing where it cannot be drawn."""
    from trainer.plots.pictures import plot_forecast  # noqa: PLC0415  half a second for who wants it

    with tempfile.TemporaryDirectory(prefix="demand-forecast-") as scratch:
        plot_forecast(history, frame, run.region, version, Path(scratch) / "forecast.png", spoken)
        return run.store.upload(Path(scratch), run.folder)
