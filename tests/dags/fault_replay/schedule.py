"""Which fault comes when: drawn at random, each on days of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.dags.fault_replay.faults import FAULTS, LEVEL_JUMP, WEATHER_HOLE, Fault, Where

DAYS = 60
HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)


@dataclass(frozen=True)
class Occurrence:
    fault: Fault
    first: pd.Timestamp
    hours: int
    begins: int
    """Number of the first day that is its own, from 0; it has `fault.days` of them."""

    @property
    def index(self) -> pd.DatetimeIndex:
        return pd.date_range(self.first, periods=self.hours, freq="h")


def draw(start: pd.Timestamp, seed: int) -> list[Occurrence]:
    """For DAYS days from `start`, a local midnight (UTC)."""
    random = np.random.default_rng(seed)
    order = [FAULTS[number] for number in random.permutation(len(FAULTS))]
    found, begins = [], 0
    for fault in [*order, LEVEL_JUMP]:
        hours = int(random.integers(fault.hours[0], fault.hours[1] + 1))
        found.append(Occurrence(fault, start + begins * DAY + _offset(fault, hours, random), hours, begins))
        begins += fault.days
    assert begins == DAYS
    hours = int(random.integers(WEATHER_HOLE.hours[0], WEATHER_HOLE.hours[1] + 1))
    hole = start - (hours + int(random.integers(1, 100))) * HOUR
    return [Occurrence(WEATHER_HOLE, hole, hours, 0), *found]


def _offset(fault: Fault, hours: int, random: np.random.Generator) -> pd.Timedelta:
    """From the beginning of its days to its own."""
    if fault.where is Where.METER:
        return int(random.integers(0, 24 * fault.days - hours)) * HOUR
    if fault.where is Where.DEMAND:
        return int(random.integers(0, 24)) * HOUR if fault is not LEVEL_JUMP else 0 * HOUR
    day = int(random.integers(0, fault.days)) * DAY
    return day + (24 - hours) * HOUR if fault.where is Where.AHEAD else day
