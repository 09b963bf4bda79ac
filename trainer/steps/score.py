"""score: published forecasts against the actuals that have arrived since, by day and by lead time."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from trainer.contract import Manifest
from trainer.contract.local_days import day_of
from trainer.contract.quantiles import quantile_levels
from trainer.database.connection import connect
from trainer.database.deliveries import owe
from trainer.database.metrics import ALL_LEAD_TIMES, DAY_AHEAD, MetricsRow, replace_scores
from trainer.database.predictions import read_scorable
from trainer.environment import require_database_url
from trainer.influx import InfluxSettings, deliver
from trainer.model.comparison import beside_reference
from trainer.model.metrics import crps, finite_or_none, scores
from trainer.steps.holdout import holdout_start, local_days
from trainer.steps.shadow_comparisons import keep_comparisons
from trainer.store import Run

log = logging.getLogger(__name__)


def score(run: Run, *, days: int) -> Manifest:
    """Scores the last `days` local days again, so that late or corrected actuals and forecasts that were made
    anew converge.

    Of each it leaves one row per product, model version and lead time in model_metrics, and owes them to
    forecast_metrics, where there is an InfluxDB. Lead time 0 has lead times 1..24 of the daily forecast
    together, and of a product all that it covers, as often as it spoke for them.
    Metrics: per local day, of the version that spoke for most of it; its crps is None where one of the hours
    has the band alone. Where the grid operator's own forecast is known of some of its hours, also what it
    and ours have on those (see `MetricsRow`).
    Facts: hours scored, rows, products (metrics likewise, by name), shadow_hours (those on which each live
    shadow was compared with the champion, by name, where there are any), and what `deliver` says.
    """
    started = datetime.now(UTC)
    url = require_database_url("score")
    influxdb = InfluxSettings.from_environ()
    start = holdout_start(run.as_of, run.region, days)
    midnights = [*local_days(start, pd.Timestamp(run.as_of), run.region)]
    end = holdout_start(run.as_of, run.region, 0)
    with connect(url) as connection:
        pairs = read_scorable(connection, run.region.name, start.to_pydatetime(), end.to_pydatetime())
        rows: list[MetricsRow] = []
        for first, after in zip(midnights, [*midnights[1:], end], strict=True):
            of_day = pairs[(pairs["time"] >= first) & (pairs["time"] < after)]
            rows += _rows(run, of_day, first, after)
        with connection.transaction():
            windows = [first.to_pydatetime() for first in midnights]
            changed = replace_scores(connection, run.region.name, windows, rows)
            if influxdb is not None:
                owe(connection, run.region.name, "metrics", changed)
        compared = keep_comparisons(connection, run.region, until=end.to_pydatetime())
        delivery = deliver(connection, influxdb, run.region) if influxdb is not None else {}
    whole = [row for row in rows if row.lead_time == ALL_LEAD_TIMES]
    daily = [row for row in whole if not row.product]
    products = sorted({row.product for row in whole} - {""})
    hours = sum(row.hours for row in whole)
    log.info("scored %d hours of %d days", hours, len({row.window_start for row in whole}))
    return run.close(
        "score",
        started=started,
        parameters={"days": days},
        metrics=_by_day(run, daily),
        facts={
            "hours": hours,
            "rows": len(rows),
            "products": {
                name: _by_day(run, [row for row in whole if row.product == name]) for name in products
            },
            **({"shadow_hours": compared} if compared else {}),
            **delivery,
        },
    )


def _rows(run: Run, pairs: pd.DataFrame, first: pd.Timestamp, after: pd.Timestamp) -> Iterator[MetricsRow]:
    for (product, version), of_version in pairs.groupby(["product", "model_version"]):
        counted = (of_version["lead_time"] <= DAY_AHEAD) | (of_version["origin"] == first) | bool(product)
        day_ahead = of_version[counted]
        parts = [(ALL_LEAD_TIMES, day_ahead), *of_version.groupby("lead_time")]
        for lead_time, part in parts:
            if part.empty:
                continue
            yield MetricsRow(
                region=run.region.name,
                product=str(product),
                model_version=str(version),
                scope="score",
                window_start=first.to_pydatetime(),
                window_end=after.to_pydatetime(),
                lead_time=int(lead_time),
                hours=len(part),
                run_id=run.run_id,
                **finite_or_none(scores(part["actual"], part["forecast"], part["naive"])),
                crps=_crps(part),
                **_beside_reference(part),
            )


def _crps(part: pd.DataFrame) -> float | None:
    """MW; None where one of the hours has fewer quantiles than the others, or the band alone."""
    levels = {level: part[name] for name, level in quantile_levels(part.columns).items()}
    further = {level: values for level, values in levels.items() if values.notna().any()}
    if not further:
        return None
    found = crps(part["actual"], {10: part["lower"], 50: part["forecast"], 90: part["upper"], **further})
    return found if math.isfinite(found) else None


def _beside_reference(part: pd.DataFrame) -> dict[str, Any]:
    beside = beside_reference(part["actual"], part["reference"], {"model": part["forecast"]})
    if beside is None:
        return {}
    return {
        "common_hours": beside["hours"],
        "common_mae": beside["model"]["mae"],
        "common_mape": beside["model"]["mape"],
        "reference_mae": beside["reference"]["mae"],
        "reference_mape": beside["reference"]["mape"],
    }


def _figures(row: MetricsRow) -> dict[str, float | None]:
    names = ["mae", "mse", "rmse", "r2", "mape", "smape", "rmae", "crps"]
    if row.common_hours is not None:
        names += ["common_hours", "common_mae", "common_mape", "reference_mae", "reference_mape"]
    return {name: getattr(row, name) for name in names}


def _by_day(run: Run, rows: list[MetricsRow]) -> dict[str, Any]:
    days: dict[str, MetricsRow] = {}
    for row in rows:
        day = day_of(row.window_start, run.region).isoformat()
        if day not in days or row.hours > days[day].hours:
            days[day] = row
    return {day: _figures(row) for day, row in sorted(days.items())}
