"""evaluate: challenger and champion forecast the same held-out days, by rolling origin."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trainer.contract import Manifest, Region, model_folder
from trainer.contract.quantiles import stated_quantiles
from trainer.data.issued_weather import IssuedWeather
from trainer.data.reference import REFERENCE
from trainer.data.validation import last_actual
from trainer.environment import language
from trainer.errors import ArtifactError, DataError
from trainer.model.artifact import is_of_model, load_artifact
from trainer.model.comparison import beside_reference
from trainer.model.forecasting.baseline import seasonal_naive
from trainer.model.forecasting.day_ahead import made_as_known, mape_by_lead_time
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.metrics import coverage, crps, finite_or_none, scores, share_below
from trainer.model.paired_test import daily_errors, improvement
from trainer.model.training.fitting import without_hindsight
from trainer.observers.tracking import Tracker, tracker
from trainer.plots.pictures import plot_evaluation
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
    """Metrics: challenger, champion (None when there is none or it cannot forecast), baseline (seasonal
    naive, 168 h) and, where the snapshot has it for any of the hours, reference (the grid operator's own
    forecast, over those); each mae, mse, rmse, r2, mape, smape, and of the models rmae and crps (of
    the quantiles that both state). Facts: window, hours, versions, product (empty for the daily forecast),
    champion_note, mape by lead time, coverage of the band and of each quantile (the challenger's),
    beside_reference (see there; None without a reference), improvement (of the challenger's daily errors over
    the champion's; None without), places and members (of the challenger, as of `train`; empty where there is
    one place, or where it stands alone), search (as of `train`).
    Outputs: evaluation.csv (hourly, MW), evaluation.png.

    They forecast as the region's main product asks, without products day-ahead at midnight, and read the
    weather as it was issued up to each origin, where the snapshot has issues. No origin lies
    before the window, so that of tomorrow's forecast the window's first day is not scored. An hour is scored
    as often as the product speaks for it, and counted once: the gate asks how long they were watched.

    The window begins after the training data of the challenger, and after that of the champion's networks: a
    champion that was brought up to date since is refitted to the window's beginning. Hours that are missing
    or suspect are not scored. Raises DataError when no whole day is left, or no measured hour.
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
    hourly, measured = _measured(history, forecasts)
    actual, hours, band = hourly["actual"], hourly.index, measured["challenger"]
    week_before = seasonal_naive(history["demand"], hours)
    distances = _crps(actual, measured)
    metrics: dict[str, Any] = {"champion": None} | {
        name: finite_or_none({**scores(actual, hourly[name], week_before), "crps": distances[name]})
        for name in forecasts
    }
    told = week_before.notna()
    metrics["baseline"] = finite_or_none(scores(actual[told], week_before[told])) if told.any() else None
    beside = None
    if REFERENCE in history:
        reference = history[REFERENCE].reindex(hours)
        beside = beside_reference(actual, reference, {name: hourly[name] for name in forecasts})
    if beside:
        beside["hours"] = hours[reference.notna()].nunique()
        hourly[REFERENCE] = reference
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
            "coverage_by_quantile": _held(actual, band),
            "beside_reference": beside,
            "places": dict(challenger.places.weights),
            "members": challenger.members.usual_shares() if challenger.members else {},
            "improvement": _improvement(hourly, run.region),
            "search": training.facts.get("search"),
        },
    )


def _measured(
    history: pd.DataFrame, forecasts: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """`actual` and each model's forecast (MW) of the measured hours, and each model's rows of these. By
    position, since an hour has as many forecasts as the product makes of it. Raises DataError for no hour."""
    window = forecasts["challenger"].index
    actual = history["demand"].reindex(window)
    known = actual.notna().to_numpy()
    if not known.any():
        raise DataError(
            f"no hour of {window[0].isoformat()} .. {window[-1].isoformat()} was measured: nothing can be "
            "scored; ingest what is missing, accept what was taken for a fault, or hold out more days"
        )
    rows = {name: frame[known] for name, frame in forecasts.items()}
    said = {name: frame["forecast"] for name, frame in rows.items()}
    return pd.DataFrame({"actual": actual[known], **said}), rows


def _crps(actual: pd.Series[float], measured: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Of each model (MW), over the quantiles that all of them state: a champion of an earlier release has
    three."""
    common = set.intersection(*(set(stated_quantiles(frame.columns)) for frame in measured.values()))
    levels = stated_quantiles(common)
    return {
        name: crps(actual, {level: frame[column] for column, level in levels.items()})
        for name, frame in measured.items()
    }


def _held(actual: pd.Series[float], band: pd.DataFrame) -> dict[str, float]:
    """Level -> percent of the hours that are not above its quantile."""
    quantiles = {level: band[name] for name, level in stated_quantiles(band.columns).items()}
    return {f"{level:g}": round(share, 2) for level, share in share_below(actual, quantiles).items()}


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


def _improvement(hourly: pd.DataFrame, region: Region) -> dict[str, Any] | None:
    """Of the challenger over the champion; None without a champion's forecasts, or of too few days."""
    if "champion" not in hourly:
        return None
    by_day = daily_errors(hourly["actual"], hourly[["challenger", "champion"]], region)
    found = improvement(by_day["challenger"].to_numpy(), by_day["champion"].to_numpy())
    return asdict(found) if found else None


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
