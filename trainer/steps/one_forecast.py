"""One forecast from a history: its hours, and the facts of how it was made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from trainer.contract import Product
from trainer.data.validation import stale_hours
from trainer.steps.fallback_ladder import first_that_works
from trainer.steps.pinned_models import PinnedModel
from trainer.steps.weather_ahead import FrozenIssues, weather_ahead
from trainer.store import Run


@dataclass(frozen=True)
class OneForecast:
    """A forecast, and what it was made from."""

    run: Run
    """For the moment that the forecast speaks for."""
    history: pd.DataFrame
    """With the weather that the forecast has read."""
    origin: pd.Timestamp
    covered: range
    """Lead times."""
    frame: pd.DataFrame
    """MW, one row per hour (UTC), with lead_time, origin, model_version and fallback."""
    facts: dict[str, Any]


def moment_of(run: Run, product: Product | None) -> datetime:
    """The moment (UTC) that the run's forecast speaks for: as_of, or the product's last one up to it."""
    return product.last_moment(run.as_of, run.region) if product else run.as_of


def make_forecast(
    run: Run,
    history: pd.DataFrame,
    issues: FrozenIssues,
    *,
    horizon: int,
    model: PinnedModel,
    previous: PinnedModel | None,
    product: Product | None,
) -> OneForecast:
    """Forecasts the `horizon` hours from as_of on by the first rung of the ladder that works
    (`first_that_works`). With `product` it forecasts the hours that the product covers from its last moment
    up to as_of, and uses no demand of `history` (hourly, UTC) measured since that moment.

    Where there are `issues`, the hours ahead have the weather of the newest issue up to the moment
    (`with_newest_issue`); issues that something is wrong with are left out. A model that learned from data
    after the moment counts as a broken one.

    Facts: product (its name, empty without one), version (of the first hour), fallback (see `Fallback`),
    fallback_from (the lead time from which on it forecasts, None without one), fallback_reasons,
    model_age_days (from the end of its training data to the moment), origin, first_lead_time, horizon (the
    last one), stale_hours (of the actuals that it began from), weather_carried_on (by weather, the hours
    ahead of which none was known, and the last known anomaly stood for it), those of `weather_ahead`, days
    (of each whole local day its peak and energy, see `DayFigures`; not there where the model does not tell
    them) and members (of an ensemble alone: the mean weight, 0..1, of the model and of each member over the
    hours). Raises DataError when the history does not even carry the baseline.
    """
    moment = moment_of(run, product)
    spoken_for = replace(run, as_of=moment)
    origin = pd.Timestamp(moment).floor("h")
    covered = product.lead_times(moment, run.region) if product else range(1, horizon + 1)
    hours = origin + pd.to_timedelta([*covered], unit="h") - pd.Timedelta(hours=1)
    history, of_issues = weather_ahead(history, issues, run.region, origin, hours)
    made, reasons = first_that_works(spoken_for, history, origin, covered, model, previous)
    facts: dict[str, Any] = {
        "product": product.name if product else "",
        "version": made.version,
        "fallback": made.fallback.value,
        "fallback_from": made.fallback_from,
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
    return OneForecast(spoken_for, history, origin, covered, made.frame, facts)
