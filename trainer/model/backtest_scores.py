"""What a backtest's hours say of the model: its errors over all of them, and by day, month and lead time."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pandas as pd

from trainer.contract import Region
from trainer.contract.quantiles import stated_quantiles
from trainer.data.reference import REFERENCE
from trainer.model.comparison import beside_reference
from trainer.model.config import ModelConfig
from trainer.model.covariates.days import day_table
from trainer.model.covariates.weather import TEMPERATURE
from trainer.model.forecasting.baseline import seasonal_naive
from trainer.model.metrics import coverage, crps, finite_or_none, mape, pinball, scores, share_below

_DECILE: Final = 0.1


def backtest_scores(
    hourly: pd.DataFrame, history: pd.DataFrame, region: Region, config: ModelConfig
) -> dict[str, Any]:
    """The figures of a backtest's `hourly` rows (`BacktestResult.hourly`) that were measured: errors in MW,
    shares in percent, None where there is nothing to score or a percentage means nothing (`scores`).

    `coverage_by_quantile`: level in percent -> percent of the hours not above it; `crps`: over these levels.
    `beside_reference`: the operator's own forecast and ours (`model`), see there.
    Coldest and hottest decile: of the window's local days by mean temperature, from `history`.
    """
    scored = hourly[hourly["actual"].notna()]
    actual, forecast = scored["actual"].to_numpy(), scored["forecast"].to_numpy()
    local = pd.DatetimeIndex(scored.index).tz_convert(region.zone)
    dates = local.tz_localize(None).to_numpy().astype("datetime64[D]")
    table = day_table(dates.min(), dates.max(), region)
    day = (dates - dates.min()).astype(np.int64)
    holiday = table.holiday[day] > 0
    around = ((table.before_holiday + table.after_holiday)[day] > 0) & ~holiday

    def part(chosen: np.ndarray) -> float | None:
        share = mape(actual[chosen], forecast[chosen])
        return share if math.isfinite(share) else None

    low, _, high = config.quantiles
    lower, upper = scored["lower"].to_numpy(), scored["upper"].to_numpy()
    columns = stated_quantiles(scored.columns)
    quantiles = {level: scored[name].to_numpy() for name, level in columns.items()}
    cold, hot = _extremes(history, scored.index, day)
    return {
        **finite_or_none(scores(actual, forecast, seasonal_naive(history["demand"], scored.index))),
        "hours": int(actual.size),
        "mape_holidays": part(holiday),
        "mape_around_holidays": part(around),
        "mape_other_days": part(~holiday & ~around),
        "mape_coldest_decile": part(cold),
        "mape_hottest_decile": part(hot),
        "mape_by_horizon": {
            str(lead): part(scored["lead_time"].to_numpy() == lead)
            for lead in sorted(set(hourly["lead_time"]))
        },
        "mape_by_month": {
            str(month): part(np.asarray(local.month) == month) for month in sorted(set(local.month))
        },
        "coverage": coverage(actual, lower, upper),
        "crps": crps(actual, quantiles),
        "coverage_by_quantile": {
            f"{level:g}": share for level, share in share_below(actual, quantiles).items()
        },
        "pinball": (pinball(actual, lower, low) + pinball(actual, upper, high)) / 2,
        "beside_reference": beside_reference(
            scored["actual"], scored[REFERENCE], {"model": scored["forecast"]}
        )
        if REFERENCE in scored
        else None,
    }


def _extremes(history: pd.DataFrame, index: pd.Index, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hours of the coldest and of the hottest tenth of the days; none without temperature."""
    if TEMPERATURE not in history:
        return np.zeros(len(index), dtype=bool), np.zeros(len(index), dtype=bool)
    temperature = history[TEMPERATURE].reindex(index).to_numpy(dtype=np.float64)
    mean = np.bincount(day, temperature) / np.maximum(np.bincount(day), 1)
    present = np.unique(day)
    cold, hot = np.quantile(mean[present], [_DECILE, 1 - _DECILE])
    return mean[day] <= cold, mean[day] >= hot
