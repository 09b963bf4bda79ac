"""Forecasts of past days as they would have been made: at each day's midnight, or as a product asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import pandas as pd

from trainer.contract.local_days import day_of
from trainer.contract.products import asked_for
from trainer.data.weather.issued import IssuedWeather
from trainer.model.covariates.weather_as_issued import with_newest_issue
from trainer.model.forecasting.day_figures import DayFigures
from trainer.model.forecasting.forecaster import Forecaster
from trainer.model.forecasting.forecasts import Forecasts
from trainer.model.metrics import finite_or_none, mape


def day_ahead(
    forecaster: Forecaster,
    history: pd.DataFrame,
    midnights: pd.DatetimeIndex,
    issued: IssuedWeather | None = None,
) -> pd.DataFrame:
    """`made_as_known` for the local days that begin at `midnights` (UTC), each from that midnight on; a DST
    day has 23 or 25 hours."""
    region = forecaster.region
    days = [day_of(start, region) for start in midnights]
    asked = [one for day in days for one in asked_for(day, None, region)]
    return made_as_known(forecaster, history, asked, issued)


def made_as_asked(
    forecaster: Forecaster, history: pd.DataFrame, asked: Iterable[tuple[datetime, range]]
) -> pd.DataFrame:
    """The forecasts from each origin (UTC) of `asked`, at the lead times (hours) that stand beside it.

    Columns as of `Forecaster.forecast_many`, index the UTC hour, ascending; an hour that several forecasts
    speak for has a row of each.

    Raises DataError as `Forecaster.forecast` does.
    """
    return _hours(_forecasts(forecaster, history, asked))


def made_as_known(
    forecaster: Forecaster,
    history: pd.DataFrame,
    asked: Sequence[tuple[datetime, range]],
    issued: IssuedWeather | None,
) -> pd.DataFrame:
    """`made_as_asked`, each forecast with the weather that was known at its origin: of the newest issue, and
    what `history` has where none speaks (`with_newest_issue`). Without `issued` the same as that."""
    if issued is None:
        return made_as_asked(forecaster, history, asked)
    region = forecaster.region
    made = [
        made_as_asked(forecaster, with_newest_issue(history, issued, pd.Timestamp(one[0]), region), [one])
        for one in asked
    ]
    return pd.concat(made).sort_index(kind="stable")


def made_with_days(
    forecaster: Forecaster, history: pd.DataFrame, asked: Iterable[tuple[datetime, range]]
) -> tuple[pd.DataFrame, list[DayFigures]]:
    """`made_as_asked`, and the figures of the whole local days of each forecast; no days for a model that
    knows no sample paths."""
    forecasts = _forecasts(forecaster, history, asked)
    days = [day for lead_times, made in forecasts for day in made.days(lead_times[0]) or []]
    return _hours(forecasts), days


def _forecasts(
    forecaster: Forecaster, history: pd.DataFrame, asked: Iterable[tuple[datetime, range]]
) -> list[tuple[range, Forecasts]]:
    """One computation for all origins that the same lead times are asked of."""
    alike: dict[range, list[datetime]] = {}
    for origin, lead_times in asked:
        alike.setdefault(lead_times, []).append(origin)
    return [
        (lead_times, forecaster.forecasts(history, pd.DatetimeIndex(origins), lead_times[-1]))
        for lead_times, origins in alike.items()
    ]


def _hours(forecasts: list[tuple[range, Forecasts]]) -> pd.DataFrame:
    parts = []
    for lead_times, alike in forecasts:
        made = pd.DataFrame(alike.columns())
        parts.append(made[made["lead_time"] >= lead_times[0]])
    return pd.concat(parts).set_index("time").sort_index(kind="stable")


def day_ahead_errors(
    forecaster: Forecaster, history: pd.DataFrame, midnights: pd.DatetimeIndex
) -> pd.Series[float]:
    """Absolute errors of `day_ahead` in MW, by UTC hour, of those that were measured. Raises DataError
    likewise."""
    made = day_ahead(forecaster, history, midnights)["forecast"]
    actual = history["demand"].reindex(made.index).dropna()
    return (made[actual.index] - actual).abs()


def mape_by_lead_time(forecast: pd.DataFrame, actual: pd.Series[float]) -> dict[str, float | None]:
    """Lead time in hours (as text, for JSON) -> MAPE in percent, None where it means nothing. `actual` is
    indexed as `forecast`, in MW."""
    pairs = pd.DataFrame({"actual": actual, "forecast": forecast["forecast"]})
    found = {
        str(lead_time): round(mape(part["actual"], part["forecast"]), 4)
        for lead_time, part in pairs.groupby(forecast["lead_time"].to_numpy())
    }
    return finite_or_none(found)
