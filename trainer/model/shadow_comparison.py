"""The champion and a shadow on the same live hours: what each erred, and whether chance explains it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from trainer.contract import Region
from trainer.contract.local_days import day_ahead_hours
from trainer.model.metrics import finite_or_none, scores
from trainer.model.paired_test import Improvement, daily_errors, improvement


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Over the hours of which both spoke from the same origin, and whose demand was measured."""

    product: str
    """The forecast that was compared; empty for the daily one."""
    hours: int
    """Each counted once, however often a product spoke for it."""
    days: int
    """Local days that have such hours."""
    first: str
    """Local day, ISO 8601, as `last`."""
    last: str
    unit: str
    """Of the errors by day and by lead time: % of demand, or MW where demand is zero or below."""
    champion: dict[str, Any]
    """Scores over all of the hours, None for what means nothing; `shadow` likewise."""
    shadow: dict[str, Any]
    improvement: Improvement | None
    """Of the shadow over the champion, a day; None of too few days."""
    by_day: tuple[dict[str, Any], ...]
    """date, and the mean errors of champion and shadow."""
    by_lead_time: tuple[dict[str, Any], ...]
    """lead_time, hours, and the mean errors of champion and shadow."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def compare(pairs: pd.DataFrame, region: Region, product: str) -> Comparison | None:
    """pairs: columns origin, time (UTC), lead_time, champion, shadow, actual (MW). Of the daily forecast the
    hours of the first day count, as they do for a day's score; None where there are none."""
    if not product and not pairs.empty:
        first_day = {origin: day_ahead_hours(origin, region) for origin in pairs["origin"].unique()}
        pairs = pairs[pairs["lead_time"] <= pairs["origin"].map(first_day)]
    if pairs.empty:
        return None
    hourly = pairs.sort_values(["time", "origin"]).set_index("time")
    actual, said = hourly["actual"], hourly[["champion", "shadow"]]
    by_day = daily_errors(actual, said, region)
    relative = bool((actual > 0).all())
    errors = said.sub(actual, axis=0).abs()
    errors = 100 * errors.div(actual, axis=0) if relative else errors
    by_lead = errors.groupby(hourly["lead_time"])
    return Comparison(
        product=product,
        hours=int(hourly.index.nunique()),
        days=len(by_day),
        first=str(by_day.index[0]),
        last=str(by_day.index[-1]),
        unit="%" if relative else "MW",
        champion=finite_or_none(scores(actual, said["champion"])),
        shadow=finite_or_none(scores(actual, said["shadow"])),
        improvement=improvement(by_day["shadow"].to_numpy(), by_day["champion"].to_numpy()),
        by_day=tuple(
            {"date": str(day), "champion": float(row["champion"]), "shadow": float(row["shadow"])}
            for day, row in by_day.iterrows()
        ),
        by_lead_time=tuple(
            {
                "lead_time": int(lead_time),
                "hours": len(part),
                "champion": float(part["champion"].mean()),
                "shadow": float(part["shadow"].mean()),
            }
            for lead_time, part in by_lead
        ),
    )
