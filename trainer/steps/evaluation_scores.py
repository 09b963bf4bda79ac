"""How the models of an evaluation did on the hours held out: beside baseline, operator and each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from trainer.contract import Region
from trainer.contract.quantiles import stated_quantiles
from trainer.data.reference import REFERENCE
from trainer.errors import DataError
from trainer.model.comparison import beside_reference
from trainer.model.forecasting.baseline import seasonal_naive
from trainer.model.metrics import crps, finite_or_none, scores, share_below
from trainer.model.paired_test import daily_errors, improvement


def measured_hours(
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


def scores_of_models(
    hourly: pd.DataFrame, measured: Mapping[str, pd.DataFrame], history: pd.DataFrame
) -> dict[str, Any]:
    """The scores of each model (`champion` None without one), and of the baseline: None where no hour of the
    week before was measured."""
    actual = hourly["actual"]
    week_before = seasonal_naive(history["demand"], hourly.index)
    distances = _crps(actual, measured)
    metrics: dict[str, Any] = {"champion": None} | {
        name: finite_or_none({**scores(actual, hourly[name], week_before), "crps": distances[name]})
        for name in measured
    }
    told = week_before.notna()
    metrics["baseline"] = finite_or_none(scores(actual[told], week_before[told])) if told.any() else None
    return metrics


def scores_beside_reference(
    hourly: pd.DataFrame, history: pd.DataFrame, models: Sequence[str]
) -> dict[str, Any] | None:
    """`beside_reference` of these models, with the number of hours; None without a reference."""
    if REFERENCE not in history:
        return None
    reference = history[REFERENCE].reindex(hourly.index)
    beside = beside_reference(hourly["actual"], reference, {name: hourly[name] for name in models})
    return {**beside, "hours": hourly.index[reference.notna()].nunique()} if beside else None


def held_by_quantile(actual: pd.Series[float], band: pd.DataFrame) -> dict[str, float]:
    """Level -> percent of the hours that are not above its quantile."""
    quantiles = {level: band[name] for name, level in stated_quantiles(band.columns).items()}
    return {f"{level:g}": round(share, 2) for level, share in share_below(actual, quantiles).items()}


def daily_improvement(hourly: pd.DataFrame, region: Region) -> dict[str, Any] | None:
    """Of the challenger over the champion; None without a champion's forecasts, or of too few days."""
    if "champion" not in hourly:
        return None
    by_day = daily_errors(hourly["actual"], hourly[["challenger", "champion"]], region)
    found = improvement(by_day["challenger"].to_numpy(), by_day["champion"].to_numpy())
    return asdict(found) if found else None


def _crps(actual: pd.Series[float], measured: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Of each model (MW), over the quantiles that all of them state: a champion of an earlier release has
    three."""
    common = set.intersection(*(set(stated_quantiles(frame.columns)) for frame in measured.values()))
    levels = stated_quantiles(common)
    return {
        name: crps(actual, {level: frame[column] for column, level in levels.items()})
        for name, frame in measured.items()
    }
