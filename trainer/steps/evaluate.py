"""evaluate: challenger and champion forecast the same held-out days, by rolling origin."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trainer.contract import Manifest, model_folder
from trainer.contract.quantiles import stated_quantiles
from trainer.data.reference import REFERENCE
from trainer.data.validation import last_actual
from trainer.data.weather.issued import IssuedWeather
from trainer.environment import language
from trainer.errors import ArtifactError, DataError
from trainer.model.artifact import is_of_model, load_artifact
from trainer.model.forecasting.day_ahead import made_as_known, mape_by_lead_time
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.metrics import coverage
from trainer.model.training.fitting import without_hindsight
from trainer.observers.tracking import Tracker, tracker
from trainer.plots.pictures import plot_evaluation
from trainer.steps.evaluation_scores import (
    daily_improvement,
    held_by_quantile,
    measured_hours,
    scores_beside_reference,
    scores_of_models,
)
from trainer.steps.holdout import asked_in_holdout
from trainer.steps.snapshot import read_snapshot, with_frozen_issues
from trainer.store import Run

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Champion:
    """The active version, as the deployment record has it."""

    version: str
    checksum: str


def evaluate(run: Run, *, holdout_days: int, champion: Champion | None) -> Manifest:
    """Scores the run's candidate, the challenger, and the champion on the same held-out hours.

    Both forecast as the region's main product asks, without products day-ahead at midnight, and read the
    weather as it was issued up to each origin, where the snapshot has issues. No origin lies before the
    window, so that of tomorrow's forecast the window's first day is not scored. An hour is scored as often as
    the product speaks for it, and counted once: the gate asks how long they were watched.

    The window begins after the training data of the challenger, and after that of the champion's networks: a
    champion that was brought up to date since is refitted to the window's beginning. Hours that are missing
    or suspect are not scored.

    Metrics, by name: `challenger`; `champion`, None when there is none or it cannot forecast; `baseline`, the
    seasonal naive forecast of 168 h; `reference`, the grid operator's own forecast, where the snapshot has it
    for any of the hours, over those. Each has the scores of `scores`, and a model also rmae and crps (MW, of
    the quantiles that both models state).
    Facts: challenger_version, champion_version, champion_note, product (empty for the daily forecast), hours,
    window_start and window_end (UTC, the end exclusive); of the challenger mape_by_lead_time, coverage of the
    band and coverage_by_quantile (percent), places and members as `train` has them (empty for one place, or
    a model that stands alone); beside_reference (None without a reference); improvement of the challenger's
    daily errors over the champion's (None without a champion); search and mlflow_run_id as `train` has them.
    Outputs: evaluation.csv (hourly, MW), evaluation.png.

    Raises DataError when no whole day is left, or no measured hour.
    """
    history, frozen = read_snapshot(run)
    history, issued, of_issues = with_frozen_issues(run, history)
    training = run.require("train")
    product = run.region.main_product
    parameters: dict[str, Any] = {
        "holdout_days": holdout_days,
        "champion_version": champion.version if champion else None,
        "champion_checksum": champion.checksum if champion else None,
        **({"product": {"name": product.name, **product.to_dict()}} if product else {}),
    }
    inputs = {"snapshot.parquet": frozen, **of_issues, "manifest.json": training.outputs["manifest.json"]}
    if done := run.finished("evaluate", parameters, inputs):
        return done
    started, spoken = datetime.now(UTC), language()
    with run.store.download(f"{run.folder}/candidate", only=is_of_model) as folder:
        challenger = load_artifact(folder, checksum=training.facts["artifact"]["checksum"])
    rival, note = _load_champion(run, champion)
    last = last_actual(history)
    asked = asked_in_holdout(run, holdout_days, last, [model for model in (challenger, rival) if model])
    forecasts = {"challenger": _forecasts(challenger, history, asked, issued, last)}
    if champion and rival:
        try:
            origins = pd.DatetimeIndex([origin for origin, _ in asked])
            judged = without_hindsight(rival, history, origins)
            forecasts["champion"] = _forecasts(judged, history, asked, issued, last)
        except DataError as error:  # such as weather that the region has no more: no reason to lose the rest
            note = f"champion {champion.version} cannot forecast: {error}"
            log.warning("%s", note)
    window = forecasts["challenger"].index
    hourly, measured = measured_hours(history, forecasts)
    actual, hours, band = hourly["actual"], hourly.index, measured["challenger"]
    metrics = scores_of_models(hourly, measured, history)
    beside = scores_beside_reference(hourly, history, list(forecasts))
    if beside:
        hourly[REFERENCE] = history[REFERENCE].reindex(hours)
        metrics["reference"] = beside["reference"]
    mlflow = tracker(training.facts.get("mlflow_run_id"))
    with tempfile.TemporaryDirectory(prefix="demand-forecast-") as scratch:
        hourly = hourly.assign(
            **{name: band[name] for name in stated_quantiles(band.columns.drop("forecast"))}
        )
        hourly.to_csv(Path(scratch) / "evaluation.csv", float_format="%.2f")
        newest = hourly[~hourly.index.duplicated(keep="last")]
        plot_evaluation(newest, run.region, Path(scratch) / "evaluation.png", spoken)
        outputs = run.store.upload(Path(scratch), run.folder)
        mlflow.files(Path(scratch), "evaluation")
    _tell(mlflow, metrics, beside)
    mlflow.end(failed=False)
    return run.close(
        "evaluate",
        started=started,
        parameters=parameters,
        inputs=inputs,
        outputs=outputs,
        metrics=metrics,
        facts={
            "challenger_version": run.version,
            "champion_version": champion.version if champion else None,
            "product": product.name if product else "",
            "champion_note": note,
            "mlflow_run_id": training.facts.get("mlflow_run_id"),
            "hours": hours.nunique(),
            "window_start": window[0].isoformat(),
            "window_end": (window[-1] + pd.Timedelta(hours=1)).isoformat(),
            "mape_by_lead_time": mape_by_lead_time(band, actual),
            "coverage": round(coverage(actual, band["lower"], band["upper"]), 2),
            "coverage_by_quantile": held_by_quantile(actual, band),
            "beside_reference": beside,
            "places": dict(challenger.places.weights),
            "members": challenger.members.usual_shares() if challenger.members else {},
            "improvement": daily_improvement(hourly, run.region),
            "search": training.facts.get("search"),
        },
    )


def _tell(mlflow: Tracker, metrics: Mapping[str, Any], beside: Mapping[str, Any] | None) -> None:
    for name, values in metrics.items():
        mlflow.metrics({f"{name}_{key}": value for key, value in (values or {}).items()})
    if beside:
        models = [name for name in ("challenger", "champion") if name in beside]
        ours = {f"{name}_mape_on_reference_hours": beside[name]["mape"] for name in models}
        mlflow.metrics({"reference_hours": beside["hours"], **ours})


def _load_champion(run: Run, champion: Champion | None) -> tuple[Forecaster | None, str]:
    if champion is None:
        return None, "the region has no champion yet"
    try:
        path = model_folder(run.region.name, champion.version)
        with run.store.download(path, only=is_of_model) as folder:
            model = load_artifact(folder, checksum=champion.checksum)
        return model.as_configured(run.region), "scored on the same hours"
    except FileNotFoundError as error:
        note = f"champion {champion.version} is not in the store: {error}"
    except ArtifactError as error:
        note = f"champion {champion.version} cannot be read: {error}"
    log.warning("%s", note)
    return None, note


def _forecasts(
    forecaster: Forecaster,
    history: pd.DataFrame,
    asked: list[tuple[datetime, range]],
    issued: IssuedWeather | None,
    last: pd.Timestamp,
) -> pd.DataFrame:
    """Up to the last actual, the same rows of any model. Raises DataError for one that is no number."""
    made = made_as_known(forecaster, history, asked, issued)
    made = made[made.index <= last]
    unfit = made.index[~np.isfinite(made["forecast"])]
    if len(unfit):
        raise DataError(f"{len(unfit)} hours of its forecast are no numbers, from {unfit[0].isoformat()} on")
    return made
