"""Sixty runs of daily_forecast, and what is found of them afterwards in PostgreSQL and in the alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import psycopg
from airflow.sdk import DAG

from benchmarks.year.dag_run import Ended, run_dag
from tests.dags.fault_replay.faults import LEVEL_JUMP, Where
from tests.dags.fault_replay.meter import Meter
from tests.dags.fault_replay.schedule import DAY, DAYS, Occurrence
from trainer.data.quality.level import ACCEPTED_AFTER_DAYS

WEIGHTS: Final = "lstm_model.safetensors"
HALF_AN_HOUR = pd.Timedelta(minutes=30)
NOT_RUN = frozenset({"retrain"})
"""Airflow's own start of another DAG."""
Alerts = list[dict[str, Any]]


@dataclass(frozen=True)
class Replayed:
    start: pd.Timestamp
    days: list[Ended]
    alerts: list[Alerts]
    """By day, as they arrived."""
    published: pd.DataFrame
    """predictions: origin, time, model_version, fallback, forecast_mw, lower_mw, upper_mw."""
    actual: pd.Series[float]
    """MW, as it was consumed."""

    def errors(self) -> np.ndarray:
        """(days,): MAPE in percent of each day's forecast."""
        forecast = self.published.set_index("time")["forecast_mw"]
        of_hour = 100 * (forecast / self.actual.reindex(forecast.index) - 1).abs()
        return np.asarray(of_hour.groupby((of_hour.index - self.start) // DAY).mean())

    def told(self, day: int) -> str:
        """What the manifests of its run say, fact by fact."""
        steps = [self.days[day].facts(step) for step in ("ingest", "snapshot", "forecast")]
        return "\n".join(f"{name} {value}" for facts in steps for name, value in facts.items())

    def marks(self, day: int) -> set[str]:
        of_day = self.published[self.published["origin"] == self.start + day * DAY]
        return set(of_day["fallback"])


def replay(
    dag: DAG,
    region: str,
    meter: Meter,
    start: pd.Timestamp,
    *,
    database: str,
    arrived: Alerts,
    environ_of: Callable[[int], Mapping[str, str]],
    models: Callable[[int], list[Path]],
) -> Replayed:
    """`arrived`: the alerts' inbox. `environ_of` a day: what its servers are. `models`: the folders of the
    versions that are damaged on that day."""
    ended: list[Ended] = []
    alerts: list[Alerts] = []
    for day in range(DAYS):
        origin, before = start + day * DAY, len(arrived)
        meter.write(origin)
        with damaged(models(day)):
            moment = (origin + HALF_AN_HOUR).to_pydatetime()
            ended.append(run_dag(dag, moment, environ=environ_of(day), without=NOT_RUN))
        alerts.append(arrived[before:])
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT origin, time, model_version, fallback, forecast_mw, lower_mw, upper_mw FROM predictions"
            " WHERE region = %s ORDER BY time",
            (region,),
        )
        names = [column.name for column in rows.description or ()]
        published = pd.DataFrame(rows.fetchall(), columns=names)
    for name in ("origin", "time"):
        published[name] = pd.to_datetime(published[name], utc=True)
    return Replayed(start, ended, alerts, published, meter.demand)


@contextmanager
def damaged(folders: list[Path]) -> Iterator[None]:
    """One byte of the weights of each is another."""
    whole = {folder / WEIGHTS: (folder / WEIGHTS).read_bytes() for folder in folders}
    for path, content in whole.items():
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    yield
    for path, content in whole.items():
        path.write_bytes(content)


def own_days(one: Occurrence, start: pd.Timestamp) -> list[int]:
    """Numbers of the days that the fault itself touches."""
    if one.fault.where is Where.MODELS:
        return [(one.first - start) // DAY]
    return sorted({int(day) for day in (one.index - start) // DAY if 0 <= day < DAYS})


def days_of(one: Occurrence, start: pd.Timestamp) -> list[int]:
    """Numbers of the days whose forecasts are made with it before their eyes: its own, and the next; of a
    hole in the weather of the past, the two weeks that look back on it."""
    if one.fault.where is Where.HISTORY:
        return list(range(one.fault.days))
    own = own_days(one, start)
    return own if one.fault.where is Where.MODELS else sorted({*own, min(own[-1] + 1, DAYS - 1)})


def sound_days(faults: list[Occurrence], start: pd.Timestamp) -> list[int]:
    """Days of which no hour is touched, and before which demand was at its old level for a week: lags of a
    week read the days on which it changed."""
    touched: set[int] = set()
    for one in faults:
        if one.fault.where is Where.DEMAND:
            own = own_days(one, start)
            touched |= set(range(own[0], own[-1] + 9))
        elif one.fault.where is not Where.HISTORY:
            touched |= set(own_days(one, start))
    return [day for day in range(DAYS) if day not in touched]


def until_accepted(one: Occurrence) -> int:
    """Number of the first day whose forecast knows that the level jump was true."""
    assert one.fault is LEVEL_JUMP
    return one.begins + ACCEPTED_AFTER_DAYS
