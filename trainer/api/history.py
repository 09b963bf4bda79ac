"""The history that an ordered forecast stands on: stored, or given in the request."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Final

import pandas as pd

from trainer.api.forecasting import History
from trainer.api.issues import besides, issues_before, issues_stamp
from trainer.api.orders import MOST_DAYS, MOST_WEATHER_HOURS, HistoryHour, Order, WeatherHour
from trainer.api.problems import Problem
from trainer.api.read.database import Connection
from trainer.contract import Region
from trainer.data.reference import REFERENCE
from trainer.data.weather.columns import place_columns, places_of
from trainer.database.actuals import read_actuals, stored_weather
from trainer.database.judgements import read_overrulings

STORED_DAYS: Final = 63
"""The baseline judges 8 weeks of changes from week to week; the model needs less."""
_KEPT: Final = 16
"""Histories kept in memory, some 100 kB each, and 3 MB where weather is issued four times a day."""

# Changes with every row that is written, also when transactions commit in another order than they began.
_STAMP: Final = """
    SELECT count(*), max(ingested_at), sum(extract(epoch FROM ingested_at)) FROM raw_demand
    WHERE region = %(region)s AND time >= %(start)s AND time < %(end)s
"""


class Histories:
    """The rows before an origin and the weather after it. Stored ones are kept until one of them changes,
    or somebody says something of them."""

    def __init__(self, connect: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._connect = connect
        self._kept: OrderedDict[Hashable, History] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, order: Order, region: Region, origin: pd.Timestamp) -> History:
        """Raises Problem 422 for given rows out of reach or with weather that the region does not have."""
        rows: list[HistoryHour | WeatherHour] = [*(order.history or []), *order.weather]
        _require_reach(rows, region, origin)
        if order.history is not None:
            given = _frame(order.history, region)
            return History(_overlaid(given, order.weather, region), "the request's history", None)
        stored = self._stored(region, origin)
        if not order.weather:
            return stored
        return replace(
            stored,
            rows=_overlaid(stored.rows, order.weather, region),
            issued=besides(stored.issued, order.weather),
            key=None,
        )

    def _stored(self, region: Region, origin: pd.Timestamp) -> History:
        start = (origin - pd.Timedelta(days=STORED_DAYS)).to_pydatetime()
        end = (origin + pd.Timedelta(hours=MOST_WEATHER_HOURS)).to_pydatetime()
        with self._connect() as connection:
            stamp = connection.execute(_STAMP, {"region": region.name, "start": start, "end": end}).fetchone()
            said = read_overrulings(connection, region.name)
            overrulings = tuple(one for one in said if start <= one.last and one.first < end)
            issues = issues_stamp(connection, region, origin, since=start)
            key = (region.name, region.weather, region.ensemble, origin, stamp, issues, overrulings)
            with self._lock:
                kept = self._kept.get(key)
            if kept is not None:
                return kept
            places = place_columns(stored_weather(connection, region.name, start, end), region)
            weather = (*region.weather, *places)
            reference = REFERENCE in region.ensemble
            rows = read_actuals(connection, region.name, start, end, weather=weather, reference=reference)
            issued = issues_before(connection, region, origin, since=start)
        place = f"the stored history of region {region.name}"
        stored = History(rows, place, key, overrulings, issued)
        with self._lock:
            self._kept[key] = stored
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return stored


def end_of(history: list[HistoryHour]) -> datetime:
    """The hour after the last one whose demand is given. Raises Problem 422 when none is."""
    known = [row.time for row in history if row.demand_mw is not None]
    if not known:
        raise Problem(
            422,
            "unusable-history",
            "no hour of `history` has a demand",
            mend="give demand_mw for the hours before as_of",
        )
    return (pd.Timestamp(max(known)) + pd.Timedelta(hours=1)).to_pydatetime()


def _require_reach(rows: Sequence[HistoryHour | WeatherHour], region: Region, origin: pd.Timestamp) -> None:
    # Hours far apart would become a frame of all the hours between them.
    first, last = origin - pd.Timedelta(days=MOST_DAYS), origin + pd.Timedelta(hours=MOST_WEATHER_HOURS)
    for row in rows:
        if not first <= row.time < last:
            raise Problem(
                422,
                "hour-out-of-reach",
                f"hour {row.time.isoformat()} is not within {MOST_DAYS} days before and {MOST_WEATHER_HOURS} "
                f"hours after the origin {origin.isoformat()}",
                mend="leave the hour out, or give the as_of that the history belongs to",
            )
        if unknown := sorted(set(row.weather) - set(region.weather)):
            raise Problem(
                422,
                "unknown-weather",
                f"region {region.name} has no weather {unknown}; it has {list(region.weather)}",
                mend="leave it out, or use the region's own names",
            )


def _frame(rows: list[HistoryHour] | list[WeatherHour], region: Region) -> pd.DataFrame:
    """Index `time` (UTC); the region's weather, NaN where not given, and demand of a history."""

    def values(row: HistoryHour | WeatherHour) -> Mapping[str, float | None]:
        demand = {"demand": row.demand_mw} if isinstance(row, HistoryHour) else {}
        return {**demand, **row.weather}

    names = [*(["demand"] if isinstance(rows[0], HistoryHour) else []), *region.weather]
    index = pd.DatetimeIndex([row.time for row in rows], name="time")
    return pd.DataFrame(
        [values(row) for row in rows], index=index, columns=names, dtype="float64"
    ).sort_index()


def _overlaid(frame: pd.DataFrame, weather: list[WeatherHour], region: Region) -> pd.DataFrame:
    if not weather or not region.weather:
        return frame
    above = _frame(weather, region)
    whole = above.combine_first(frame)
    places = place_columns(list(whole.columns), region)
    for name in region.weather:  # places as they are stored do not go with a mean that is given
        whole.loc[above.index[above[name].notna()], places_of(name, places)] = float("nan")
    return whole
