"""A history as it was known at an origin: measured weather before it, the newest issue's from it on."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from trainer.contract import MAX_HORIZON, MAX_ISSUE_AGE_HOURS, Region
from trainer.data.weather.columns import place_columns
from trainer.data.weather.issued import ISSUED_AT, IssuedWeather
from trainer.model.covariates.weather import TEMPERATURE

DAY_AHEAD: Final = "day_ahead:"
"""Before the name of a weather: as it was issued by the origin of the hour's day (`issued_errors`)."""
_OLDEST: Final = pd.Timedelta(hours=MAX_ISSUE_AGE_HOURS)
_FARTHEST: Final = pd.Timedelta(hours=MAX_HORIZON, days=2)


def with_newest_issue(
    history: pd.DataFrame, issued: IssuedWeather, origin: pd.Timestamp, region: Region
) -> pd.DataFrame:
    """`as_issued`, but with the weather of `history` itself, where it knows any, for hours of which no issue
    speaks and for hours whose newest issue was more than 36 h old at `origin`, since then the issues have
    stopped coming. In a live history that weather is the source's own forecast.

    The temperatures of places come from the issue that the region's comes from: places that it lacks stay
    unknown, and are taken to depart from the region's temperature as they usually do.
    """
    seen = as_issued(history, issued, origin, region)
    source = history.reindex(seen.index)
    ahead = seen.index[seen.index >= origin]
    issued_at = issued.known_at(pd.DatetimeIndex(ahead), origin)[ISSUED_AT].reindex(seen.index)
    old = issued_at < origin - _OLDEST
    for name in _known_of(region, history):
        places = place_columns(list(history.columns), region) if name == TEMPERATURE else []
        by_source = seen[name].isna() | (old & source[name].notna())
        seen.loc[by_source, [name, *places]] = source.loc[by_source, [name, *places]]
    return seen


def as_issued(
    history: pd.DataFrame, issued: IssuedWeather, origin: pd.Timestamp, region: Region
) -> pd.DataFrame:
    """`history` (hourly, UTC) with the weather of each hour from `origin` on, and at single places, as the
    newest issue up to `origin` has it, NaN where none speaks of it; it reaches to the last hour of these
    issues, or nine days on, beyond which nothing is forecast. Hours before, and all other columns, stay as
    they are.

    Never reads an issue of after the origin, nor measured weather of the hours from it on.
    """
    last = history.index[-1]
    end = max(last, min(issued.last_hour(origin) or last, origin + _FARTHEST))
    index = pd.date_range(history.index[0], end, freq="h", name=history.index.name)
    seen = history.reindex(index)
    ahead = index[index >= origin]
    names = [*_known_of(region, history), *place_columns(list(history.columns), region)]
    known = issued.known_at(ahead, origin).reindex(columns=names)
    seen.loc[ahead, names] = known.to_numpy(dtype="float64")
    later = [name for name in seen.columns if name.startswith(DAY_AHEAD)]
    seen.loc[ahead, later] = np.nan  # the issues of origins to come
    return seen


def _known_of(region: Region, history: pd.DataFrame) -> list[str]:
    """The region's weather that `history` has: of an old model's region some may be gone, of which the model
    itself says what it lacks."""
    return [name for name in region.weather if name in history]
